"""Pure: when what is published becomes bookable, by habit."""

from datetime import date, datetime, time, timedelta

from .calendars import to_utc

WEDNESDAY = 2
RELEASE_HOUR = time(10)
TOUR_WEEKS = 3
CAMPAIGN_WEEKS = 2


def wednesday_before(day: date, zone_name: str, *, weeks: int) -> datetime:
    """Ten in the morning, local time, of the Wednesday ``weeks`` weeks before the week of ``day``."""
    monday = day - timedelta(days=day.weekday())
    return to_utc(monday + timedelta(days=WEDNESDAY, weeks=-weeks), RELEASE_HOUR, zone_name)
