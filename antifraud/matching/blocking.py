"""Which pairs are worth the comparison: records that share at least one key, each made of two facts or more.

Keys are plain texts, so that SQL can keep them in an indexed table of (key, person) and find candidates by equality.
Each survives other mistakes: exchanged names, a wrong date, a moved family, a document one letter off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from antifraud.matching.records import Person

# A key that more records share says too little to pay for all their pairs; others join those of one person.
LARGEST_BLOCK = 200


def blocking_keys(person: Person) -> set[str]:
    return {"|".join(facts) for facts in _facts(person) if all(facts)}


def _facts(person: Person) -> Iterator[tuple[str, ...]]:
    """Beginnings stand for whole words where a slip further on should not matter."""
    date, year, day = person.birth_date, person.birth_date[:4], person.birth_date[4:]
    number, street, postal_code = person.number, person.street[:4], person.postal_code
    locality = person.locality[:4]
    half = len(person.document) // 2
    left, right = person.document[:half], person.document[half:]
    tokens = sorted({*person.given_tokens, *person.surname_tokens})
    yield "document", person.document
    for token in tokens:
        yield "left", left, token[0]
        yield "right", right, token[0]
        yield "date", date, token[0]
        yield "name-year", token, year, postal_code
        yield "name-street", token, street, locality
        yield "name-number", token, number, street
        yield "name-door", token, number, postal_code
        yield "name-town", token, number, locality
    for one, other in combinations(tokens, 2):
        yield "names-year", one, other, year
        yield "names-day", one, other, day
        yield "names-place", one, other, postal_code
        yield "names-town", one, other, locality
        yield "names-number", one, other, number
    yield "day-month", year, *sorted((day[:2], day[2:])), person.given[:1], person.surname[:1]
    yield "date-place", date, postal_code
    yield "date-street", date, street
    yield "home", number, person.street
    yield "home-place", number, street, locality
    yield "home-code", number, street, postal_code


def candidate_pairs(people: Sequence[Person], *, largest_block: int = LARGEST_BLOCK) -> Iterator[tuple[Person, Person]]:
    """Each unordered pair that shares a key once, in the order of ``people``."""
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for place, person in enumerate(people):
        for key in blocking_keys(person):
            blocks[key].append(place)
    for a, b in sorted(_pairs(blocks.values(), largest_block)):
        yield people[a], people[b]


def _pairs(blocks: Iterable[list[int]], largest: int) -> set[tuple[int, int]]:
    return {pair for block in blocks if len(block) <= largest for pair in combinations(block, 2)}
