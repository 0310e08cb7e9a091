"""The facts of days, made out of the ledger by set statements. The same ledger gives the same facts, however often.

A day is a local date of an office: the date of its sessions, each in its own zone. Seats, appointments and events are
only read. Rule of every column: appointments/statistics/definitions.py.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from appointments.enums import AppointmentStatus
from consulates.models import Consulate

# So many office-days are made in one transaction: a week of the whole network.
CHUNK = 51 * 7


class OfficeDay(NamedTuple):
    consulate_id: int
    day: date


# Sessions of the days that are asked for; drafts were never offered to anybody.
_SESSIONS = """
WITH wanted AS (
    SELECT * FROM unnest(%(offices)s::bigint[], %(days)s::date[]) AS wanted (consulate_id, date)
), session AS MATERIALIZED (
    SELECT s.id, s.consulate_id, s.date, s.kind, s.time_zone, s.status = 'held' AS is_held, s.is_sample
    FROM consulates_session s JOIN wanted USING (consulate_id, date)
    WHERE s.status <> 'draft'
)"""
# One look at every seat serves both tables of supply.
SUPPLY = f"""{_SESSIONS}, seats AS MATERIALIZED (
    SELECT slot.session_id AS id, count(seat.id) AS nominal,
           count(seat.id) FILTER (WHERE stands AND pool IN ('public', 'phone') AND opens_at < starts_at) AS offered,
           count(seat.id) FILTER (WHERE stands AND pool IN ('staff', 'emergency')) AS reserved,
           bool_or(slot.closed_at IS NULL) AS has_times
    FROM session JOIN consulates_slot slot ON slot.session_id = session.id
    JOIN consulates_seat seat ON seat.slot_id = slot.id
    CROSS JOIN LATERAL (SELECT slot.closed_at IS NULL AND seat.withdrawn_at IS NULL AS stands) AS of_seat
    GROUP BY slot.session_id
), offer AS (
    INSERT INTO appointments_offerfact (day, consulate_id, kind, procedure_id, offered)
    SELECT session.date, session.consulate_id, session.kind, serves.procedure_id, sum(seats.offered)
    FROM session JOIN seats USING (id)
    JOIN consulates_session_procedures serves ON serves.session_id = session.id
    WHERE NOT EXISTS (
        SELECT FROM consulates_suspension pause
        WHERE pause.consulate_id = session.consulate_id AND pause.procedure_id = serves.procedure_id
          AND session.date BETWEEN pause.first_date AND pause.last_date AND pause.ended_at IS NULL)
    GROUP BY 1, 2, 3, 4
)
INSERT INTO appointments_supplyfact
    (day, consulate_id, kind, sessions, sessions_held, nominal, offered, reserved, is_sample)
SELECT session.date, session.consulate_id, session.kind, count(*) FILTER (WHERE has_times),
       count(*) FILTER (WHERE is_held), sum(nominal), sum(offered), sum(reserved), bool_or(is_sample)
FROM session JOIN seats USING (id) GROUP BY 1, 2, 3
"""  # noqa: S608 (constants of this project)
# A stay is one appointment on one seat, until somebody gave it back. Of those on a seat all but the last were followed
# by another: what they freed was used again. A stay that the office itself ended is lost: it freed nothing.
USE = f"""{_SESSIONS}, stay AS (
    SELECT session.date, session.consulate_id, session.kind, session.time_zone, a.id, a.seat_id, a.slot_id,
           a.procedure_id, a.channel, a.status, a.created_at, a.cancelled_at AS ended_at
    FROM session JOIN appointments_appointment a ON a.session_id = session.id
    UNION ALL
    SELECT session.date, session.consulate_id, session.kind, session.time_zone, a.id,
           (event.detail ->> 'from_seat')::bigint, slot.id, a.procedure_id, a.channel, 'moved', a.created_at, event.at
    FROM session JOIN consulates_slot slot ON slot.session_id = session.id
    JOIN appointments_event event ON event.kind = 'moved' AND (event.detail ->> 'from_slot')::bigint = slot.id
    JOIN appointments_appointment a ON a.id = event.subject
), told AS (
    SELECT stay.*, status = 'orphaned' OR ended_at IS NOT NULL AND EXISTS (
        SELECT FROM appointments_event event
        WHERE event.subject = stay.id AND event.kind = 'orphaned' AND event.at <= stay.ended_at
          AND (event.detail ->> 'slot')::bigint = stay.slot_id) AS is_lost
    FROM stay
), ordered AS (
    SELECT *, ended_at IS NOT NULL AND NOT is_lost AS has_freed,
           row_number() OVER (PARTITION BY seat_id, is_lost ORDER BY ended_at DESC NULLS FIRST, id DESC) > 1
               AS was_followed
    FROM told
)
INSERT INTO appointments_usefact (day, consulate_id, kind, procedure_id, channel, booked, kept, no_show, cancelled,
                                  moved_away, displaced, freed, reused, lead_days)
SELECT date, consulate_id, kind, procedure_id, channel,
       count(*) FILTER (WHERE stood), count(*) FILTER (WHERE status = 'attended'),
       count(*) FILTER (WHERE status = 'no_show'), count(*) FILTER (WHERE status = 'cancelled'),
       count(*) FILTER (WHERE status = 'moved'), count(*) FILTER (WHERE is_lost),
       count(*) FILTER (WHERE has_freed), count(*) FILTER (WHERE has_freed AND was_followed),
       coalesce(sum(date - (created_at AT TIME ZONE time_zone)::date) FILTER (WHERE stood), 0)
FROM ordered CROSS JOIN LATERAL (SELECT status = ANY (%(stood)s) AS stood) AS of_stay
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608
STOOD = [AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW]


def make(office_days: Sequence[OfficeDay]) -> int:
    """Make the facts of those days anew, a chunk at a time; returns how many rows of supply there are now.

    Raises IntegrityError ``facts_of_a_frozen_month`` for a day of a frozen month, and changes nothing of its chunk.
    """
    wanted = sorted(set(office_days), key=lambda one: (one.day, one.consulate_id))
    return sum(_make(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def _make(chunk: Sequence[OfficeDay]) -> int:
    asked: dict[str, Any] = {
        "offices": [one.consulate_id for one in chunk],
        "days": [one.day for one in chunk],
        "stood": [str(status) for status in STOOD],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # A night's work may take longer than a page; a sort of a busy week stays in memory.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL work_mem = '32MB'")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(figures_lock())")
        for table in ("supplyfact", "offerfact", "usefact"):
            cursor.execute(
                f"DELETE FROM appointments_{table} fact"  # noqa: S608
                " USING unnest(%(offices)s::bigint[], %(days)s::date[]) AS wanted (consulate_id, day)"
                " WHERE fact.consulate_id = wanted.consulate_id AND fact.day = wanted.day",
                asked,
            )
        cursor.execute(USE, asked)
        cursor.execute(SUPPLY, asked)
        return cursor.rowcount


def all_office_days(first: date, last: date) -> list[OfficeDay]:
    """Every real office on every day from ``first`` to ``last``, both included."""
    offices = list(Consulate.objects.real().order_by("id").values_list("id", flat=True))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [OfficeDay(office, day) for day in days for office in offices]
