"""How long the figures of a simulated half-year take, how much memory, and what a day costs afterwards. One run:

    .venv/bin/python bench/figures.py [--share 100]

The ledger has the size of January to May 2021: 51 offices, 151 days, some 4.7 million seats offered, more than half of
them booked, some cancelled, moved and taken again. It is written by statements of SQL into a private PostgreSQL that is
thrown away, not through the claim, and as the owner of the schema with its triggers on. ``--share`` makes every office
smaller. The figures are made by the role that serves. Loopback only.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from claim import ROOT, servers

FIRST, LAST = date(2021, 1, 1), date(2021, 5, 31)
MOST_SECONDS, MOST_MEGABYTES, MOST_DAY_SECONDS = 600, 1024, 10.0
SLOTS = 130  # of five minutes, from eight to ten to seven

# Windows of an office: 5 for most and 6 for eleven make 4.7 million offered seats at a factor of 0.9.
GENERATE = (
    """
    INSERT INTO consulates_session (consulate_id, kind, date, opens_local, closes_local, time_zone, starts_at, ends_at,
        place_name, street_address, city, state, postal_code, latitude, longitude, windows, slot_minutes, staff_seats,
        emergency_seats, capacity_factor, status, published_at, held_at, is_sample)
    SELECT office.id, CASE extract(isodow FROM day) WHEN 6 THEN 'saturday' WHEN 7 THEN 'sunday' ELSE 'weekday' END, day,
        '08:00', '18:50', office.time_zone, at_eight, at_eight + interval '650 minutes', '', '', office.city,
        office.state, '', office.latitude, office.longitude, windows, 5, 0, 0, 0.9, 'held',
        at_eight - interval '30 days', at_eight + interval '12 hours', false
    FROM (SELECT *, CASE WHEN row_number() OVER (ORDER BY code) %% 10 IN (1, 6) THEN 6 ELSE 5 END AS windows
          FROM consulates_consulate WHERE NOT is_practice) office
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS days (moment)
    CROSS JOIN LATERAL (
        SELECT moment::date AS day, (moment::date + time '08:00') AT TIME ZONE office.time_zone AS at_eight) AS local
    """,
    """
    INSERT INTO consulates_session_procedures (session_id, procedure_id)
    SELECT session.id, chosen.id FROM consulates_session session
    CROSS JOIN (SELECT id FROM consulates_procedure WHERE booking = 'central' ORDER BY position, code LIMIT 8) chosen
    """,
    """
    INSERT INTO consulates_slot (session_id, consulate_id, starts_at, ends_at, opens_at, gate)
    SELECT id, consulate_id, starts_at + place * interval '5 minutes', starts_at + (place + 1) * interval '5 minutes',
           starts_at - interval '14 days', 'open'
    FROM consulates_session CROSS JOIN generate_series(0, %(slots)s - 1) AS place
    """,
    # One seat in ten is withdrawn, as a factor of 0.9 leaves it.
    """
    INSERT INTO consulates_seat (slot_id, unit, pool, visible_at, withdrawn_at)
    SELECT slot.id, unit, 'public', slot.opens_at, CASE WHEN (slot.id + unit * 7) %% 10 = 0 THEN slot.opens_at END
    FROM consulates_slot slot JOIN consulates_session session ON session.id = slot.session_id
    CROSS JOIN generate_series(1, session.windows) AS unit
    """,
    """
    INSERT INTO accounts_user (password, is_superuser, email, phone, is_staff, is_active, date_joined, language)
    SELECT '!', false, 'persona' || n || '@example.com', '', false, true, %(first)s, 'es'
    FROM generate_series(1, 100) AS n
    """,
    # Of every hundred offered seats 58 are booked; 10 were cancelled before, and 6 of these are among the booked ones.
    """
    INSERT INTO appointments_appointment (id, reference, account_id, party_id, procedure_id, procedure_group,
        consulate_id, session_id, slot_id, seat_id, scope_ids, status, channel, call_reference, created_at, starts_at,
        until, times_moved, cancelled_at, cancelled_by)
    SELECT gen_random_uuid(), upper(lpad(to_hex(row_number() OVER ()), 9, 'x')),
           (SELECT min(id) FROM accounts_user) + seat.id %% 100, gen_random_uuid(), procedures[1 + seat.id %% 8], 'x',
           slot.consulate_id, slot.session_id, slot.id, seat.id, '{}',
           CASE WHEN is_gone THEN 'cancelled' WHEN seat.id %% 11 = 0 THEN 'no_show' ELSE 'attended' END,
           (ARRAY['web', 'web', 'phone'])[1 + seat.id %% 3], '', slot.starts_at - interval '9 days', slot.starts_at,
           slot.starts_at + interval '1 hour', 0, CASE WHEN is_gone THEN slot.starts_at - interval '5 days' END,
           CASE WHEN is_gone THEN 'booker' END
    FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
    CROSS JOIN (SELECT array_agg(id) AS procedures FROM (
        SELECT id FROM consulates_procedure WHERE booking = 'central' ORDER BY position, code LIMIT 8) one) eight
    CROSS JOIN LATERAL (SELECT seat.id * 7919 %% 100 AS luck) AS drawn
    CROSS JOIN LATERAL (SELECT is_gone FROM (VALUES (false, 0, 58), (true, 52, 62)) AS part (is_gone, low, high)
                        WHERE luck >= low AND luck < high) AS booked
    WHERE seat.withdrawn_at IS NULL
    """,
    """
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    SELECT created_at, 'booked', id, account_id, channel,
           jsonb_build_object('hold', party_id, 'slot', slot_id, 'seat', seat_id, 'place', 1)
    FROM appointments_appointment
    """,
    """
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    SELECT cancelled_at, 'cancelled', id, account_id, channel,
           jsonb_build_object('slot', slot_id, 'seat', seat_id, 'by', 'booker')
    FROM appointments_appointment WHERE status = 'cancelled'
    """,
    # Somebody who came one day later had left a free seat of an earlier time.
    """
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    SELECT a.created_at + interval '1 day', 'moved', a.id, a.account_id, a.channel,
           jsonb_build_object('from_slot', left_seat.slot_id, 'from_seat', left_seat.id,
                              'slot', a.slot_id, 'seat', a.seat_id)
    FROM appointments_appointment a JOIN consulates_seat left_seat ON left_seat.id = a.seat_id - 40
    WHERE a.status <> 'cancelled' AND a.seat_id %% 29 = 0
    """,
    """
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    SELECT starts_at, status, id, account_id, 'counter', jsonb_build_object('session', session_id, 'from', 'expected')
    FROM appointments_appointment WHERE status <> 'cancelled'
    """,
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--share", type=int, default=100, choices=range(1, 101), help="per cent of the size")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    try:
        with servers(folder) as database:
            report = measure(chosen.share, folder, database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report)
    with (ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-figures.txt").open("a") as file:
        file.write(report + "\n")


def measure(share: int, folder: Path, database) -> str:
    import django

    django.setup()
    from django.db import connection

    from appointments.statistics import facts, freezing, published
    from consulates.reference import load_offices, load_procedures

    load_offices()
    load_procedures()
    began = time.monotonic()
    seats, booked = generate(share)
    generated = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    load = os.getloadavg()[0]
    with Watch(database_folder=folder) as watch:
        whole, rows = timed(lambda: facts.make(facts.all_office_days(FIRST, LAST)))
    months = [date(2021, number, 1) for number in range(1, 6)]
    before = hashes(months)
    day, _rows = timed(lambda: facts.make(facts.all_office_days(LAST, LAST)))
    same_day = hashes(months) == before
    incremental, _rows = timed(lambda: [facts.make(facts.all_office_days(one, one)) for one in every_day()])
    same = hashes(months) == before
    now = datetime(2021, 6, 8, 20, tzinfo=UTC)
    frozen, _found = timed(lambda: freezing.freeze(months[0], now=now))
    pages, _found = timed(lambda: published.refresh(now=now))
    holds = whole <= MOST_SECONDS and watch.most <= MOST_MEGABYTES and day <= MOST_DAY_SECONDS and same and same_day
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "\n".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip()}, {os.cpu_count()} processors "
            f"shared with other work, load {load:.1f} before and {os.getloadavg()[0]:.1f} after",
            f"{share} % of the size: {seats:,} seats offered, {booked:,} appointments, written in {generated:.0f} s",
            f"  all facts {whole:.1f} s (at most {MOST_SECONDS}), {rows:,} rows of supply; most memory of this process "
            f"{watch.process:.0f} MB and of the server's processes beside its shared buffers {watch.server:.0f} MB, "
            f"shared {watch.shared:.0f} MB: together {watch.most:.0f} MB (at most {MOST_MEGABYTES})",
            f"  the last day again {day:.2f} s (at most {MOST_DAY_SECONDS:.0f}); every day by itself "
            f"{incremental:.1f} s, {incremental / 151:.2f} s a day; same bytes as the whole: {same_day and same}",
            f"  freezing a month, from the ledger once more, {frozen:.1f} s; what is published {pages:.1f} s",
            f"  backend {backend}; {'holds' if holds else 'FAILS' if share == 100 else 'is not the whole size'}",
        ]
    )


def timed(work):
    began = time.monotonic()
    found = work()
    return time.monotonic() - began, found


def every_day() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def hashes(months: list[date]) -> list[str]:
    from appointments.statistics import freezing

    return [freezing.facts_sha256(month) for month in months]


def generate(share: int) -> tuple[int, int]:
    """As the owner, who is not held to the limits of a page; returns seats offered and appointments."""
    import psycopg2

    asked = {"first": FIRST, "last": LAST, "slots": max(1, SLOTS * share // 100)}
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        for month in range(6):
            cursor.execute(
                "SELECT ensure_month_partitions('appointments_event', %s, 1)",
                [date(2020 + (month > 0), month or 12, 1)],
            )
        for statement in GENERATE:
            cursor.execute(statement, asked)
        cursor.execute("SELECT count(*) FROM consulates_seat WHERE withdrawn_at IS NULL")
        seats = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM appointments_appointment")
        booked = cursor.fetchone()[0]
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return seats, booked


class Watch:
    """The most memory, in megabytes, that this process and the server's processes had at once while it stood."""

    def __init__(self, *, database_folder: Path) -> None:
        self.folder = str(database_folder)
        self.server = self.shared = self.process = self.most = 0.0
        self.done = threading.Event()

    def __enter__(self) -> "Watch":
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()
        self.process = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.most = self.process + self.server + self.shared

    def watch(self) -> None:
        while not self.done.wait(0.2):
            own, shared = 0.0, 0.0
            for status in server_processes(self.folder):
                own += status.get("RssAnon", 0)
                shared = max(shared, status.get("RssShmem", 0))
            self.server, self.shared = max(self.server, own), max(self.shared, shared)


def server_processes(folder: str) -> list[dict[str, float]]:
    """What each process of the private server holds, in megabytes."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if not str((process / "cwd").readlink()).startswith(folder):
                continue
            lines = (process / "status").read_text().splitlines()
        except OSError:  # ended meanwhile, or somebody else's
            continue
        found.append(
            {name: int(value.split()[0]) / 1024 for name, _, value in (line.partition(":") for line in lines)
             if name in ("RssAnon", "RssShmem")}
        )  # fmt: skip
    return found


if __name__ == "__main__":
    main()
