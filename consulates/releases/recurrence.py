"""Pure: when a rule opens places, and of which days."""

from collections.abc import Iterator
from datetime import date, timedelta

from consulates.planning.recurrence import monday_of


def openings(weekday: int, *, first: date, last: date) -> Iterator[date]:
    """The days from ``first`` to ``last``, both included, that are this day of the week (0 is Monday)."""
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def days_opened(opens_on: date, *, weeks_ahead: int) -> tuple[date, date]:
    """Monday and Sunday of the week that an opening on ``opens_on`` is about."""
    monday = monday_of(opens_on) + timedelta(weeks=weeks_ahead)
    return monday, monday + timedelta(days=6)
