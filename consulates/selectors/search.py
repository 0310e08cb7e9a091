"""The soonest for me: the nearest earliest seats for a party, over offices and mobile sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.db import connection

from consulates.models import Procedure, Session
from consulates.models.slot import ANYBODYS_SEAT_SQL
from consulates.models.suspension import OFFERED_SQL
from consulates.parties import Choice, choices
from consulates.places import Found

from .availability import free_slots

NEAR_MILES = 100
# Beyond them, places are looked at BATCH by BATCH, nearest first, until there is enough to choose from.
BATCH = 12
MAX_BATCHES = 3
ENOUGH = 4
HORIZON_DAYS = 92


class Order(StrEnum):
    SOONEST = "pronto"
    NEAREST = "cerca"


def miles_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Great-circle distance of two (latitude, longitude) in miles."""
    (lat1, lon1), (lat2, lon2) = (map(radians, point) for point in (first, second))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 3958.8 * asin(min(1.0, sqrt(half)))


@dataclass(frozen=True)
class Stop:
    """Somewhere that appointments are given: an office, or a town where a session is held."""

    consulate_id: int
    place_name: str
    city: str
    state: str
    latitude: float
    longitude: float
    miles: float | None = None

    @property
    def is_near(self) -> bool:
        return self.miles is None or self.miles <= NEAR_MILES


@dataclass(frozen=True)
class Hit:
    """The earliest seats for the party in one place."""

    stop: Stop
    session: Session
    choice: Choice
    free: int

    @property
    def miles(self) -> float | None:
        return self.stop.miles


# The sessions of a place are looked at in order and only until one fits: the sorted inner query, its OFFSET 0, and
# the check for enough free seats before times are compared keep the planner from reading all of them.
FIRST_FITS = f"""
SELECT stop.number, hit.session_id, hit.starts_at
FROM unnest(%(consulates)s::bigint[], %(cities)s::text[], %(names)s::text[])
     WITH ORDINALITY AS stop (consulate_id, city, place_name, number)
CROSS JOIN LATERAL (
    SELECT session.id AS session_id, fit.starts_at
    FROM (
        SELECT session.id, session.date, session.starts_at FROM consulates_session session
        WHERE session.consulate_id = stop.consulate_id AND session.date BETWEEN %(first)s AND %(last)s
          -- Not "=": the index of the exclusion constraint would be read, with the place's whole history.
          AND (session.city, session.place_name) IS NOT DISTINCT FROM (stop.city, stop.place_name)
          AND session.status = 'published' AND session.ends_at > %(now)s
          AND (NOT %(weekend)s OR extract(isodow FROM session.date) >= 6)
          AND {OFFERED_SQL}
        ORDER BY session.date, session.starts_at OFFSET 0
    ) session
    CROSS JOIN LATERAL (
        SELECT room.starts_at FROM (
            SELECT counted.starts_at, counted.free, sum(counted.free) OVER (
                PARTITION BY counted.island ORDER BY counted.starts_at
                ROWS BETWEEN CURRENT ROW AND %(others)s FOLLOWING) AS together
            FROM (
                SELECT slot.starts_at, seats.free,
                       count(*) FILTER (WHERE seats.free = 0) OVER (ORDER BY slot.starts_at) AS island
                FROM consulates_slot slot
                CROSS JOIN LATERAL (
                    SELECT count(*) AS free FROM consulates_seat seat
                    WHERE seat.slot_id = slot.id AND {ANYBODYS_SEAT_SQL}
                ) seats
                WHERE slot.session_id = session.id AND slot.starts_at > %(now)s
            ) counted
        ) room
        WHERE room.free > 0 AND room.together >= %(party)s AND %(party)s <= (
            SELECT count(*) FROM (
                SELECT 1 FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
                WHERE slot.session_id = session.id AND {ANYBODYS_SEAT_SQL} LIMIT %(party)s) enough)
        ORDER BY room.starts_at LIMIT 1
    ) fit
    ORDER BY session.date, session.starts_at LIMIT 1
) hit
"""  # noqa: S608


def stops(
    *,
    now: datetime,
    near: Found | None,
    procedure: Procedure | None = None,
    weekend: bool = False,
    practice: bool = False,
) -> list[Stop]:
    """Every place with a published session to come, nearest first when ``near`` is given. One query.

    ``practice``: those of the office in which staff practise, and no other.
    """
    last = now + timedelta(days=HORIZON_DAYS)
    sessions = Session.objects.published().not_over(now=now).filter(ends_at__lte=last, consulate__is_practice=practice)
    if procedure:
        sessions = sessions.offering(procedure)
    if weekend:
        sessions = sessions.filter(date__iso_week_day__gte=6)
    rows = (
        sessions.order_by()
        .values_list("consulate_id", "place_name", "city", "state", "latitude", "longitude")
        .distinct()
    )
    if near is None:
        return [Stop(*row) for row in rows]
    here = (near.latitude, near.longitude)
    found = [
        replace(stop, miles=miles_between(here, (float(stop.latitude), float(stop.longitude))))
        for stop in (Stop(*row) for row in rows)
    ]
    return sorted(found, key=lambda stop: (stop.miles, stop.consulate_id, stop.place_name))


def soonest(
    *,
    now: datetime,
    procedure: Procedure | None = None,
    near: Found | None = None,
    weekend: bool = False,
    party: int = 1,
    order: Order = Order.SOONEST,
    limit: int = 8,
    practice: bool = False,
) -> list[Hit]:
    """The earliest seats for a party, one per place, over offices and mobile sessions.

    With ``near``: places within NEAR_MILES are compared first and listed first; when fewer than ENOUGH of them
    have seats, the next nearest follow, BATCH by BATCH, until there are enough. In each of the two groups SOONEST
    puts the earliest first (equal times by distance), NEAREST the closest (equal distances by time). Without
    ``near`` all places count, the earliest first. At most MAX_BATCHES are added, and HORIZON_DAYS looked ahead.
    """
    candidates = stops(now=now, near=near, procedure=procedure, weekend=weekend, practice=practice)
    found: list[tuple[Stop, int, datetime]] = []
    for batch in _batches(candidates, near=near):
        if len(found) >= ENOUGH:
            break
        found += _first_fits(batch, now=now, procedure=procedure, weekend=weekend, party=party)
    if order == Order.NEAREST and near:
        found.sort(key=lambda hit: (hit[0].miles, hit[2]))
    else:
        found.sort(key=lambda hit: (not hit[0].is_near, hit[2], hit[0].miles or 0, hit[0].consulate_id))
    return _hits(found[:limit], now=now, party=party)


def _batches(candidates: Sequence[Stop], *, near: Found | None) -> Iterable[Sequence[Stop]]:
    if near is None:
        yield candidates
        return
    close = sum(stop.is_near for stop in candidates)
    yield candidates[:close]
    for start in range(close, min(len(candidates), close + MAX_BATCHES * BATCH), BATCH):
        yield candidates[start : start + BATCH]


def _first_fits(
    stops: Sequence[Stop], *, now: datetime, procedure: Procedure | None, weekend: bool, party: int
) -> list[tuple[Stop, int, datetime]]:
    if not stops:
        return []
    parameters: dict[str, Any] = {
        "consulates": [stop.consulate_id for stop in stops],
        "cities": [stop.city for stop in stops],
        "names": [stop.place_name for stop in stops],
        "now": now,
        # In the west it may still be yesterday's date.
        "first": (now - timedelta(days=1)).date(),
        "last": (now + timedelta(days=HORIZON_DAYS)).date(),
        "weekend": weekend,
        "party": party,
        "others": party - 1,
        "procedure": procedure.id if procedure else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIRST_FITS, parameters)
        return [(stops[number - 1], session_id, at) for number, session_id, at in cursor.fetchall()]


def _hits(found: Sequence[tuple[Stop, int, datetime]], *, now: datetime, party: int) -> list[Hit]:
    """Load what the page shows. A seat that went in between leaves its place out."""
    ids = [session_id for _stop, session_id, _at in found]
    sessions = Session.objects.select_related("consulate").in_bulk(ids)
    free = free_slots(ids, now=now)
    hits = []
    for stop, session_id, _at in found:
        fitting = choices(free[session_id], party)
        if fitting:
            hits.append(Hit(stop, sessions[session_id], fitting[0], sum(slot.free for slot in free[session_id])))
    return hits
