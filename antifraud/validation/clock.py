"""Pure: when somebody is asked, reminded, and until when they may answer. Never at night where they live."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from consulates.calendars import to_utc, zone

LASTS = timedelta(hours=72)
BEFORE_APPOINTMENT = timedelta(hours=48)
# With less time than this nobody is asked by message: the window is asked instead.
LEAST = timedelta(hours=6)
REMINDED_BEFORE = timedelta(hours=24)
LEAST_AFTER_REMINDER = timedelta(hours=2)
MORNING, EVENING = time(8), time(21)
LAST_HOUR = time(20)


class Times(NamedTuple):
    """In UTC. ``remind_at`` is None when a reminder would come too close to the message or to the end."""

    send_at: datetime
    until: datetime
    remind_at: datetime | None


def times_for(now: datetime, starts_at: datetime, zone_name: str) -> Times | None:
    """For 72 hours from the message on, or until 48 hours before the appointment; None when that is too short."""
    send_at = by_day(now, zone_name)
    until = min(send_at + LASTS, starts_at - BEFORE_APPOINTMENT)
    if until - send_at < LEAST:
        return None
    return Times(send_at, until, _remind_at(send_at, until, zone_name))


def is_night(at: datetime, zone_name: str) -> bool:
    return by_day(at, zone_name) != at


def by_day(at: datetime, zone_name: str) -> datetime:
    """``at``, or the next morning at eight when it is night there."""
    local = at.astimezone(zone(zone_name))
    if local.time() < MORNING:
        return to_utc(local.date(), MORNING, zone_name)
    if local.time() >= EVENING:
        return to_utc(local.date() + timedelta(days=1), MORNING, zone_name)
    return at


def _remind_at(send_at: datetime, until: datetime, zone_name: str) -> datetime | None:
    """24 hours before the end, half-way when there is less than twice that; at night the morning after or the evening
    before, whichever leaves time to answer.
    """
    wanted = until - REMINDED_BEFORE if until - send_at >= 2 * REMINDED_BEFORE else send_at + (until - send_at) / 2
    morning = by_day(wanted, zone_name)
    evening = to_utc(morning.astimezone(zone(zone_name)).date() - timedelta(days=1), LAST_HOUR, zone_name)
    for at in (wanted if morning == wanted else morning, evening):
        if send_at + LEAST_AFTER_REMINDER <= at <= until - LEAST_AFTER_REMINDER:
            return at
    return None
