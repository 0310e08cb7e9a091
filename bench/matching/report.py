"""How well and how fast records are matched. One run prints every table, about a minute:

    .venv/bin/python bench/matching/report.py

FEBRL sets 2 to 4 and the second half of the invented names are only reported on here, never learned from. Sets with a
column left out show what a missing document or address costs. Time is the processor's for one pair, once prepared, and
beside it how many rounds of a fixed loop of plain Python fit into it: only that ratio can be compared between machines.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from antifraud.matching import verdict  # noqa: E402
from antifraud.matching.blocking import candidate_pairs  # noqa: E402
from antifraud.matching.linkage import match_records  # noqa: E402
from antifraud.matching.records import Record, prepare  # noqa: E402
from antifraud.matching.verdict import judge  # noqa: E402
from antifraud.matching.weights import Bits  # noqa: E402
from bench.matching import febrl  # noqa: E402
from bench.matching.households import Member, Registry, retyped, typo  # noqa: E402

ADDRESS = dict.fromkeys(["street_number", "street", "locality", "postal_code", "state"], "")
NO_DOCUMENT = {"document_id": ""}
TYPED_FIELDS = ["given_names", "surname_1", "surname_2", "birth_date", "document_id", "street"]
FAMILIES = 3_000


def scores(found: set[frozenset[str]], truth: set[frozenset[str]]) -> str:
    right = len(found & truth)
    precision, recall = right / (len(found) or 1), right / len(truth)
    return f"{precision:.4f}    {recall:.4f}    {2 * precision * recall / ((precision + recall) or 1):.4f}"


def report_febrl() -> None:
    print("FEBRL                         same or possible                 same")
    print("set  fields                   precision recall    F1           precision recall    F1")
    for fields, blank in (
        ("all", {}),
        ("no document", NO_DOCUMENT),
        ("names and date", NO_DOCUMENT | ADDRESS),
    ):
        for number in (2, 3, 4):
            records = [record._replace(**blank) for record in febrl.read(number)]
            matches = match_records(records)
            truth = febrl.truth(records)
            both, same = (
                {frozenset(match[:2]) for match in matches if match.kind in kinds}
                for kinds in ({"same", "possible"}, {"same"})
            )
            print(f"{number}    {fields:24} {scores(both, truth)}       {scores(same, truth)}")


def report_families() -> None:
    print("\nInvented families, share of pairs called same / possible (pairs)")
    for name, blank in (("all fields", {}), ("no document", NO_DOCUMENT), ("no address", ADDRESS)):
        for who, pairs in (("twins", twins()), ("siblings", siblings()), ("one person", one_person())):
            counts = Counter(_judge(a, b, blank) for a, b in pairs)
            share = {kind: 100 * counts[kind] / counts.total() for kind in ("same", "possible")}
            print(f"{name:12} {who:12} {share['same']:7.2f} % / {share['possible']:6.2f} %   ({counts.total():,})")


def _judge(a: Record, b: Record, blank: dict[str, str]) -> str:
    return judge(prepare(a._replace(**blank)), prepare(b._replace(**blank))).kind


def twins() -> Iterable[tuple[Record, Record]]:
    """Each pair once as written in the registry and once as retyped by another hand."""
    registry, hand = Registry(half=1, seed=3, twins=1.0), random.Random(4)
    for _ in range(FAMILIES // 3):
        for a, b in _of_one_roof(registry, lambda a, b: a.record.birth_date == b.record.birth_date):
            yield from ((a.record, b.record), (retyped(a, hand), retyped(b, hand)))


def siblings() -> Iterable[tuple[Record, Record]]:
    registry, hand = Registry(half=1, seed=5, twins=0.0), random.Random(6)
    for _ in range(FAMILIES):
        for a, b in _of_one_roof(registry, lambda a, b: True):
            yield from ((a.record, b.record), (retyped(a, hand), retyped(b, hand)))


def _of_one_roof(registry: Registry, wanted: Callable[[Member, Member], bool]) -> list[tuple[Member, Member]]:
    children = [member for member in registry.family() if member.role == "child"]
    return [(a, b) for a, b in combinations(children, 2) if wanted(a, b)]


def one_person() -> Iterable[tuple[Record, Record]]:
    registry, hand = Registry(half=1, seed=7), random.Random(8)
    for member in (member for _ in range(FAMILIES) for member in registry.family()):
        yield member.record, retyped(member, hand)


def report_without() -> None:
    """Controls: what twins and siblings become when a guard is taken away."""
    vetoes, weigh = dict(verdict.VETOES), verdict.weigh
    print("\nThe same without a guard, no document: same / possible")
    for name in ("given-name veto", "weights of relatives"):
        if name == "given-name veto":
            del verdict.VETOES["given_name"]
        else:
            verdict.weigh = lambda levels: Bits(weigh(levels).strangers, weigh(levels).strangers)
        for who, pairs in (("twins", twins()), ("siblings", siblings())):
            counts = Counter(_judge(a, b, NO_DOCUMENT) for a, b in pairs)
            share = {kind: 100 * counts[kind] / counts.total() for kind in ("same", "possible")}
            print(f"without {name:22} {who:10} {share['same']:7.2f} % / {share['possible']:6.2f} %")
        verdict.VETOES.update(vetoes)
        verdict.weigh = weigh


def report_typos() -> None:
    registry, hand = Registry(half=1, seed=9), random.Random(10)
    people = [member.record for _ in range(1_000) for member in registry.family()]
    records = list(people)
    for record in people:
        field = hand.choice(TYPED_FIELDS)
        wrong = {field: typo(getattr(record, field), hand), "record_id": f"{record.record_id}-again"}
        records.append(record._replace(**wrong))
    found = {match[:2]: match.kind for match in match_records(records)}
    kinds = Counter(found.get((one.record_id, f"{one.record_id}-again"), "different") for one in people)
    others = Counter(kind for (a, b), kind in found.items() if b != f"{a}-again")
    print(
        f"\nOne letter wrong: {dict(kinds)} of {len(people):,}; two people of {len(records):,} records: {dict(others)}"
    )


def report_speed() -> None:
    people = [prepare(record) for record in febrl.read(3)]
    hand = random.Random(11)
    pairs = [*candidate_pairs(people), *(tuple(hand.sample(people, 2)) for _ in range(10_000))]
    print("\nSpeed, best of 7 rounds, FEBRL set 3: candidates and as many strangers")
    step = min(_seconds(_count_to, 1_000_000) for _ in range(7)) / 1_000_000
    pair = min(_seconds(_judge_all, pairs) for _ in range(7)) / len(pairs)
    print(f"{pair * 1e6:.1f} microseconds a pair = {pair / step:,.0f} steps of the counting loop ({step * 1e9:.0f} ns)")


def _seconds(work: Callable, argument: object) -> float:
    started = time.process_time()
    work(argument)
    return time.process_time() - started


def _count_to(most: int) -> None:
    number = 0
    while number < most:
        number += 1


def _judge_all(pairs: list) -> None:
    for a, b in pairs:
        judge(a, b)


if __name__ == "__main__":
    report_febrl()
    report_families()
    report_without()
    report_typos()
    report_speed()
