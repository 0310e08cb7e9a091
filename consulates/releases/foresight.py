"""What the public will see of an office at a moment to come: by the predicates of the public's own readers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from consulates.calendars import CalendarError
from consulates.models import Consulate, Gate, Release, Session, SessionStatus
from consulates.models.slot import FREE_SEAT_SQL, NO_QUEUE_SQL, OPEN_SLOT_SQL, PUBLIC_POOL_SQL

from .moments import way_at
from .numbers import fill, times_of

# In the order in which a page lists them.
WAYS = ("all", "queue", "draw", "later")


@dataclass(frozen=True)
class Row:
    """Times of one session that are had in the same ``way`` (one of WAYS); ``seats`` the public could take, ``phone``
    those that callers alone could. ``opens_at`` is when the first of them opens, or did.
    """

    session: Session
    way: str
    slots: int
    seats: int
    phone: int
    opens_at: datetime


FORESEEN = f"""
WITH seen AS (
    SELECT slot.id, slot.session_id, slot.opens_at, slot.phone_until, slot.closed_at, slot.starts_at, slot.gate,
           slot.opens_to_all_at,
           CASE WHEN slot.opens_at > %(now)s THEN 'later'
                WHEN {OPEN_SLOT_SQL} AND {NO_QUEUE_SQL} THEN 'all'
                ELSE slot.gate END AS way
    FROM consulates_slot slot JOIN consulates_session session ON session.id = slot.session_id
    WHERE session.consulate_id = %(consulate)s AND session.status = 'published' AND session.id <> ALL (%(but)s)
      AND slot.closed_at IS NULL AND slot.starts_at > %(now)s
)
SELECT slot.session_id, slot.way, count(DISTINCT slot.id)::int,
       count(seat.id) FILTER (WHERE {PUBLIC_POOL_SQL})::int,
       count(seat.id) FILTER (WHERE seat.pool = 'phone' AND NOT {PUBLIC_POOL_SQL})::int,
       min(slot.opens_at)
FROM seen slot LEFT JOIN consulates_seat seat ON seat.slot_id = slot.id AND {FREE_SEAT_SQL}
GROUP BY slot.session_id, slot.way
"""  # noqa: S608 (constants of this project)


def foreseen(office: Consulate, *, at: datetime, draft: Release | None = None) -> list[Row]:
    """The published sessions of an office as they stand now, seen at the moment ``at``: what is booked stays booked,
    what is only held until then is free. With ``draft``, its sessions are seen as if it were approved.
    """
    planned = list(draft.sessions.filter(consulate=office)) if draft else []
    values: dict[str, Any] = {"consulate": office.pk, "now": at, "but": [session.pk for session in planned]}
    with connection.cursor() as cursor:
        cursor.execute(FORESEEN, values)
        found = cursor.fetchall()
    sessions = Session.objects.in_bulk([row[0] for row in found])
    rows = [Row(sessions[session_id], *rest) for session_id, *rest in found]
    rows += _as_if_approved(draft, office, at) if draft else []
    return sorted(rows, key=lambda row: (WAYS.index(row.way), row.session.starts_at, row.session.pk))


def _as_if_approved(draft: Release, office: Consulate, at: datetime) -> Iterable[Row]:
    sessions = list(draft.sessions.all())  # all offices: the telephone's share is rounded over the whole
    try:
        times = times_of(sessions)
    except CalendarError:
        return
    by_phone = fill([], sessions, times, share=draft.phone_share)
    opens_at = draft.offices.get(consulate=office).opens_at
    way = way_at(Gate(draft.mode), opens_at=opens_at, opens_to_all_at=draft.opens_to_all_at, at=at)
    is_kept = draft.phone_until is not None and at < draft.phone_until
    for session in sessions:
        if session.consulate_id != office.pk or session.starts_at <= at or session.status == SessionStatus.HELD:
            continue
        mine = [(each.seats, kept) for each, kept in zip(times, by_phone, strict=True) if each.session_id == session.pk]
        seats, phone = (sum(column) for column in zip(*mine, strict=True)) if mine else (0, 0)
        yield Row(session, way, len(mine), seats - phone if is_kept else seats, phone if is_kept else 0, opens_at)
