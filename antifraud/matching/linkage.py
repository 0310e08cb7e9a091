"""Many records -> the pairs of them that are, or may be, one person.

Two noisy copies can each be the same person as a third record and yet not show it between them. What a pair cannot
show, the file can, in two ways:

- A *bridge*: a record that is the same person as both. Over it the pair is at least ``possible``, and ``same`` unless
  the two by themselves are brothers, so that no chain makes one person of a family.
- A *quorum*: a record without a given name or birth date is the one person whom two other records agree about, if it
  could be nobody else in the file. One full record is not enough: the blank one may be the twin.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from antifraud.matching.blocking import candidate_pairs
from antifraud.matching.records import Person, Record, prepare
from antifraud.matching.verdict import DIFFERENT, POSSIBLE, SAME, Verdict, judge

Pair = tuple[str, str]
QUORUM = 2


class Match(NamedTuple):
    """``record_id_a`` < ``record_id_b``. ``score``: bits between these two alone; below 0 only a bridge joins them."""

    record_id_a: str
    record_id_b: str
    kind: str
    score: float


def match_records(records: Iterable[Record]) -> list[Match]:
    """Every ``same`` and ``possible`` pair once, ordered by ids, whatever the order of the records.

    Record ids must be unique.
    """
    linkage = Linkage(sorted(map(prepare, records)))
    linkage.settle()
    return linkage.matches()


class Linkage:
    """The records of one file, with what is known of their pairs; ``settle`` raises pairs until nothing rises."""

    def __init__(self, people: list[Person]) -> None:
        self.people = {person.record_id: person for person in people}
        self.verdicts: dict[Pair, Verdict] = {}
        self.same: defaultdict[str, set[str]] = defaultdict(set)
        self.possible: defaultdict[str, set[str]] = defaultdict(set)
        for a, b in candidate_pairs(people):
            verdict = judge(a, b)
            if verdict.kind != DIFFERENT:  # most candidates are, and there can be millions
                self.verdicts[a.record_id, b.record_id] = verdict
                self._join((a.record_id, b.record_id), self.same if verdict.kind == SAME else self.possible)

    def settle(self) -> None:
        while risen := {*self._over_bridges(), *self._by_quorum()}:
            for pair in risen:
                self._join(pair, self.same)

    def matches(self) -> list[Match]:
        kinds = {pair: POSSIBLE for pair in self._pairs(self.possible)} | {
            pair: SAME for pair in self._pairs(self.same)
        }
        return [Match(*pair, kind, self._verdict(pair).score) for pair, kind in sorted(kinds.items())]

    def _over_bridges(self) -> Iterator[Pair]:
        for ends in list(self.same.values()):
            for a, b in combinations(sorted(ends), 2):
                if b not in self.same[a]:
                    self._join((a, b), self.possible)
                    if not are_brothers(self._verdict((a, b))):
                        yield a, b

    def _by_quorum(self) -> Iterator[Pair]:
        for blank in sorted(self.possible):
            others = self.possible[blank] | self.same[blank]
            if len(others) >= QUORUM and all(b in self.same[a] for a, b in combinations(sorted(others), 2)):
                pairs = [(min(blank, other), max(blank, other)) for other in others - self.same[blank]]
                yield from (pair for pair in pairs if leaves_it_open(self._verdict(pair)))

    def _verdict(self, pair: Pair) -> Verdict:
        if pair not in self.verdicts:
            self.verdicts[pair] = judge(self.people[pair[0]], self.people[pair[1]])
        return self.verdicts[pair]

    @staticmethod
    def _join(pair: Pair, neighbours: defaultdict[str, set[str]]) -> None:
        neighbours[pair[0]].add(pair[1])
        neighbours[pair[1]].add(pair[0])

    @staticmethod
    def _pairs(neighbours: dict[str, set[str]]) -> Iterator[Pair]:
        return ((a, b) for a, others in neighbours.items() for b in others if a < b)


def are_brothers(verdict: Verdict) -> bool:
    """By themselves: whoever differs in given name or birth date alone is only a bad copy."""
    apart = verdict.levels.given == "other" and verdict.levels.birth_date in ("part", "other")
    return verdict.kind == DIFFERENT and apart


def leaves_it_open(verdict: Verdict) -> bool:
    """Whether what speaks against certainty is a missing given name or date, and not another one."""
    levels = verdict.levels
    return (
        "missing" in (levels.given, levels.birth_date)
        and levels.given != "other"
        and levels.birth_date not in ("part", "other")
        and levels.document not in ("kin", "another")
    )
