"""The places of a release that are kept for whoever calls: what is left of them, and how many callers took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from appointments.queueing.shown import with_zone
from consulates.models import Gate, Release
from consulates.models.slot import FREE_SEAT_SQL, NO_QUEUE_SQL, OPEN_SLOT_SQL


@dataclass(frozen=True)
class Kept:
    release: Release
    free: int


# Those that need no turn in a queue: the gate is open, or what is left is for all.
FREE = f"""
SELECT session.release_id, count(*)::int
FROM consulates_session session
JOIN consulates_slot slot ON slot.session_id = session.id AND slot.phone_until > %(now)s
JOIN consulates_seat seat ON seat.slot_id = slot.id AND seat.pool = 'phone'
WHERE session.release_id = ANY(%(releases)s) AND session.status = 'published'
  AND {OPEN_SLOT_SQL} AND {NO_QUEUE_SQL} AND {FREE_SEAT_SQL}
GROUP BY session.release_id
"""  # noqa: S608 (constants of this project)


def kept_for_callers(*, now: datetime) -> list[Kept]:
    """Releases that are open and of whose telephone's share something is free. At most two queries."""
    releases = list(with_zone(_sharing(now=now)).order_by("opens_at", "pk"))
    if not releases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FREE, {"releases": [one.pk for one in releases], "now": now})
        free = dict(cursor.fetchall())
    return [Kept(one, free[one.pk]) for one in releases if free.get(one.pk)]


def open_share(release_id: int, *, now: datetime) -> Release | None:
    """A release whose share callers may take now without a queue, with its ``time_zone``."""
    return with_zone(_sharing(now=now)).filter(pk=release_id).first()


def _sharing(*, now: datetime) -> QuerySet[Release]:
    is_open = Q(mode=Gate.OPEN, opens_at__lte=now) | Q(opens_to_all_at__lte=now)
    return Release.objects.announced(now=now).filter(is_open, phone_until__gt=now)


# Until its time is over nobody but a caller gets a place of the share. Counted once more after the end, and then never
# again: what was moved, cancelled or forgotten later changes no published number.
COUNT = """
WITH due AS (
    SELECT id FROM consulates_release
    WHERE state = 'announced' AND phone_share > 0 AND opens_at <= %(now)s
      AND (phone_counted_at IS NULL OR phone_counted_at < phone_until)
    ORDER BY id FOR UPDATE SKIP LOCKED
), taken AS (
    SELECT session.release_id, session.consulate_id, count(a.id) AS places
    FROM consulates_session session
    JOIN due ON due.id = session.release_id
    JOIN consulates_slot slot ON slot.session_id = session.id
    JOIN consulates_seat seat ON seat.slot_id = slot.id AND seat.pool = 'phone'
    JOIN appointments_appointment a ON a.seat_id = seat.id AND a.status <> 'cancelled'
        AND a.created_at <= slot.phone_until
    GROUP BY session.release_id, session.consulate_id
), written AS (
    UPDATE consulates_releaseoffice office SET phone_taken = coalesce((
        SELECT places FROM taken
        WHERE taken.release_id = office.release_id AND taken.consulate_id = office.consulate_id), 0)
    FROM due WHERE due.id = office.release_id
)
UPDATE consulates_release release SET phone_counted_at = %(now)s FROM due WHERE due.id = release.id
RETURNING release.id
"""


def count_use(*, now: datetime) -> Sequence[int]:
    """Write how many places of each share callers have taken so far; returns the releases. May run twice."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"now": now})
        return [pk for (pk,) in cursor.fetchall()]
