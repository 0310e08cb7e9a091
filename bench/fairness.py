"""Is the detector right? Writes worlds, lets it read their events, and measures its flags against the truth. One run:

    .venv/bin/python -m bench.fairness [--seeds 1-20] [--hard] [--dialect A,B] [--metamorphic] [--command COMMAND]

For each seed it runs COMMAND, in which the words EVENTS and FLAGS stand for two files, on a world with brokers and on
one without. The detector never meets the truth, which stays in this process. What is measured and why these worlds
prove nothing about the real one stands in bench/simulator/README.md. Prints the table and appends it to bench/results/.
"""

import argparse
import os
import shlex
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from bench.simulator import BROKERS, SIZE, World, simulate
from bench.simulator import measuring as m
from bench.simulator import metamorphic as meta
from bench.simulator.__main__ import seeds
from bench.simulator.dialects import DIALECTS, told
from bench.simulator.files import usual_dialect, write_events
from bench.simulator.measuring import Count, Entries, Flags

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "python3 manage.py antifraud_replay EVENTS --output FLAGS"


@dataclass(frozen=True)
class Row:
    """One line of the table. ``bound`` is a share; ``lowest``: it is a floor, otherwise a ceiling; None: only told."""

    name: str
    count: Callable[[Entries, Flags], Count]
    bound: float | None = None
    lowest: bool = False
    per: int = 100

    def holds(self, share: float) -> bool:
        return self.bound is None or (share >= self.bound if self.lowest else share <= self.bound)


ROWS = (
    Row("broker-held, found", m.recall, 0.97, lowest=True),
    Row("  found before the seat was freed", partial(m.recall, freed=True), lowest=True),
    *(
        Row(f"  {kind} found", partial(m.recall, kind=kind), lowest=True)
        for kind in ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
    ),
    Row("broker actors with a case", m.actors, lowest=True),
    Row("cases per broker actor with one", m.cases_per_actor, per=1),
    Row("flagged within 60 min, of broker-held", m.soon, 0.88, lowest=True),
    Row("precision", m.precision, 0.985, lowest=True),
    Row("families with any flag", m.families, 0.001),
    Row("families of six or more", partial(m.families, at_least=6), 0.005),
    Row("helpers and drives", m.of_kinds(*m.HELPERS), 0.01),
    Row("  B8, who is no broker", m.of_kinds("B8")),
    Row("public terminals", m.of_kinds("terminal"), 0.03),
    Row("singles", m.of_kinds("single"), 0.0003),
    Row("explanations that sum to the score", m.explained, 1.0, lowest=True),
)
WITHOUT_BROKERS = (Row("cases in 10,000 bookings, no brokers", m.cases, 0.0002, per=10_000),)


@dataclass
class Results:
    """What every row counted in each world, in the order of the seeds."""

    counts: dict[str, list[Count]] = field(default_factory=dict)
    subgroups: dict[str, list[tuple[Count, Count]]] = field(default_factory=dict)
    alarms: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    differences: dict[str, list[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    appointments: int = 0

    def take(self, rows: Iterable[Row], entries: Entries, flags: Flags) -> None:
        for row in rows:
            self.counts.setdefault(row.name, []).append(row.count(entries, flags))
        for mark in m.SUBGROUPS:
            self.subgroups.setdefault(mark, []).append(m.subgroup(mark)(entries, flags))
        self.alarms += m.false_alarms(entries, flags)
        self.missed += m.missed(entries, flags)
        self.appointments += len(entries)


class Detector:
    """A command that reads EVENTS and writes FLAGS, both of them in a folder with nothing else in it."""

    def __init__(self, command: str, folder: Path) -> None:
        self.words = shlex.split(command)
        self.folder = folder
        self.seconds = 0.0

    def flags(self, events: list[dict]) -> Flags:
        """Raises CalledProcessError when the command fails, BadFlags when its output is not what it should be."""
        files = {"EVENTS": self.folder / "events.jsonl", "FLAGS": self.folder / "flags.jsonl"}
        write_events(events, files["EVENTS"])
        files["FLAGS"].unlink(missing_ok=True)
        began = time.monotonic()
        subprocess.run([str(files.get(word, word)) for word in self.words], cwd=ROOT, check=True)
        self.seconds = time.monotonic() - began
        return m.read_flags(files["FLAGS"], [event["appointment"] for event in events if event["kind"] == "book"])


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=seeds, default=list(range(1, 21)), help="one number, or FIRST-LAST")
    options.add_argument("--size", type=int, default=SIZE, help="appointments in a world, about")
    options.add_argument("--brokers", type=float, default=BROKERS, help="their share of the appointments, 0 to 1")
    options.add_argument("--hard", action="store_true", help="ranges unlike the guide's")
    options.add_argument("--dialect", default="", help="of " + ", ".join(DIALECTS))
    options.add_argument("--metamorphic", action="store_true", help="also compare flags of changed histories")
    options.add_argument("--only-brokers", action="store_true", help="leave the worlds without brokers out")
    options.add_argument("--command", default=COMMAND)
    options.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    chosen = options.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="mexitel-fairness-") as folder:
        results = run(chosen, Detector(chosen.command, Path(folder)))
    report = "\n".join([*heading(chosen, results, load), *table(results), *remarks(results)])
    print(report)
    chosen.results.mkdir(exist_ok=True)
    with (chosen.results / f"{datetime.now(UTC):%Y-%m-%d}-fairness.txt").open("a", encoding="utf-8") as file:
        file.write(report + "\n")


def run(chosen: argparse.Namespace, detector: Detector) -> Results:
    results = Results()
    for seed in chosen.seeds:
        dialects = [*usual_dialect(seed), *filter(None, chosen.dialect.split(","))]
        world = simulate(seed, hard=chosen.hard, brokers=chosen.brokers, size=chosen.size)
        events = told(world.events, dialects)
        flags = detector.flags(events)
        results.seconds.append(detector.seconds)
        results.take(ROWS, world.truth.appointments, flags)
        if chosen.metamorphic:
            for name, said in changed(events, flags, world, detector, chosen, dialects):
                results.differences.setdefault(name, []).append(said)
        if not chosen.only_brokers:
            empty = simulate(seed, hard=chosen.hard, brokers=0.0, size=chosen.size)
            quiet = detector.flags(told(empty.events, dialects))
            for row in WITHOUT_BROKERS:
                results.counts.setdefault(row.name, []).append(row.count(empty.truth.appointments, quiet))
    return results


def changed(
    events: list[dict], flags: Flags, world: World, detector: Detector, chosen: argparse.Namespace, dialects: list[str]
) -> Iterator[tuple[str, str]]:
    """Each change of a history and what it did to the flags of the appointments that were there before."""
    rng = Random(world.truth.appointments[0]["appointment"])
    yield "events of a second in another order", moved(flags, detector.flags(meta.permuted_within_seconds(events, rng)))
    other, names = meta.relabelled(events, rng)
    yield "every id another", moved(flags, detector.flags(other), names)
    yield "a week later", moved(flags, detector.flags(meta.shifted(events)))
    crowd = simulate(chosen.seeds[0] + 1000, hard=chosen.hard, brokers=0.0, size=chosen.size)
    doubled = meta.with_strangers(events, told(crowd.events, dialects))
    yield "twice the honest traffic", moved(flags, detector.flags(doubled))
    line = meta.broker_line(events, world.truth.appointments, rng)
    beside, mothers = meta.with_family(events, line, rng)
    after = detector.flags(beside)
    hit = sum(after[name].at is not None for name in mothers)
    yield "a mother of five on a broker's line", f"{moved(flags, after)}, {hit} of hers flagged"


def moved(before: Flags, after: Flags, names: dict[str, str] | None = None) -> str:
    found = meta.difference(before, after, names)
    return f"-{found.lost} +{found.gained}"


def heading(chosen: argparse.Namespace, results: Results, load: float) -> list[str]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    worlds = f"seeds {chosen.seeds[0]}-{chosen.seeds[-1]}, {'hard' if chosen.hard else 'guide'} ranges"
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip()}, {os.cpu_count()} processors shared "
        f"with other work, load {load:.1f} before and {os.getloadavg()[0]:.1f} after",
        f"{worlds}, brokers {chosen.brokers:.0%}, dialect {chosen.dialect or 'as seeded'}: {results.appointments:,} "
        f"appointments; {chosen.command}: {sum(results.seconds) / len(results.seconds):.1f} s a world",
    ]


def table(results: Results) -> Iterator[str]:
    yield f"{'measure':40}{'bound':>9}{'mean':>9}{'worst':>9}  {'95 %':17}{'count':>15}"
    for row in (*ROWS, *WITHOUT_BROKERS):
        counts = results.counts.get(row.name, [])
        shares = [count.share for count in counts if count.share is not None]
        if shares:
            yield line(row, counts, shares)
    for mark, name in m.SUBGROUPS.items():
        one, other = (m.added(pair[side] for pair in results.subgroups[mark]) for side in (0, 1))
        found = m.ratio(one, other)
        said = f"too few false flags ({one.part + other.part}) to tell" if found is None else f"{found:.2f}"
        sides = f"{one.part}/{one.whole:,} and {other.part}/{other.whole:,}"
        yield f"error ratio, {name:27}{'<= 1.5':>9}  {said}  ({sides})"
    yield "honest appointments cancelled without a human act: 0 by construction, for a replay cancels nothing"


def line(row: Row, counts: list[Count], shares: list[float]) -> str:
    mean, worst = sum(shares) / len(shares), (min if row.lowest else max)(shares)
    between, pooled = m.interval(counts), m.added(counts)
    bound = "" if row.bound is None else f"{'>=' if row.lowest else '<='} {row.bound * row.per:g}"
    spread = "" if between is None else f"{between[0] * row.per:.2f} to {between[1] * row.per:.2f}"
    verdict = "" if row.bound is None else "  holds" if row.holds(mean) else "  FAILS"
    told_count = f"{pooled.part:,}/{pooled.whole:,}"
    return f"{row.name:40}{bound:>9}{mean * row.per:9.2f}{worst * row.per:9.2f}  {spread:17}{told_count:>15}{verdict}"


def remarks(results: Results) -> Iterator[str]:
    for name, said in results.differences.items():
        yield f"changed history, {name}: flags lost and gained in each world {', '.join(said)}"
    for (kind, why), times in sorted(results.missed.items()):
        yield f"missed: {times} of {kind}, {why}"
    for (kind, *codes), times in results.alarms.most_common(12):
        yield f"false alarm: {times} of {kind}, {' '.join(codes) or 'no reason for it'}"


if __name__ == "__main__":
    main()
