"""The wait for the soonest place: looked at once a day in each office, about noon, and kept as it was seen.

Nobody can say afterwards what was free at noon, so this is a look and not a count of the ledger. A day without a look
(every worker was down) has no number.
"""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from consulates.calendars import zone
from consulates.models import Consulate
from consulates.models.slot import ANYBODYS_SEAT_SQL

NOON = 12
# How far ahead a place counts; and for how long an office counts as serving what it once served.
AHEAD_DAYS, SERVES_DAYS = 120, 60

LOOK = f"""
WITH office AS (
    SELECT * FROM unnest(%(offices)s::bigint[], %(days)s::date[]) AS office (id, today)
), nearby AS MATERIALIZED (
    SELECT session.id, session.consulate_id, session.date, office.today, session.status
    FROM office JOIN consulates_session session ON session.consulate_id = office.id
    WHERE session.status <> 'draft' AND session.date BETWEEN today - {SERVES_DAYS} AND today + {AHEAD_DAYS}
), free AS MATERIALIZED (
    SELECT nearby.id FROM nearby
    WHERE nearby.status = 'published' AND nearby.date >= nearby.today AND EXISTS (
        SELECT FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
        WHERE slot.session_id = nearby.id AND {ANYBODYS_SEAT_SQL})
)
INSERT INTO appointments_waitfact (consulate_id, day, procedure_id, days)
SELECT nearby.consulate_id, nearby.today, serves.procedure_id,
       min(nearby.date - nearby.today) FILTER (WHERE free.id IS NOT NULL AND NOT EXISTS (
           SELECT FROM consulates_suspension pause
           WHERE pause.consulate_id = nearby.consulate_id AND pause.procedure_id = serves.procedure_id
             AND nearby.date BETWEEN pause.first_date AND pause.last_date AND pause.ended_at IS NULL))
FROM nearby JOIN consulates_session_procedures serves ON serves.session_id = nearby.id
LEFT JOIN free ON free.id = nearby.id
GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING
"""  # noqa: S608 (constants of this project)


def look(*, now: datetime) -> int:
    """Look in every office whose noon is past and that was not looked at today; returns how many rows were written."""
    due = _due(now)
    if not due:
        return 0
    offices, days = zip(*due, strict=True)
    asked: dict[str, Any] = {"offices": list(offices), "days": list(days), "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")
        cursor.execute(LOOK, asked)
        return cursor.rowcount


def _due(now: datetime) -> list[tuple[int, date]]:
    found = []
    for office, zone_name in Consulate.objects.real().order_by("id").values_list("id", "time_zone"):
        local = now.astimezone(zone(zone_name))
        if local.hour >= NOON:
            found.append((office, local.date()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT office, day FROM unnest(%s::bigint[], %s::date[]) AS due (office, day) WHERE NOT EXISTS ("
            " SELECT FROM appointments_waitfact fact WHERE fact.consulate_id = office AND fact.day = due.day)",
            [[office for office, _day in found], [day for _office, day in found]],
        )
        return cursor.fetchall()
