"""Pure: when somebody may be told. Nobody's phone rings at night in the place that the news is about."""

from datetime import datetime, time, timedelta

from consulates.calendars import to_utc, zone

DAY_FROM, DAY_TO = time(8), time(21)
EVENING = time(20)
HOUR = timedelta(hours=1)


def in_daytime(at: datetime, zone_name: str) -> datetime:
    """``at`` where it is day there, else eight o'clock of the next morning."""
    local = at.astimezone(zone(zone_name))
    if DAY_FROM <= local.time() < DAY_TO:
        return at
    day = local.date() if local.time() < DAY_FROM else local.date() + timedelta(days=1)
    return to_utc(day, DAY_FROM, zone_name)


def reminder_at(opens_at: datetime, zone_name: str) -> datetime:
    """An hour before it opens; where that is night, eight in the evening before."""
    at = opens_at - HOUR
    local = at.astimezone(zone(zone_name))
    if DAY_FROM <= local.time() < DAY_TO:
        return at
    day = local.date() if local.time() >= DAY_TO else local.date() - timedelta(days=1)
    return to_utc(day, EVENING, zone_name)
