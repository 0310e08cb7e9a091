"""A month ends, its facts are made once more from the ledger, and are never changed again.

The same facts in canonical order are the same bytes on every machine: comma separated, codes instead of row numbers,
sorted byte by byte. Their SHA-256 is published with the month, and ``check`` reckons it again.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from appointments.models import FrozenMonth, SupplyFact
from appointments.statistics import facts, files
from appointments.statistics.figures import last_day
from consulates.calendars import zone

# Offices note late who came; on this day of the next month, when it has ended everywhere, a month is frozen.
NOTED_UNTIL = 5
# The last of our zones to see a day end; Guam and the mainland lie before it.
LAST_ZONE = "Pacific/Honolulu"
ROWS_AT_ONCE = 5000

CANONICAL = (
    """
    SELECT 'supply', fact.day, office.code, fact.kind, '', '', sessions, sessions_held, nominal, offered, reserved,
           fact.is_sample::int, NULL, NULL, NULL
    FROM appointments_supplyfact fact JOIN consulates_consulate office ON office.id = fact.consulate_id
    WHERE fact.day BETWEEN %(first)s AND %(last)s
    ORDER BY fact.day, office.code COLLATE "C", fact.kind COLLATE "C"
    """,
    """
    SELECT 'offer', fact.day, office.code, fact.kind, procedure.code, '', fact.offered, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL
    FROM appointments_offerfact fact JOIN consulates_consulate office ON office.id = fact.consulate_id
    JOIN consulates_procedure procedure ON procedure.id = fact.procedure_id
    WHERE fact.day BETWEEN %(first)s AND %(last)s
    ORDER BY fact.day, office.code COLLATE "C", fact.kind COLLATE "C", procedure.code COLLATE "C"
    """,
    """
    SELECT 'use', fact.day, office.code, fact.kind, procedure.code, fact.channel, booked, kept, no_show, cancelled,
           moved_away, displaced, freed, reused, lead_days
    FROM appointments_usefact fact JOIN consulates_consulate office ON office.id = fact.consulate_id
    JOIN consulates_procedure procedure ON procedure.id = fact.procedure_id
    WHERE fact.day BETWEEN %(first)s AND %(last)s
    ORDER BY fact.day, office.code COLLATE "C", fact.kind COLLATE "C", procedure.code COLLATE "C",
             fact.channel COLLATE "C"
    """,
    """
    SELECT 'wait', fact.day, office.code, '', procedure.code, '', fact.days, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL
    FROM appointments_waitfact fact JOIN consulates_consulate office ON office.id = fact.consulate_id
    JOIN consulates_procedure procedure ON procedure.id = fact.procedure_id
    WHERE fact.day BETWEEN %(first)s AND %(last)s
    ORDER BY fact.day, office.code COLLATE "C", procedure.code COLLATE "C"
    """,
)


def canonical(month: date) -> Iterator[bytes]:
    """The facts of the month, exact and unpublished, line by line; memory does not grow with the month."""
    asked = {"first": month, "last": last_day(month)}
    with transaction.atomic():
        for number, statement in enumerate(CANONICAL):
            with connection.connection.cursor(name=f"canonical_{number}") as cursor:
                cursor.itersize = ROWS_AT_ONCE
                cursor.execute(statement, asked)
                for row in cursor:
                    yield (",".join("" if value is None else str(value) for value in row) + "\n").encode()


def facts_sha256(month: date) -> str:
    digest = hashlib.sha256()
    for line in canonical(month):
        digest.update(line)
    return digest.hexdigest()


def due_months(*, now: datetime) -> list[date]:
    """Months with facts that have ended everywhere NOTED_UNTIL days ago and are not frozen, the oldest first."""
    today = now.astimezone(zone(LAST_ZONE)).date()
    limit = (today - timedelta(days=NOTED_UNTIL - 1)).replace(day=1)
    months = SupplyFact.objects.filter(day__lt=limit).dates("day", "month")
    frozen = set(FrozenMonth.objects.values_list("month", flat=True))
    return [month for month in months if month not in frozen]


def freeze(month: date, *, now: datetime, from_ledger: bool = True) -> FrozenMonth:
    """Make the month's facts once more and close it. Nobody writes facts meanwhile; frozen before: as it was.

    Without ``from_ledger`` the facts stay as they are (the demonstration has facts of months without a ledger).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        cursor.execute("SELECT pg_advisory_xact_lock(figures_lock())")
        if found := FrozenMonth.objects.filter(month=month).first():
            return found
        if from_ledger:
            facts.make(facts.all_office_days(month, last_day(month)))
        published = {name: hashlib.sha256(content).hexdigest() for name, content in files.of_month(month).items()}
        return FrozenMonth.objects.create(month=month, frozen_at=now, facts_sha256=facts_sha256(month), files=published)


def check(frozen: FrozenMonth) -> list[str]:
    """What of a frozen month differs from its hashes: names of files, or ``facts``. Nothing ever should."""
    wrong = [] if facts_sha256(frozen.month) == frozen.facts_sha256 else ["facts"]
    now = {name: hashlib.sha256(content).hexdigest() for name, content in files.of_month(frozen.month).items()}
    return wrong + sorted(name for name in frozen.files.keys() | now if now.get(name) != frozen.files.get(name))
