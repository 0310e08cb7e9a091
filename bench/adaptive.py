"""How do brokers fare who adapt? A run against the portal's own services, beside the replay of bench/fairness.py:

    .venv/bin/python bench/adaptive.py [--seeds 1-3] [--size 350] [--results FOLDER]

Each seed is played twice on throw-away databases: with nothing but the lock of five for each account (a mailbox's
spellings and phones uncounted, freed seats back at once, no steps, no engine, no reviewers), and with everything on.
The crowd is the same; brokers act on what they are told. How they adapt, and what the figures do not prove, stands in
bench/simulator/README.md. Prints the table; with --results appends it to a dated file. Loopback only.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.claim import servers  # noqa: E402
from bench.simulator.__main__ import seeds  # noqa: E402
from mexitel.embedded.postgres import Postgres  # noqa: E402
from mexitel.embedded.roles import execute  # noqa: E402

if TYPE_CHECKING:
    from bench.adapting.figures import Figures

Pair = tuple["Figures", "Figures"]  # the lock alone, everything on
TARGET = {"development": -0.80, "unseen": -0.65}
LOOSE = ["ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()"]


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=seeds, default=[1, 2, 3], help="one number, or FIRST-LAST")
    options.add_argument("--size", type=int, default=350, help="seats, about")
    options.add_argument("--results", type=Path, nargs="?", const=ROOT / "bench" / "results")
    chosen = options.parse_args(arguments)
    load, began = os.getloadavg()[0], time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    try:
        with servers(folder) as database:
            pairs = run(database, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    spent = time.monotonic() - began
    report = f"{heading(chosen, load, spent)}\n" + "\n".join(table(pairs))
    print(report)
    if chosen.results:
        chosen.results.mkdir(exist_ok=True)
        with (chosen.results / f"{datetime.now(UTC):%Y-%m-%d}-adaptive.txt").open("a", encoding="utf-8") as file:
            file.write(report + "\n")


def run(database: Postgres, chosen: argparse.Namespace) -> list[Pair]:
    execute(database, LOOSE, "postgres")
    execute(database, ["ALTER DATABASE mexitel RENAME TO mexitel_template"], "postgres")
    os.environ["MEXITEL_TEST_SUPERUSER_URL"] = database.url("postgres")
    import django

    django.setup()
    return [pair(seed, size=chosen.size) for seed in chosen.seeds]


def pair(seed: int, *, size: int) -> Pair:
    """Both arms of a seed, each on a database of its own that is dropped."""
    from bench.adapting.playing import play
    from tests.plugins.databases import clone_of_template, serving_from

    arms = []
    for guarded in (False, True):
        with clone_of_template(f"adaptive_{os.getpid()}_{seed}_{guarded:d}") as name, serving_from(name):
            arms.append(play(seed, size=size, guarded=guarded))
    return arms[0], arms[1]


def heading(chosen: argparse.Namespace, load: float, spent: float) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, load {load:.1f}, "
        f"{spent / len(chosen.seeds):.0f} s a seed\n"
        f"brokers who adapt, seeds {', '.join(map(str, chosen.seeds))}, {chosen.size} seats about"
    )


def table(pairs: list[Pair]) -> list[str]:
    """Every row for the lock alone and for everything on, mean over the seeds; then each seed's reduction."""
    from bench.adapting.brokers import STYLES

    kinds = [style.kind for style in STYLES]
    lines = [f"{'':46}{'lock only':>11}{'all on':>11}{'change':>9}"]
    add = lambda *row: lines.append(_row(pairs, *row))  # noqa: E731
    add("broker share of slot-hours", lambda one: one.share(one.hours), True)
    for kind in kinds:
        add(f"  {kind}", lambda one, kind=kind: one.share(one.hours, kind), True)
    add("broker share of seats at their start", lambda one: one.share(one.kept), True)
    for kind in kinds:
        add(f"  {kind}", lambda one, kind=kind: one.share(one.kept, kind), True)
    add("seats", lambda one: one.seats)
    add("broker bookings", lambda one: one.of_brokers(one.booked))
    add("  ever in a case", lambda one: one.of_brokers(one.in_cases))
    add("  cancelled by reviewers", lambda one: one.of_brokers(one.cancelled))
    add("  asked about", lambda one: one.of_brokers(one.asked))
    add("honest bookings", lambda one: one.of_honest(one.booked))
    add("  ever in a case", lambda one: one.of_honest(one.in_cases))
    add("  cancelled by reviewers", lambda one: one.of_honest(one.cancelled))
    add("  asked about", lambda one: one.of_honest(one.asked))
    add("  at their start", lambda one: one.of_honest(one.kept))
    add("families", lambda one: one.families)
    add("  asked about", lambda one: one.families_asked)
    add("  cancelled", lambda one: one.families_cancelled)
    add("cases", lambda one: one.cases)
    add("  without any broker", lambda one: one.cases_without_broker)
    add("blocks in force at some time", lambda one: one.blocks)
    add("  honest accounts under one", lambda one: one.honest_blocked)
    add("seats sold", lambda one: one.of_brokers(one.sold))
    for kind in kinds:
        add(f"  {kind}", lambda one, kind=kind: one.sold[kind])
    add("broker seats at their start for nobody", lambda one: one.of_brokers(one.kept) - one.of_brokers(one.sold))
    add("US$ spent for a seat sold", lambda one: _cost(one, kinds))
    for kind in kinds:
        add(f"  {kind}", lambda one, kind=kind: _cost(one, [kind]))
    return [*lines, *reductions(pairs), *said(pairs)]


def _row(pairs: list[Pair], name: str, value: Callable[["Figures"], float | None], is_share: bool = False) -> str:
    cells, means = [], []
    for arm in (0, 1):
        values = [got for pair in pairs if (got := value(pair[arm])) is not None]
        means.append(statistics.mean(values) if values else None)
        mean = means[-1]
        cells.append(f"{'-':>11}" if mean is None else f"{mean:>11.1%}" if is_share else f"{mean:>11.1f}")
    change = f"{means[1] / means[0] - 1:>9.0%}" if is_share and means[0] and means[1] is not None else ""
    return f"{name:46}{''.join(cells)}{change}"


def _cost(one: "Figures", kinds: list[str]) -> float | None:
    sold = sum(one.sold[kind] for kind in kinds)
    return sum(one.spent[kind] for kind in kinds) / sold if sold else None


def reductions(pairs: list[Pair]) -> list[str]:
    """Of the share of slot-hours, for each seed and over all, against the targets."""
    each = [on.share(on.hours) / lock.share(lock.hours) - 1 for lock, on in pairs]
    mean = statistics.mean(each)
    told = ", ".join(f"{one:.0%}" for one in each)
    held = ", ".join(f"{name} {bound:.0%} {'holds' if mean <= bound else 'FAILS'}" for name, bound in TARGET.items())
    return [f"broker share of slot-hours against the lock alone, each seed: {told}; mean {mean:.0%} ({held})"]


def said(pairs: list[Pair]) -> list[str]:
    """What brokers did, and what everybody was told, with everything on; sums over the seeds."""
    lines = ["what brokers did with everything on, all seeds:"]
    adapted: dict[str, Counter[str]] = {}
    told: Counter[str] = Counter()
    for _, on in pairs:
        told += on.told
        for kind, counted in on.adapted.items():
            adapted.setdefault(kind, Counter()).update(counted)
    for kind, counted in adapted.items():
        lines.append(f"  {kind}: " + ", ".join(f"{what} {times}" for what, times in counted.most_common()))
    lines.append("told, all seeds: " + ", ".join(f"{what} {times}" for what, times in told.most_common()))
    return lines


if __name__ == "__main__":
    main()
