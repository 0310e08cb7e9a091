"""Pure: hours, windows and capacity factor become slots and seats. No database, no clock.

A session is meant in wall time and kept in UTC. A wall time that does not exist (the hour that spring skips)
or that happens twice (the hour that autumn repeats) is refused by name: a guess would send people at the
wrong hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class CalendarError(ValueError):
    """A session cannot be turned into a calendar; ``code`` says why and stays the same for machines."""

    code = "calendar"


class UnknownTimeZone(CalendarError):
    code = "unknown_time_zone"


class NonexistentLocalTime(CalendarError):
    code = "nonexistent_local_time"


class AmbiguousLocalTime(CalendarError):
    code = "ambiguous_local_time"


class NoRoomForASlot(CalendarError):
    code = "no_room_for_a_slot"


class PoolsTooLarge(CalendarError):
    """More seats are kept for staff and emergencies than some slot has windows."""

    code = "pools_too_large"


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA zone called ``name``. Raises UnknownTimeZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(name) from error


def to_utc(day: date, wall: time, zone_name: str) -> datetime:
    """The one moment at which clocks in ``zone_name`` show ``wall`` on ``day``.

    Raises NonexistentLocalTime or AmbiguousLocalTime where there is none or more than one.
    """
    local = datetime.combine(day, wall.replace(tzinfo=None))
    earlier = local.replace(tzinfo=zone(zone_name), fold=0)
    later = earlier.replace(fold=1)
    moment = earlier.astimezone(UTC)
    if moment.astimezone(zone(zone_name)).replace(tzinfo=None) != local:
        raise NonexistentLocalTime(f"{local:%Y-%m-%d %H:%M} does not exist in {zone_name}")
    if earlier.utcoffset() != later.utcoffset():
        raise AmbiguousLocalTime(f"{local:%Y-%m-%d %H:%M} happens twice in {zone_name}")
    return moment


@dataclass(frozen=True)
class Hours:
    """The intended wall time of a session: one day, ``[opens, closes)``, in the zone of its place."""

    day: date
    opens: time
    closes: time
    zone_name: str

    def in_utc(self) -> tuple[datetime, datetime]:
        return to_utc(self.day, self.opens, self.zone_name), to_utc(self.day, self.closes, self.zone_name)


@dataclass(frozen=True)
class PlannedSlot:
    """``seats`` rows are made, one per window; the first ``offered`` are given, the others stay withdrawn.

    The first ``emergency`` of them are for emergencies and the next ``staff`` for staff: a capacity factor, which
    withdraws from the end, leaves those out last.
    """

    starts_at: datetime
    ends_at: datetime
    seats: int
    offered: int
    staff: int = 0
    emergency: int = 0


def slot_times(starts_at: datetime, ends_at: datetime, slot_minutes: int) -> list[datetime]:
    """Starts of the whole slots in ``[starts_at, ends_at)``, counted in elapsed minutes."""
    length = timedelta(minutes=slot_minutes)
    return [starts_at + n * length for n in range((ends_at - starts_at) // length)]


def offered_seats(windows: int, factor: Decimal, slots: int) -> list[int]:
    """Seats offered in each of ``slots`` when only ``factor`` of the windows may work.

    Rounded down over the session and not per slot: after any number of slots no more than the factor's share
    has been offered, and less than one seat of it is lost at the end. Nine tenths of 5 windows over 10 slots
    are 45 seats, as 4, 5, 4, 5 ...; rounding each slot down would give 40.
    """
    share = windows * Decimal(factor)
    return [int(after) - int(before) for before, after in pairwise(share * n for n in range(slots + 1))]


def spread(seats: int, slots: int) -> list[int]:
    """``seats`` over ``slots``, as evenly as whole seats go: 2 over 4 are 0, 1, 0, 1."""
    return [seats * (n + 1) // slots - seats * n // slots for n in range(slots)]


def plan_slots(
    hours: Hours, *, windows: int, slot_minutes: int, factor: Decimal, staff: int = 0, emergency: int = 0
) -> Sequence[PlannedSlot]:
    """The slots of one session, in order, with ``staff`` and ``emergency`` seats of the whole session spread over them.

    Raises CalendarError when the hours do not hold one whole slot, or the pools more than the windows.
    """
    starts_at, ends_at = hours.in_utc()
    times = slot_times(starts_at, ends_at, slot_minutes)
    if not times:
        raise NoRoomForASlot(f"{hours.opens}-{hours.closes} holds no slot of {slot_minutes} minutes")
    length = timedelta(minutes=slot_minutes)
    offered = offered_seats(windows, factor, len(times))
    if not staff and not emergency:
        return [PlannedSlot(at, at + length, windows, given) for at, given in zip(times, offered, strict=True)]
    kept, urgent = spread(staff, len(times)), spread(emergency, len(times))
    if max(map(sum, zip(kept, urgent, strict=True))) > windows:
        raise PoolsTooLarge(f"{staff} + {emergency} seats in {len(times)} slots of {windows} windows")
    return [
        PlannedSlot(at, at + length, windows, *rest) for at, *rest in zip(times, offered, kept, urgent, strict=True)
    ]
