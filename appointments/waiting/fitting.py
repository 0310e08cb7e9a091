"""Pure: which freed seats suit whom, and whether an offer can be made now. No clock, no database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby

from appointments.models.waiting import MOST_OFFERS_OF_A_SEAT
from consulates.calendars import zone
from consulates.parties import FreeSlot, choices
from consulates.selectors import miles_between

OFFER_LENGTH = timedelta(minutes=30)
# Nobody is told of something that begins before they can arrange it.
BEFORE_START = timedelta(hours=24)
DAY_BEGINS, DAY_ENDS = time(8), time(21)
# A mobile session counts as its office's for whoever chose the office only when it is held nearby.
NEAR_OFFICE_MILES = 50


@dataclass(frozen=True)
class Wish:
    """What an entry waits for. ``here`` and ``miles`` are a distance, ``offices`` a choice; one of them is given."""

    party: int
    procedure_id: int
    weekdays: frozenset[int]
    from_hour: int
    to_hour: int
    last_day: date
    time_zone: str
    offices: frozenset[int] = frozenset()
    here: tuple[float, float] | None = None
    miles: int = 0
    pools: frozenset[str] = frozenset({"public"})


@dataclass(frozen=True)
class Freed:
    """A freed seat that rests unseen. ``turns`` counts the offers that it was in since it was freed; ``offers_until``
    comes sooner than ``visible_at`` where it goes into a draw.
    """

    seat_id: int
    visible_at: datetime
    turns: int
    pool: str = "public"
    offers_until: datetime | None = None

    @property
    def until(self) -> datetime:
        """When the last offer ends."""
        return self.offers_until or self.visible_at


@dataclass
class FreedSlot:
    """A time with freed seats."""

    slot_id: int
    session_id: int
    consulate_id: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: tuple[float, float]
    miles_from_office: float
    procedures: frozenset[int]
    seats: list[Freed] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(zone(self.time_zone)).date()


@dataclass(frozen=True)
class Chosen:
    """Seats for a whole party: slots and their seats, in order of time."""

    parts: tuple[tuple[FreedSlot, tuple[Freed, ...]], ...]

    @property
    def starts_at(self) -> datetime:
        return self.parts[0][0].starts_at

    @property
    def session_id(self) -> int:
        return self.parts[0][0].session_id

    @property
    def seat_ids(self) -> list[int]:
        return [seat.seat_id for _slot, seats in self.parts for seat in seats]


def is_awake(now: datetime, zone_name: str) -> bool:
    """Whether an offer that begins at ``now`` lies wholly between 8 and 21 on that clock."""
    begins, ends = (at.astimezone(zone(zone_name)) for at in (now, now + OFFER_LENGTH))
    return begins.date() == ends.date() and begins.time() >= DAY_BEGINS and ends.time() <= DAY_ENDS


def can_be_offered(slot: FreedSlot, seat: Freed, now: datetime) -> bool:
    """Whether an offer of this seat can end before others have it, by day, a day before the session, and is not its
    fourth.
    """
    ends = now + OFFER_LENGTH
    return (
        seat.turns < MOST_OFFERS_OF_A_SEAT
        and ends <= seat.until
        and ends + BEFORE_START <= slot.starts_at
        and is_awake(now, slot.time_zone)
    )


def reaches(wish: Wish, slot: FreedSlot) -> bool:
    """Whether the place is one of those that the entry waits for, and serves its procedure."""
    if wish.procedure_id not in slot.procedures:
        return False
    if wish.here is not None:
        return miles_between(wish.here, slot.place) <= wish.miles
    return slot.consulate_id in wish.offices and slot.miles_from_office <= NEAR_OFFICE_MILES


def suits(wish: Wish, slot: FreedSlot) -> bool:
    """Whether day and hour are among those that the entry named."""
    local = slot.starts_at.astimezone(zone(slot.time_zone))
    return (
        local.isoweekday() in wish.weekdays
        and wish.from_hour <= local.hour < wish.to_hour
        and local.date() <= wish.last_day
    )


def best(wish: Wish, slots: Iterable[FreedSlot], *, without: Collection[int] = (), now: datetime) -> Chosen | None:
    """The earliest seats at which the whole party fits, all in one session, at one time where that is possible.

    ``slots`` in order of session and time; ``without`` are seats that the entry cannot have.
    """
    fitting = [slot for slot in slots if reaches(wish, slot) and suits(wish, slot)]
    found: list[Chosen] = []
    for _session, group in groupby(fitting, key=lambda slot: slot.session_id):
        found += _in_session(wish, list(group), without, now)
    return min(found, key=lambda chosen: (len(chosen.parts), chosen.starts_at, chosen.seat_ids), default=None)


def _in_session(wish: Wish, slots: Sequence[FreedSlot], without: Collection[int], now: datetime) -> list[Chosen]:
    usable = {
        slot.slot_id: [
            seat
            for seat in sorted(slot.seats, key=lambda seat: (seat.until, seat.seat_id))
            if seat.seat_id not in without and seat.pool in wish.pools and can_be_offered(slot, seat, now)
        ]
        for slot in slots
    }
    by_id = {slot.slot_id: slot for slot in slots}
    free = [FreeSlot(slot.slot_id, slot.starts_at, slot.ends_at, len(usable[slot.slot_id])) for slot in slots]
    return [
        Chosen(tuple((by_id[slot_id], tuple(usable[slot_id][:seats])) for slot_id, seats in choice.parts))
        for choice in choices(free, wish.party)
    ]
