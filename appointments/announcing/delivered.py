"""What became of a release: counted in the seats and appointments themselves, never typed in by anybody."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from appointments.enums import Channel
from consulates.announcing.signed import utc
from consulates.models import Release
from mexitel.utils import published
from mexitel.utils.cells import shown, suppressed
from mexitel.utils.signing import canonical

OLDEST = timedelta(minutes=5)

# Anybody's places, on the web or by telephone, as consulates/releases/numbers.py counts them when it is announced.
OPENED = """
SELECT office.code, min(slot.opens_at) FILTER (WHERE slot.opens_at <= %(now)s),
       count(seat.id) FILTER (
           WHERE slot.opens_at <= %(now)s AND slot.closed_at IS NULL AND seat.withdrawn_at IS NULL)::int,
       count(seat.id) FILTER (WHERE slot.closed_at > %(announced)s OR seat.withdrawn_at > %(announced)s)::int
FROM consulates_session session
JOIN consulates_consulate office ON office.id = session.consulate_id
JOIN consulates_slot slot ON slot.session_id = session.id
JOIN consulates_seat seat ON seat.slot_id = slot.id AND seat.pool IN ('public', 'phone')
WHERE session.release_id = %(release)s
GROUP BY office.code ORDER BY office.code
"""
# An appointment that was moved here counts here. One row a seat: how often it was given, how often given up.
GIVEN = """
WITH seats AS (
    SELECT a.consulate_id, a.seat_id, count(*) FILTER (WHERE a.status = 'cancelled') AS given_up,
           bool_or(a.status <> 'cancelled') AS is_taken
    FROM appointments_appointment a
    JOIN consulates_session session ON session.id = a.session_id AND session.release_id = %(release)s
    JOIN consulates_seat seat ON seat.id = a.seat_id AND seat.pool IN ('public', 'phone')
    GROUP BY a.consulate_id, a.seat_id
)
SELECT office.code, count(*) FILTER (WHERE is_taken)::int, coalesce(sum(given_up), 0)::int,
       count(*) FILTER (WHERE given_up > 0 AND is_taken)::int
FROM seats JOIN consulates_consulate office ON office.id = seats.consulate_id
GROUP BY office.code
"""
BY_CHANNEL = """
SELECT a.channel, count(*)::int
FROM appointments_appointment a
JOIN consulates_session session ON session.id = a.session_id AND session.release_id = %(release)s
JOIN consulates_seat seat ON seat.id = a.seat_id AND seat.pool IN ('public', 'phone')
GROUP BY a.channel
"""


def name_of(release_id: int) -> str:
    return f"datos/cumplimiento/{release_id}.json"


def figures(release: Release, *, now: datetime) -> dict[str, Any]:
    """The published figures, at most OLDEST old: from the file where it is fresh enough."""
    file = published.fresh(name_of(release.pk), oldest=OLDEST, now=now, make=lambda at: written(release, now=at))
    return json.loads(file.content)


def written(release: Release, *, now: datetime) -> bytes:
    return canonical(counted(release, now=now))


def counted(release: Release, *, now: datetime) -> dict[str, Any]:
    """Three queries. Numbers of people from one to four are null, and so is what would give them away."""
    opened = _rows(OPENED, release, now)
    given = {code: rest for code, *rest in _rows(GIVEN, release, now)}
    channels = dict.fromkeys(Channel.values, 0) | dict(_rows(BY_CHANNEL, release, now))
    offices = []
    for code, opened_at, seats, withheld in opened:
        taken, given_up, again = given.get(code, (0, 0, 0))
        offices.append({
            "office": code, "opened_at": utc(opened_at), "opened_seats": seats, "withheld_seats": withheld,
            "taken": shown(taken), "given_up": shown(given_up), "given_again": shown(again),
        })  # fmt: skip
    totals = [sum(row[place] for row in given.values()) for place in range(3)]
    return {
        "release": release.pk,
        "counted_at": utc(now),
        "opened_seats": sum(row[2] for row in opened),
        "withheld_seats": sum(row[3] for row in opened),
        "taken": shown(totals[0]),
        "given_up": shown(totals[1]),
        "given_again": shown(totals[2]),
        "bookings": shown(sum(channels.values())),
        "by_channel": suppressed(channels),
        "offices": _without_what_follows(offices),
    }


def _without_what_follows(offices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A single office whose number is left out would follow from the total."""
    for key in ("taken", "given_up", "given_again"):
        hidden = [row for row in offices if row[key] is None]
        others = [row for row in offices if row[key]]
        if len(hidden) == 1 and others:
            min(others, key=lambda row: row[key])[key] = None
    return offices


def _rows(statement: str, release: Release, now: datetime) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"release": release.pk, "now": now, "announced": release.announced_at})
        return cursor.fetchall()
