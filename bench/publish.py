"""How long publishing takes and how much memory it needs: five months of all offices, and one office's month. One run:

    .venv/bin/python bench/publish.py [--offices 51] [--days 151]

With the default numbers it publishes about a million slots and 4.7 million seats in one transaction, on a private
PostgreSQL that is thrown away, with synchronous commit and fsync on and every constraint in force. The month of one
office is measured in the empty database and again beside those millions. Loopback only.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from claim import ROOT, servers

FIRST = date(2027, 1, 1)
# Eight to ten to seven in slots of five minutes are 130; five windows in most offices and four in the others.
OPENS, CLOSES, SLOT_MINUTES = "08:00", "18:50", 5
MOST_SECONDS, MOST_MEGABYTES, MOST_MONTH_SECONDS = 600, 500, 2.0
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Measured(NamedTuple):
    plan_seconds: float
    publish_seconds: float
    published: object


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--offices", type=int, default=51, choices=range(1, 52))
    options.add_argument("--days", type=int, default=151, choices=range(1, 152))
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    try:
        with servers(folder):
            report = measure(chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report)
    with (ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-publish.txt").open("a") as file:
        file.write(report + "\n")


def measure(chosen: argparse.Namespace) -> str:
    import django

    django.setup()
    from django.db import connection

    from consulates.models import Consulate, Procedure
    from consulates.reference import load_offices, load_procedures

    load_offices()
    load_procedures()
    procedures = list(Procedure.objects.bookable()[:8])
    offices = list(Consulate.objects.order_by("code"))
    load = os.getloadavg()[0]
    # The first days of 2028 lie beside the five months and meet none of their sessions.
    before = publish(offices[:1], 31, procedures, first=date(2028, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    small = memory(backend)
    whole = publish(offices[: chosen.offices], chosen.days, procedures, first=FIRST)
    large = memory(backend)
    after = publish(offices[1:2] or offices, 31, procedures, first=date(2028, 3, 1))
    return text(chosen, load, before, whole, after, small, large, constraints(connection))


def publish(offices, days, procedures, *, first) -> Measured:
    from consulates.models import SessionKind
    from consulates.services import SessionPlan, plan_sessions, publish_sessions

    kinds = {5: SessionKind.SATURDAY, 6: SessionKind.SUNDAY}
    ids: list[int] = []
    began = time.monotonic()
    for number, office in enumerate(offices):
        plans = [
            SessionPlan(
                consulate=office,
                kind=kinds.get(day.weekday(), SessionKind.WEEKDAY),
                day=day,
                opens=datetime.strptime(OPENS, "%H:%M").time(),
                closes=datetime.strptime(CLOSES, "%H:%M").time(),
                windows=4 if number % 10 in (3, 6, 9) else 5,
                slot_minutes=SLOT_MINUTES,
                procedures=procedures,
                capacity_factor=Decimal("0.9"),
            )
            for day in (first + timedelta(days=offset) for offset in range(days))
        ]
        ids += [session.id for session in plan_sessions(plans)]
    planned = time.monotonic()
    published = publish_sessions(ids, opening=lambda session, _number: session.starts_at - timedelta(days=21), now=NOW)
    return Measured(planned - began, time.monotonic() - planned, published)


def memory(backend: int) -> dict[str, float]:
    """Megabytes: the most that this process ever held, and what the server's process for it holds of its own
    (``RssAnon``, without the buffers that all share) and at most ever held with them (``VmHWM``)."""
    found = {"process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    try:
        status = Path(f"/proc/{backend}/status").read_text()
    except OSError:  # not Linux, or another user's
        return found
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in ("VmHWM", "RssAnon"):
            found[name] = int(value.split()[0]) / 1024
    return found


def constraints(connection) -> str:
    """What stood guard, read from the database itself, and two rows that it must refuse."""
    from django.db import IntegrityError, transaction

    from consulates.models import Seat

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE convalidated), current_setting('session_replication_role')"
            " FROM pg_constraint WHERE conrelid IN ('consulates_session'::regclass, 'consulates_slot'::regclass,"
            " 'consulates_seat'::regclass)"
        )
        number, valid, role = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'consulates_seat'::regclass AND tgenabled = 'D'"
        )
        disabled = cursor.fetchone()[0]
    seat = Seat.objects.first()
    refused = []
    for slot_id, unit in ((seat.slot_id, seat.unit), (2**40, 1)):
        try:
            with transaction.atomic():
                Seat.objects.create(slot_id=slot_id, unit=unit, visible_at=NOW)
                connection.check_constraints()
        except IntegrityError as error:
            refused.append(error.__cause__.diag.constraint_name)
    return (
        f"{valid} of {number} constraints of sessions, slots and seats valid, {disabled} triggers switched off, "
        f"session_replication_role {role}; refused afterwards: {', '.join(refused)}"
    )


def text(chosen, load, before, whole, after, small, large, guarded) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    done = whole.published
    seconds = whole.publish_seconds
    most = max(value for name, value in large.items() if name != "RssAnon")
    full = (chosen.offices, chosen.days) == (51, 151)
    months = [one.plan_seconds + one.publish_seconds for one in (before, after)]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip()}, {os.cpu_count()} processors "
        f"shared with other work, load {load:.1f} before and {os.getloadavg()[0]:.1f} after",
        f"{chosen.offices} offices, {chosen.days} days: {done.sessions:,} sessions, {done.slots:,} slots, "
        f"{done.seats:,} seats ({done.offered:,} offered), one transaction",
        f"  drafts {whole.plan_seconds:.1f} s, publishing {seconds:.1f} s "
        f"({done.seats / seconds:,.0f} seats a second){verdict(full, seconds <= MOST_SECONDS, f'{MOST_SECONDS} s')}",
        "  most memory of this process "
        + f"{large['process']:.0f} MB (before the five months {small['process']:.0f} MB)"
        + ("".join(f", server's process {name} {large[name]:.0f} MB" for name in ("RssAnon", "VmHWM") if name in large))
        + verdict(full, most <= MOST_MEGABYTES, f"{MOST_MEGABYTES} MB each"),
    ]
    for where, one, spent in (("empty database", before, months[0]), ("beside all that", after, months[1])):
        lines.append(
            f"  one office's month ({one.published.slots:,} slots, {one.published.seats:,} seats), {where}: drafts "
            f"{one.plan_seconds:.2f} s, publishing {one.publish_seconds:.2f} s"
            + verdict(True, spent <= MOST_MONTH_SECONDS, f"{MOST_MONTH_SECONDS:.0f} s together")
        )
    return "\n".join([*lines, f"  {guarded}"])


def verdict(counts: bool, holds: bool, most: str) -> str:
    return f"; at most {most}: {'holds' if holds else 'FAILS'}" if counts else ""


if __name__ == "__main__":
    main()
