"""Keeping the figures up: days that are over are reckoned, days that changed afterwards once more, months frozen.

Each office ends its day in its own zone. A day changes afterwards when somebody notes who came, closes the session, or
cancels what the office had closed: an event of the ledger, or the moment at which a session was held. Runs may repeat,
overlap or die: what was read of the ledger is noted last.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from appointments.models import FiguresSeen
from appointments.statistics import facts, freezing, waits
from appointments.statistics.facts import OfficeDay
from consulates.calendars import zone
from consulates.models import Consulate

# A transaction may write its event this much later than the moment that it carries.
LATE = timedelta(hours=2)

# Days with a session that is over for good, in months that are not frozen, and that have no facts.
MISSING = """
SELECT DISTINCT session.consulate_id, session.date
FROM unnest(%(offices)s::bigint[], %(days)s::date[]) AS office (id, today)
JOIN consulates_session session ON session.consulate_id = office.id
WHERE session.status <> 'draft' AND session.date < office.today AND session.ends_at <= %(now)s
  AND NOT EXISTS (SELECT FROM appointments_supplyfact fact
                  WHERE fact.consulate_id = session.consulate_id AND fact.day = session.date)
  AND NOT EXISTS (SELECT FROM appointments_frozenmonth frozen
                  WHERE frozen.month = date_trunc('month', session.date)::date)
"""
CHANGED = """
WITH touched AS (
    SELECT a.session_id FROM appointments_event event
    JOIN appointments_appointment a ON a.id = event.subject WHERE event.at >= %(since)s
    UNION
    SELECT slot.session_id FROM appointments_event event
    JOIN consulates_slot slot ON slot.id = (event.detail ->> 'from_slot')::bigint
    WHERE event.at >= %(since)s AND event.kind = 'moved'
    UNION
    SELECT (event.detail ->> 'session')::bigint FROM appointments_event event
    WHERE event.at >= %(since)s AND event.detail ? 'session'
    UNION
    SELECT id FROM consulates_session WHERE held_at >= %(since)s
)
SELECT DISTINCT session.consulate_id, session.date
FROM touched JOIN consulates_session session ON session.id = touched.session_id
JOIN unnest(%(offices)s::bigint[], %(days)s::date[]) AS office (id, today) ON office.id = session.consulate_id
WHERE session.date < office.today AND session.ends_at <= %(now)s
  AND NOT EXISTS (SELECT FROM appointments_frozenmonth frozen
                  WHERE frozen.month = date_trunc('month', session.date)::date)
"""


def tend(*, now: datetime) -> dict[str, int]:
    """What a run of the timetable does; returns how much of each."""
    looked = waits.look(now=now)
    days = due_days(now=now)
    facts.make(days)
    FiguresSeen.objects.update_or_create(id=1, defaults={"until": now})
    frozen = [freezing.freeze(month, now=now) for month in freezing.due_months(now=now)]
    return {"looked": looked, "days": len(days), "frozen": len(frozen)}


def due_days(*, now: datetime) -> list[OfficeDay]:
    """Office-days that are over and have no facts yet, or changed since the ledger was read."""
    offices = list(Consulate.objects.real().order_by("id").values_list("id", "time_zone"))
    seen = FiguresSeen.objects.filter(pk=1).first()
    asked: dict[str, Any] = {
        "offices": [office for office, _zone in offices],
        "days": [now.astimezone(zone(name)).date() for _office, name in offices],
        "since": (seen.until if seen else now) - LATE,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")
        cursor.execute(MISSING, asked)
        found = {OfficeDay(*row) for row in cursor.fetchall()}
        cursor.execute(CHANGED, asked)
        found |= {OfficeDay(*row) for row in cursor.fetchall()}
    return sorted(found, key=lambda one: (one.day, one.consulate_id))
