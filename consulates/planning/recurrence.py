"""Pure: the days on which a template recurs, and the weeks to which a week is copied."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from dateutil.rrule import WEEKLY, rrule

WEEK = timedelta(weeks=1)
LONGEST = timedelta(days=366)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def days_of(*, first: date, until: date, weekdays: Collection[int], every_weeks: int = 1) -> list[date]:
    """The given days of the week (0 is Monday) of every ``every_weeks``-th week, from ``first`` to ``until``.

    The week of ``first`` is the first of them, whichever day it begins on.
    """
    if not weekdays:
        return []
    rule = rrule(
        WEEKLY,
        dtstart=datetime.combine(first, time()),
        until=datetime.combine(min(until, first + LONGEST), time()),
        interval=every_weeks,
        byweekday=sorted(weekdays),
        wkst=0,
    )
    return [moment.date() for moment in rule]


def moved(days: Iterable[date], *, week: date, to: date) -> list[tuple[date, date]]:
    """Each day of the week that begins on ``week`` with its day in the week that begins on ``to``."""
    return [(day, to + (day - week)) for day in days]
