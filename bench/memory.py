"""What the engine's memory costs: made again from nothing, and taking an event beside ten thousand and five million.

    .venv/bin/python -m bench.memory [--worlds 20] [--size 50000] [--rows 5000000] [--part rebuild|events|both]

A private PostgreSQL that is thrown away. *Rebuild*: worlds of the simulator with ids of their own, merged by time and
streamed from files, through ``antifraud.live.rebuild`` in a process of its own, whose memory and processor time are
measured. *Events*: two databases on one server, one with ten thousand appointments in the tables and one with
``--rows``, made with generate_series; the same batches of ordinary events of bookers that are already known go through
both in turn, because a machine's speed changes from minute to minute: only the ratio means something.
"""

import argparse
import heapq
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bench.claim import ROOT, servers

SMALL = 10_000
BATCH = 200
OWN = (
    "account",
    "device",
    "hold",
    "appointment",
    "group",
    "slot",
    "seat",
    "agent",
)  # ids that each world has for itself
BOOKERS_IN_THREE = 2  # of three appointments


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--worlds", type=int, default=20)
    options.add_argument("--size", type=int, default=50_000, help="appointments in each, about")
    options.add_argument("--folder", type=Path, help="where worlds are kept for another run")
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--batches", type=int, default=30)
    options.add_argument("--part", choices=["rebuild", "events", "both", "child"], default="both")
    chosen = options.parse_args()
    if chosen.part == "child":
        print(json.dumps(rebuild_here(chosen.folder)))
        return
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    load = os.getloadavg()[0]
    lines = []
    try:
        with servers(folder) as database:
            if chosen.part in ("rebuild", "both"):
                worlds = chosen.folder or folder / "worlds"
                write_worlds(worlds, chosen.worlds, chosen.size)
                lines += rebuild_report(worlds)
            if chosen.part in ("events", "both"):
                lines += events_report(database, chosen.rows, chosen.batches)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report = "\n".join([heading(load), *lines])
    print(report)
    with (ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-memory.txt").open("a") as file:
        file.write(report + "\n")


def heading(load: float) -> str:
    words = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}, {os.cpu_count()} processors shared with other work, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    )


# From nothing ----------------------------------------------------------------------------------------------------


def write_worlds(folder: Path, worlds: int, size: int) -> None:
    """A file of events for each seed that has none yet."""
    for seed in range(1, worlds + 1):
        if not (folder / f"seed-{seed}" / "events.jsonl").exists():
            words = ["--seeds", str(seed), "--size", str(size), "--output", str(folder)]
            subprocess.run([sys.executable, "-m", "bench.simulator", *words], cwd=ROOT, check=True, stdout=sys.stderr)


def all_events(folder: Path) -> Iterator[dict]:
    """The worlds' events by time, each world's ids, mailboxes, phones and lines its own."""
    files = sorted(folder.glob("seed-*/events.jsonl"))
    yield from heapq.merge(*(own_events(path) for path in files), key=lambda event: event["t"])


def own_events(path: Path) -> Iterator[dict]:
    name = path.parent.name.removeprefix("seed-")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            for key in OWN:
                if event.get(key):
                    event[key] = f"{name}.{event[key]}"
            if event.get("devices"):
                event["devices"] = [f"{name}.{device}" for device in event["devices"]]
            if event.get("email"):
                event["email"] = event["email"].replace("@", f"{name}@", 1)
            if event.get("phone"):
                event["phone"] = own_phone(event["phone"], int(name))
            if event.get("prefix") and event.get("asn_kind") != "mobile":  # carriers' networks are everybody's
                event["prefix"] = f"{name}.{event['prefix']}"
            yield event


def own_phone(phone: str, world: int) -> str:
    """The invented exchange 555 has numbers for one world: in another, strangers would share them."""
    digits = 5 if phone.startswith("+52") else 4
    return re.sub(rf"555(?=\D?\d{{{digits}}}$)", str(200 + world), phone)


def rebuild_here(folder: Path) -> dict[str, float]:
    """In this process: the seconds of reading alone, of all, the most memory, and what came out."""
    import django

    django.setup()
    from antifraud.events import parse_event
    from antifraud.live.cases import Recorder
    from antifraud.live.rebuild import rebuild

    reading = 0.0
    count = 0

    def events() -> Iterator:
        nonlocal reading, count
        source = all_events(folder)
        while True:
            began = time.process_time()
            event = next(source, None)
            reading += time.process_time() - began
            if event is None:
                return
            count += 1
            yield parse_event(event)

    began, used = time.monotonic(), time.process_time()
    done = rebuild(events(), now=datetime.now(UTC), cases=Recorder())
    return {
        **done._asdict(),
        "events": count,
        "wall": time.monotonic() - began,
        "processor": time.process_time() - used,
        "reading": reading,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def rebuild_report(folder: Path) -> Iterator[str]:
    words = [sys.executable, "-m", "bench.memory", "--part", "child", "--folder", str(folder)]
    output = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(output.splitlines()[-1])
    million = found["appointments"] / 1e6
    yield (
        f"from nothing: {found['appointments']:,} appointments, {found['events']:,} events, {found['accounts']:,} "
        f"bookers, {found['groups']:,} groups, {found['cases']:,} cases, rows written"
    )
    yield (
        f"  {found['wall']:.0f} s by the wall clock, {found['processor']:.0f} s of one processor, of which "
        f"{found['reading']:.0f} s went into reading the simulator's files; {found['megabytes']:.0f} MB at most"
    )
    yield (
        f"  for a million: {(found['processor'] - found['reading']) / million / 60:.1f} min of one processor "
        f"(bound 10), {found['megabytes'] / million:.0f} MB (bound 2,048)"
    )


# One more event --------------------------------------------------------------------------------------------------

# Rows of bookers who book once or twice, with keys like hashes: neighbours in time are strangers in the index.
SEED = """
INSERT INTO antifraud_booker (id, created_at, mailbox, mail_domain, mail_shape, disposable, phones, stated, agent,
    devices, prefixes, vouched_until, expired, polls, transfers, spins, unlinked, place, seen_at)
SELECT n::text, 1772400000000 + n, k.key, '', 'shape', false, ARRAY[k.key], '{}', '', ARRAY[encode(k.key, 'hex')],
    ARRAY['203.0.113.0/24'], 0, '{}', '{}', '[]', '[]', '{}', 0, '2026-03-02Z'
FROM generate_series(1, :bookers) n, LATERAL (SELECT decode(left(md5(n::text), 16), 'hex') AS key) k;
INSERT INTO antifraud_bookedseat (person, surnames, common, tokens, birth, traits, id, number, account, party, slot,
    seat, office, starts_at, booked_at, lag, fill_s, origin, channel, agent, asn_kind, state, changed, flag_case,
    seen_at)
SELECT k.key, k.key || k.key, '', k.key, k.key, 0, 'seeded-' || n, n, (1 + n % :bookers)::text, '', 's' || n / 20, '1',
    'o' || n % 51, 1775000000000 + n, 1772400000000 + n, 60000, 90, 'public', 'web', '', 'mobile', 'booked', 0, '',
    '2026-03-02Z'
FROM generate_series(1, :rows) n, LATERAL (SELECT decode(left(md5('p' || n), 16), 'hex') AS key) k;
INSERT INTO antifraud_identifier (kind, key, uses, latest, seen_at)
SELECT kind, decode(left(md5(n::text), 16), 'hex'), 1, ARRAY[n::text], '2026-03-02Z'
FROM generate_series(1, :bookers) n, unnest(ARRAY['email', 'phone']) kind;
INSERT INTO antifraud_identifier (kind, key, uses, latest, seen_at)
SELECT 'device', left(md5(n::text), 16)::bytea, 1, ARRAY[n::text], '2026-03-02Z' FROM generate_series(1, :bookers) n;
INSERT INTO antifraud_identifier (kind, key, uses, latest, seen_at)
SELECT 'person', decode(left(md5('p' || n), 16), 'hex'), 1, ARRAY[(1 + n % :bookers)::text], '2026-03-02Z'
FROM generate_series(1, :rows) n;
INSERT INTO antifraud_link (a, b, kind, weight, evidence, first_seen, last_seen, expires_at, place)
SELECT least(n::text, (n + 1)::text), greatest(n::text, (n + 1)::text), 'stated', 3, 1, '2026-03-02Z', '2026-03-02Z',
    '2026-08-29Z'::timestamptz + n * interval '1 second', n
FROM generate_series(1, :bookers, 10) n;
INSERT INTO antifraud_tally (name, hits, trials) VALUES ('last booking', 0, :rows), ('last pair', 0, :bookers),
    ('people', 0, 2 * :rows), ('known email', 0, :bookers), ('share fast', 500, 9000), ('share snipe', 500, 9000);
INSERT INTO antifraud_surnamecount (surname, people)
SELECT decode(left(md5('s' || n), 16), 'hex'), 1 + :rows / n FROM generate_series(1, least(:rows, 50000)) n;
VACUUM ANALYZE
"""
BIG = ("booker", "bookedseat", "identifier", "link")


def events_report(database, rows: int, batches: int) -> Iterator[str]:
    import django

    django.setup()
    from django.db import connection

    names = {}
    for size in (SMALL, rows):
        bookers = size * BOOKERS_IN_THREE // 3
        name = f"memory_{size}"
        with database_cursor(database, "postgres") as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE mexitel OWNER mexitel_owner")
        with database_cursor(database, name) as cursor:
            for statement in SEED.split(";"):
                cursor.execute(statement.replace(":bookers", str(bookers)).replace(":rows", str(size)))
        names[size] = name
    seconds: dict[int, list[float]] = {size: [] for size in names}
    queries: dict[int, list[int]] = {size: [] for size in names}
    before = {}
    feeds = {size: ordinary(size * BOOKERS_IN_THREE // 3) for size in names}
    for number in range(batches + 2):
        for size in sorted(names, reverse=number % 2 == 1):
            with serving(connection, names[size]):
                if number == 2:
                    before[size] = scans(connection)
                took, asked = one_batch(connection, feeds[size][number * BATCH : (number + 1) * BATCH])
            if number >= 2:  # the first two warm both
                seconds[size].append(took)
                queries[size].append(asked)
    ratios = [large / small for small, large in zip(seconds[SMALL], seconds[rows], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    with serving(connection, names[rows]):
        scanned = {name: count - before[rows][name] for name, count in scans(connection).items()}
    yield (
        f"one more event, {batches} batches of {BATCH} in turn beside {SMALL:,} and {rows:,} appointments: ratio "
        f"{middle:.2f} (quartiles {low:.2f} and {high:.2f})"
    )
    yield (
        f"  {statistics.median(seconds[rows]) / BATCH * 1e3:.2f} ms an event beside {rows:,}; statements in a "
        f"batch {statistics.median(queries[SMALL]):.0f} and {statistics.median(queries[rows]):.0f}, at most "
        f"{max(queries[rows])}"
    )
    yield f"  sequential scans of the large tables during those batches: {scanned}"


def ordinary(bookers: int) -> list:
    """Events of a world whose bookers are strangers from all over the table."""
    from antifraud.events import parse_event
    from bench.simulator import simulate

    rng = Random(5)
    numbers: dict[str, str] = {}
    events = []
    for raw in simulate(5, size=2000).events:
        if raw.get("account"):
            raw["account"] = numbers.setdefault(raw["account"], str(rng.randrange(1, bookers)))
        events.append(parse_event(raw))
    return events


def one_batch(connection, events: list) -> tuple[float, int]:
    from django.test.utils import CaptureQueriesContext

    from antifraud.live.cases import Recorder
    from antifraud.live.store import learn
    from antifraud.rulesets import newest, ruleset

    began = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        learn(events, rules=ruleset(newest()), now=datetime.now(UTC), cases=Recorder())
    return time.perf_counter() - began, len(captured)


def scans(connection) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname LIKE 'antifraud_%'")
        return {name: count for name, count in cursor.fetchall() if name.removeprefix("antifraud_") in BIG}


@contextmanager
def serving(connection, name: str) -> Iterator[None]:
    """Django's connection, moved to another database of the server."""
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name
    yield


@contextmanager
def database_cursor(database, name: str) -> Iterator:
    import psycopg2

    connection = psycopg2.connect(database.url(name))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


if __name__ == "__main__":
    main()
