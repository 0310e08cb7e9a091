"""Counting how looks for a seat ended, without keeping who looked.

A search, or a booking after one, tells Redis in one round trip a place and how it ended; ``keep`` adds it to the table
within a minute. Nothing here asks the database while somebody waits for a page, and without Redis a page is as it was:
nobody is counted. So the numbers are a lower bound; no fault, and no second run of a task, counts anybody twice.

A person counts once a day and procedure. For that a mark lies in Redis until the day is over: a hash made with a salt
that is drawn anew each day and stands nowhere else, so that nobody, we neither, can turn it back, or tie the marks of
two days together. Who shares an address and a kind of browser counts as one.
"""

import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.cache import caches
from django.db import connection, transaction
from django.dispatch import receiver
from django.http import HttpRequest

from appointments.models import Ended, EndReason, OfferOutcome, WaitingEntry
from consulates.models import Consulate, Procedure, Session
from consulates.places import Found, Point
from consulates.selectors import miles_between
from consulates.signals import search_unmet
from mexitel.utils.cache import ResilientRedisCache
from mexitel.utils.clients import client_address, client_of
from mexitel.utils.crypto import keyed_hash

COUNTS = "demand:counts"
DAY_SECONDS = 86400
# Looks of one client that count on a day: whoever asks for every town is no person who looks for a place.
MOST_A_DAY = 5
# What says that it is a program needs no seat.
ROBOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python|java/|go-http|headless", re.IGNORECASE)

# Keys: the day's salt, the counts. Values: who, procedure, look, a salt to begin the day with, seconds, most a day.
COUNT_ONCE = """
local salt = redis.call('GET', KEYS[1])
if not salt then
    salt = ARGV[4]
    redis.call('SET', KEYS[1], salt, 'EX', ARGV[5])
end
local mark = 'demand:mark:' .. redis.sha1hex(salt .. ARGV[1])
if not redis.call('SET', mark .. ':' .. ARGV[2], 1, 'NX', 'EX', ARGV[5]) then return 0 end
local number = redis.call('INCR', mark)
redis.call('EXPIRE', mark, ARGV[5])
if number > tonumber(ARGV[6]) then return 0 end
return redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
"""
COUNT = "return redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])"
TAKE = """
local all = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return all
"""

# The area of a place is that of the nearest known ZIP code within half a degree; without one nothing is counted.
ADD = """
WITH told AS (
    SELECT * FROM unnest(%(weeks)s::date[], %(latitudes)s::float[], %(longitudes)s::float[], %(procedures)s::bigint[],
                         %(ends)s::text[], %(parties)s::int[], %(looks)s::int[])
        AS told (week, latitude, longitude, procedure_id, ended, party, looks)
), area AS (
    SELECT point.*, near.zip3
    FROM (SELECT DISTINCT latitude, longitude FROM told) point
    CROSS JOIN LATERAL (
        SELECT left(place.key, 3) AS zip3 FROM consulates_place place
        WHERE place.kind = 'zip' AND place.latitude BETWEEN point.latitude - 0.5 AND point.latitude + 0.5
          AND place.longitude BETWEEN point.longitude - 0.5 AND point.longitude + 0.5
        ORDER BY (place.latitude - point.latitude) ^ 2
               + ((place.longitude - point.longitude) * cos(radians(point.latitude))) ^ 2, place.key
        LIMIT 1
    ) near
)
INSERT INTO appointments_demandcell AS cell (week, zip3, procedure_id, ended, looks, people, is_sample)
SELECT week, zip3, procedure_id, ended, sum(looks), sum(looks * party), false
FROM told JOIN area USING (latitude, longitude)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (week, zip3, procedure_id, ended)
DO UPDATE SET looks = cell.looks + excluded.looks, people = cell.people + excluded.people
"""


@dataclass(frozen=True)
class Look:
    """How one look for ``party`` seats around a point ended, in the week of that Monday."""

    week: date
    point: Point
    procedure_id: int
    ended: Ended
    party: int

    def as_text(self) -> str:
        return f"{self.week}|{self.point.as_text()}|{self.procedure_id}|{self.ended}|{self.party}"

    @classmethod
    def from_text(cls, text: str) -> "Look":
        week, point, procedure, ended, party = text.split("|")
        return cls(date.fromisoformat(week), Point.from_text(point), int(procedure), Ended(ended), int(party))


@receiver(search_unmet)
def count_search(
    *,
    request: HttpRequest,
    place: Found,
    procedure: Procedure,
    party: int,
    is_far: bool,
    now: datetime,
    **kwargs: object,
) -> None:
    """A state is no area, and its middle would count for whoever lives there."""
    agent = request.headers.get("User-Agent", "")
    if place.is_state or not agent or ROBOT.search(agent):
        return
    look = Look(monday_of(now.date()), place.point, procedure.pk, Ended.FAR if is_far else Ended.NONE, party)
    _redis().run_script(
        COUNT_ONCE, [f"demand:salt:{now.date()}", COUNTS],
        _who(request, agent), procedure.pk, look.as_text(), secrets.token_hex(16), DAY_SECONDS, MOST_A_DAY,
    )  # fmt: skip


def _who(request: HttpRequest, agent: str) -> str:
    """A session, where one is signed in, tells the phones of a family apart."""
    session = getattr(getattr(request, "session", None), "session_key", None) or ""
    parts = [client_of(client_address(request)), agent, request.headers.get("Accept-Language", ""), session]
    return keyed_hash("demand", "\x1f".join(parts)).hex()


def count_booking(near: str, *, session: Session, procedure_id: int, party: int, now: datetime) -> None:
    """Somebody who searched near the point ``near`` (a Point as text, from the page) booked in ``session``."""
    point = Point.from_text(near)
    _tell(Look(monday_of(now.date()), point, procedure_id, _distance(point, session), party))


def count_waiting(entry: WaitingEntry, why: EndReason, *, now: datetime) -> None:
    """An entry of the waiting list ends: because its date came, which counts in the transaction that ends it and so
    exactly once; or with the seat of an offer, while somebody waits for the page that says so.

    Of an entry for offices nobody knows from where: it counts where its first office stands, and has no distance.
    """
    here = None
    if entry.latitude is not None and entry.longitude is not None:
        here = Point.at(entry.latitude, entry.longitude)
    week = monday_of(now.date())
    if why == EndReason.OVER:
        add({Look(week, here or _first_office(entry), entry.procedure_id, Ended.WAITED, entry.party): 1})
    elif why == EndReason.BOOKED and here is not None:
        offer = entry.offers.filter(outcome=OfferOutcome.ACCEPTED).select_related("session").last()
        if offer is not None:  # else it was found without the list
            look = Look(week, here, entry.procedure_id, _distance(here, offer.session), entry.party)
            transaction.on_commit(lambda: _tell(look), robust=True)


def _first_office(entry: WaitingEntry) -> Point:
    office = Consulate.objects.get(pk=entry.offices[0])
    return Point.at(float(office.latitude), float(office.longitude))


def _tell(look: Look, number: int = 1) -> None:
    _redis().run_script(COUNT, [COUNTS], look.as_text(), number)


def _distance(point: Point, session: Session) -> Ended:
    return Ended.seated_within(miles_between(point, (float(session.latitude), float(session.longitude))))


def keep() -> int:
    """What was told since the last run goes into the table; returns how many looks.

    They are taken from Redis first: a worker that dies in between loses them, and nothing is added twice.
    """
    told = _redis().run_script(TAKE, [COUNTS]) or []
    counted = Counter({Look.from_text(text.decode()): int(number) for text, number in _pairs(told)})
    if not counted:
        return 0
    try:
        add(counted)
    except Exception:
        for look, number in counted.items():
            _tell(look, number)
        raise
    return counted.total()


def add(counted: dict[Look, int]) -> None:
    looks = list(counted)
    asked: dict[str, Any] = {
        "weeks": [look.week for look in looks],
        "latitudes": [look.point.latitude for look in looks],
        "longitudes": [look.point.longitude for look in looks],
        "procedures": [look.procedure_id for look in looks],
        "ends": [str(look.ended) for look in looks],
        "parties": [look.party for look in looks],
        "looks": [counted[look] for look in looks],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD, asked)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _redis() -> ResilientRedisCache:
    return cast(ResilientRedisCache, caches["default"])


def _pairs(flat: list[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)
