"""A month as weeks of days for components/calendar.html, and the words of dates in the reader's language."""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils import formats
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext


@dataclass(frozen=True)
class Link:
    href: str
    text: str


@dataclass(frozen=True)
class Day:
    """One cell; ``href`` and ``note`` ("12") only for days to choose; ``label`` is read aloud in full."""

    number: int
    href: str = ""
    note: str = ""
    label: str = ""
    today: bool = False


@dataclass(frozen=True)
class Weekday:
    name: str
    short: str


@dataclass(frozen=True)
class Month:
    title: str
    weekdays: list[Weekday]
    weeks: list[list[Day | None]]
    previous: Link | None
    next: Link | None


def long_date(day: dt.date) -> str:
    """``lunes 7 de diciembre de 2026`` or ``Monday, December 7, 2026``."""
    # Translators: a format of Django's date filter, not words.
    text = formats.date_format(day, gettext("l, F j, Y"))
    # Django writes the Spanish Saturday and Sunday with a capital, the other days without.
    return text if (get_language() or "es").startswith("en") else text[0].lower() + text[1:]


def month_title(year: int, month: int) -> str:
    return formats.date_format(dt.date(year, month, 1), gettext("F Y"))


def month_of(
    year: int,
    month: int,
    days: Mapping[dt.date, Day],
    *,
    today: dt.date,
    previous: Link | None = None,
    next: Link | None = None,
) -> Month:
    """The month from Monday to Sunday; ``days`` holds the cells that can be chosen, by date."""
    weeks = [
        [_cell(date, days, today) if date.month == month else None for date in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    weekdays = [Weekday(str(WEEKDAYS[number]), str(WEEKDAYS_ABBR[number])) for number in range(7)]
    return Month(month_title(year, month), weekdays, weeks, previous, next)


def _cell(date: dt.date, days: Mapping[dt.date, Day], today: dt.date) -> Day:
    day = days.get(date, Day(date.day))
    return replace(day, today=True) if date == today else day
