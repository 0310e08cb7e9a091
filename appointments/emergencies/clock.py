"""Pure: by when an officer answers. Working hours are those of the office's wall clock on its working days."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from consulates.calendars import to_utc, zone

OPENS, CLOSES = time(9), time(17)
NOON = time(12)
AT_LEAST = timedelta(hours=1)
SATURDAY = 5


def after_working_hours(start: datetime, hours: int, zone_name: str, rests: Collection[date] = ()) -> datetime:
    """The moment, in UTC, when ``hours`` working hours have passed since ``start`` (timezone-aware).

    Saturdays, Sundays and the days on which the office ``rests`` have none.
    """
    left = timedelta(hours=hours)
    day = start.astimezone(zone(zone_name)).date()
    while True:
        if day.weekday() < SATURDAY and day not in rests:
            opens, closes = to_utc(day, OPENS, zone_name), to_utc(day, CLOSES, zone_name)
            begins = max(start, opens)
            if begins < closes:
                if begins + left <= closes:
                    return begins + left
                left -= closes - begins
        day += timedelta(days=1)


def answer_by(
    asked_at: datetime, needed_by: date, *, hours: int, zone_name: str, rests: Collection[date] = ()
) -> datetime:
    """The target of ``hours`` working hours, or noon of the day on which the paper is needed when that comes first;
    never sooner than an hour after it was asked.
    """
    target = min(after_working_hours(asked_at, hours, zone_name, rests), to_utc(needed_by, NOON, zone_name))
    return max(target, asked_at + AT_LEAST)
