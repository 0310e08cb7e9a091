"""Counts the shares of antifraud/matching/weights.toml again, from FEBRL set 1 and from invented families:

    .venv/bin/python bench/matching/fit.py > antifraud/matching/weights.toml

Set 1 alone teaches what it can show. It has one surname, no sex, no CURP and nobody's brother: those rows, and how
often relatives agree, come from the first half of the invented families (households.py). Sets 2 to 4 and the second
half are never opened here. Equal input gives an equal table.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from antifraud.matching.levels import Levels, compare  # noqa: E402
from antifraud.matching.records import prepare  # noqa: E402
from bench.matching import febrl  # noqa: E402
from bench.matching.households import Member, Registry, retyped  # noqa: E402

FAMILIES = 1_500
STRANGERS = 200_000
HEAD = """\
# How often two records agree so, among pairs in which both state the field:
#   level = [one person, strangers, relatives]
# Relatives are brothers and sisters under one roof; where the third share is absent, they agree as one person does.
#
# Counted by bench/matching/fit.py on FEBRL set 1 (500 pairs of one person, 499,000 of strangers), half a pair added to
# each count. What set 1 cannot show comes from {families:,} invented families ({same:,} pairs of one person,
# {strangers:,} of strangers, {relatives:,} of brothers and sisters): the whole column of relatives, and the rows
# marked "families". Rows marked "judgement" were set by hand. No other FEBRL set was used.
"""

Pairs = list[Levels]
# Levels by field: those that set 1 shows, then those that only families do.
FROM_FEBRL = {
    "order": ["straight", "swapped"],
    "given": ["same", "slip", "alike", "other"],
    "surname": ["same", "slip", "alike", "other"],
    "birth_date": ["same", "slip", "part", "other"],
    "sex": [],
    "document": ["same", "slip", "other"],
    "number": ["same", "slip", "other"],
    "street": ["same", "slip", "alike", "other"],
    "locality": ["same", "slip", "alike", "other"],
    "postal_code": ["same", "slip", "other"],
    "state": ["same", "other"],
}
FROM_FAMILIES = {
    "given": ["part"],
    "surname": ["both"],
    "birth_date": ["swapped"],
    "sex": ["same", "other"],
    "document": ["echo"],
}
TELLS_RELATIVES_APART = ("given", "birth_date", "sex", "document")
BY_JUDGEMENT = {
    # Nobody's name is exchanged by chance: strangers pay the full price of this explanation.
    ("order", "straight"): (None, 1.0, None),
    ("order", "swapped"): (None, 1.0, None),
    # A name changed on marriage, or a maternal surname that is another's.
    ("surname", "half"): (0.03, 0.05, None),
    # Numbers of relatives are as different as those of strangers, but for one typed for the whole family.
    ("document", "same"): (None, None, 0.0001),
    ("document", "slip"): (None, None, 0.0001),
    ("document", "other"): (None, None, 1.0),
    # A CURP that is not theirs, or an invented one.
    ("document", "another"): (0.001, 1.0, 1.0),
    # A slip in the last digit, or two of one family: both are rare, and neither is proof.
    ("document", "kin"): (0.005, 0.00001, 0.005),
}


def febrl_pairs() -> tuple[Pairs, Pairs]:
    records = febrl.read(1)
    truth = febrl.truth(records)
    people = [prepare(record) for record in records]
    same: Pairs = []
    strangers: Pairs = []
    for a, b in combinations(people, 2):
        (same if frozenset((a.record_id, b.record_id)) in truth else strangers).append(compare(a, b))
    return same, strangers


def family_pairs() -> tuple[Pairs, Pairs, Pairs]:
    registry, hand = Registry(half=0, seed=1), random.Random(2)
    families = [registry.family() for _ in range(FAMILIES)]
    members = [member for family in families for member in family]
    same = [_compare(member, member, hand) for member in members]
    relatives = [
        _compare(a, b, hand)
        for family in families
        for a, b in combinations([member for member in family if member.role == "child"], 2)
    ]
    drawn = (hand.sample(members, 2) for _ in range(STRANGERS))
    strangers = [_compare(a, b, hand) for a, b in drawn if a.family != b.family]
    return same, strangers, relatives


def _compare(a: Member, b: Member, hand: random.Random) -> Levels:
    return compare(prepare(a.record), prepare(retyped(b, hand)))


def shares(pairs: Pairs, field: str, levels: Iterable[str]) -> dict[str, float]:
    counts = Counter(getattr(pair, field) for pair in pairs)
    stated = len(pairs) - counts["missing"]
    return {level: (counts[level] + 0.5) / (stated + 0.5 * len(list(levels))) for level in levels}


def main() -> None:
    febrl_same, febrl_strangers = febrl_pairs()
    same, strangers, relatives = family_pairs()
    print(HEAD.format(families=FAMILIES, same=len(same), strangers=len(strangers), relatives=len(relatives)), end="")
    for field in Levels._fields:
        print(f"\n[{field}]")
        for levels, (one, two), mark in (
            (FROM_FEBRL[field], (febrl_same, febrl_strangers), ""),
            (FROM_FAMILIES.get(field, []), (same, strangers), "  # families"),
        ):
            columns = [shares(pairs, field, levels) for pairs in (one, two)]
            if field in TELLS_RELATIVES_APART:
                columns.append(shares(relatives, field, levels))
            for level in levels:
                _print_row(field, level, [column[level] for column in columns], mark)
        for (named, level), row in BY_JUDGEMENT.items():
            if named == field and level not in FROM_FEBRL[field]:
                _print_row(field, level, list(row), "")


def _print_row(field: str, level: str, row: list[float | None], mark: str) -> None:
    judged = BY_JUDGEMENT.get((field, level))
    if judged:
        row = [hand or counted for hand, counted in zip(judged, [*row, None], strict=False)]
        mark = "  # judgement"
    print(f"{level} = [{', '.join(f'{share:.2g}' for share in row if share)}]{mark}")


if __name__ == "__main__":
    main()
