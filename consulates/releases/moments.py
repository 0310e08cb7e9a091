"""Pure: what was meant in wall time becomes moments, and which of them are bad for people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from consulates.calendars import to_utc, zone
from consulates.models import Gate, Procedure

from .errors import DifferentMoments, TelephoneEndsTooSoon

# From when until when people are awake and may look at their telephone.
EARLIEST, LATEST = time(8), time(20)
# A release is approved and cancelled at least so long before it opens: longer than any transaction lasts, so that no
# claim reads the slots as they were before.
NOTICE = timedelta(minutes=5)
# Fewer days than these from the opening to a session, or hours from the announcement to the opening, are warned of.
DAYS_BEFORE_SESSIONS = 7
HOURS_TO_KNOW = 48
# A winner of a draw has a day to accept, and so has the next in order.
HOURS_FOR_WINNERS = 48


@dataclass(frozen=True)
class Terms:
    """What staff decide about a release. ``day`` and ``hour`` are wall time: of each office, or of ``clock`` (the name
    of a zone) for all. Lengths count from the opening; those of joining and of the gate are None in mode open.
    """

    name: str
    mode: Gate
    day: date
    hour: time
    name_en: str = ""
    clock: str = ""
    joins_before: timedelta | None = None
    gate_for: timedelta | None = None
    phone_share: int = 0
    phone_for: timedelta | None = None
    procedures: Collection[Procedure] = ()


@dataclass(frozen=True)
class Moments:
    """``opens`` by office id; ``first`` is the earliest of them."""

    opens: Mapping[int, datetime]
    first: datetime
    joins_from: datetime | None
    opens_to_all_at: datetime | None
    phone_until: datetime | None


def moments_of(terms: Terms, zones: Mapping[int, str]) -> Moments:
    """The moments of ``terms`` in offices whose ``zones`` are given by their id.

    Raises CalendarError (that wall time exists nowhere or twice there), DifferentMoments or TelephoneEndsTooSoon.
    """
    opens = {office: to_utc(terms.day, terms.hour, terms.clock or name) for office, name in zones.items()}
    first, last = min(opens.values()), max(opens.values())
    is_gated = terms.mode != Gate.OPEN
    if is_gated and first != last:
        raise DifferentMoments(zones.values())
    phone_until = first + terms.phone_for if terms.phone_share and terms.phone_for else None
    if phone_until and phone_until <= last:
        raise TelephoneEndsTooSoon
    return Moments(
        opens=opens,
        first=first,
        joins_from=first - terms.joins_before if is_gated and terms.joins_before else None,
        opens_to_all_at=first + terms.gate_for if is_gated and terms.gate_for else None,
        phone_until=phone_until,
    )


def is_odd_hour(at: datetime, zone_name: str) -> bool:
    """Whether clocks there show an hour at which many people sleep."""
    return not EARLIEST <= at.astimezone(zone(zone_name)).time() < LATEST


def way_at(mode: Gate, *, opens_at: datetime, opens_to_all_at: datetime | None, at: datetime) -> str:
    """How somebody off the street gets a place at the moment ``at``: "later", "all", "queue" or "draw"."""
    if at < opens_at:
        return "later"
    if mode == Gate.OPEN or (opens_to_all_at is not None and opens_to_all_at <= at):
        return "all"
    return str(mode)
