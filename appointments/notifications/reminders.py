"""Reminders before an appointment, at ten in the morning of the place where people will stand. Those of ten, seven and
five days ask whether the person comes (appointments/coming); who has said so hears of it again two days before.

Which reminder is due is judged from the clock when the task runs, so that a late run (a worker that was down)
sends what is due now and nothing that is past. The rows of appointments.models.Reminder make it once.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db import connection

from consulates.calendars import to_utc
from consulates.models import Session

DAYS_BEFORE = (2, 5, 7, 10)
ASKING_DAYS = (5, 7, 10)
AT = time(10, 0)
FURTHEST = timedelta(days=12)

# Who booked or moved after the reminder was due has just been told; the next reminder is theirs again.
PUT_IN_OUTBOX = """
WITH due AS (
    INSERT INTO appointments_reminder (appointment_id, days_before, starts_at, created_at)
    SELECT a.id, %(days)s, a.starts_at, %(now)s
    FROM appointments_appointment a
    WHERE a.session_id = ANY (%(sessions)s) AND a.status = 'booked' AND a.starts_at > %(now)s
      AND a.created_at < %(due)s
      AND NOT EXISTS (SELECT FROM appointments_reminder r
                      WHERE r.appointment_id = a.id AND r.days_before = %(days)s AND r.starts_at = a.starts_at)
      AND NOT EXISTS (SELECT FROM appointments_event e
                      WHERE e.subject = a.id AND e.kind = 'moved' AND e.at >= %(due)s)
      AND NOT (%(asks)s AND EXISTS (SELECT FROM appointments_comingnote c
                                    WHERE c.appointment_id = a.id AND c.kind = 'coming' AND c.starts_at = a.starts_at))
    ON CONFLICT DO NOTHING
    RETURNING appointment_id
)
INSERT INTO outbox_message (created_at, due_at, kind, payload)
SELECT %(now)s, %(now)s, 'reminder',
       jsonb_build_object('days', %(days)s, 'appointments', jsonb_agg(a.id ORDER BY a.starts_at, a.id))
FROM due JOIN appointments_appointment a ON a.id = due.appointment_id
GROUP BY a.party_id, a.session_id
"""


def due_at(session: Session, days: int) -> datetime:
    """The moment, in UTC, at which the reminder ``days`` calendar days before a session is due."""
    return to_utc(session.date - timedelta(days=days), AT, session.time_zone)


def due_for(session: Session, *, now: datetime) -> int | None:
    """The nearest reminder of a session whose moment has come; None before the first, and when it is over."""
    if session.ends_at <= now:
        return None
    return next((days for days in DAYS_BEFORE if due_at(session, days) <= now), None)


def put_due_in_outbox(*, now: datetime) -> int:
    """One outbox row for each party that is due; returns how many. Running twice, or at once, changes nothing."""
    written = 0
    for days, due, sessions in _due_sessions(now):
        with connection.cursor() as cursor:
            asks = days in ASKING_DAYS
            cursor.execute(PUT_IN_OUTBOX, {"days": days, "due": due, "sessions": sessions, "now": now, "asks": asks})
            written += cursor.rowcount
    return written


def _due_sessions(now: datetime) -> Iterator[tuple[int, datetime, list[int]]]:
    """Sessions that share a reminder and its moment: one statement for each date and zone."""
    groups: dict[tuple[int, datetime], list[int]] = defaultdict(list)
    for session in Session.objects.not_over(now=now).filter(starts_at__lt=now + FURTHEST).order_by("pk"):
        days = due_for(session, now=now)
        if days is not None:
            groups[days, due_at(session, days)].append(session.pk)
    for (days, due), sessions in sorted(groups.items()):
        yield days, due, sessions
