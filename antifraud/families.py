"""Pure: into how many families applicants fall, by their surnames. Union-find; no name-origin, no household data.

A surname that very many people have joins two people only together with a second shared surname, or a minor with the
adults of the same booking party or account: or a broker could hide behind the commonest name.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from antifraud.identities import Person


class Member(NamedTuple):
    """An applicant with what may tie it to others beside surnames: the booking party, and the account that booked."""

    person: Person
    party: Hashable


class _Sets:
    def __init__(self, size: int) -> None:
        self.parent = list(range(size))
        self.count = size

    def find(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)
            self.count -= 1


def families(members: Sequence[Member], is_common: Callable[[bytes], bool]) -> list[int]:
    """The family of each member, as the place of its first member. Members without a surname stand alone."""
    sets = _Sets(len(members))
    first: dict[Hashable, int] = {}
    for place, member in enumerate(members):
        for tie in _ties(member, is_common):
            sets.join(first.setdefault(tie, place), place)
    return [sets.find(place) for place in range(len(members))]


def _ties(member: Member, is_common: Callable[[bytes], bool]) -> Iterable[Hashable]:
    """Things that two members of one family share, each enough by itself."""
    person, surnames = member.person, member.person.surnames
    yield person.key
    for surname in surnames:
        if not is_common(surname):
            yield surname
    if len(surnames) > 1:
        yield frozenset(surnames)
    for surname in surnames:
        if is_common(surname):
            yield surname, member.party


def related(a: Person, b: Person, is_common: Callable[[bytes], bool]) -> bool:
    """Whether two people share a telling surname, or two of them."""
    shared = set(a.surnames) & set(b.surnames)
    return a.key == b.key or len(shared) > 1 or any(not is_common(surname) for surname in shared)
