import datetime as dt

from django.template.loader import render_to_string
from django.utils import translation

from mexitel.utils import calendar


def test_month_starts_its_weeks_on_monday():
    chosen = {dt.date(2026, 12, 7): calendar.Day(7, "/x/")}
    month = calendar.month_of(2026, 12, chosen, today=dt.date(2026, 12, 7))

    assert [day and day.number for day in month.weeks[0]] == [None, 1, 2, 3, 4, 5, 6]
    assert [day and day.number for day in month.weeks[-1]] == [28, 29, 30, 31, None, None, None]
    assert [day.number for week in month.weeks for day in week if day and day.today] == [7]


def test_only_given_days_can_be_chosen():
    chosen = calendar.Day(8, "/oficinas/dallas/2026-12-08/", "12", "martes 8 de diciembre: 12 horas libres")
    month = calendar.month_of(2026, 12, {dt.date(2026, 12, 8): chosen}, today=dt.date(2026, 12, 7))

    page = render_to_string("components/calendar.html", {"calendar": month})

    assert page.count("<a ") == 1
    assert 'aria-label="martes 8 de diciembre: 12 horas libres"' in page


def test_first_and_last_month_of_the_calendar_do_not_overflow():
    assert calendar.month_of(2, 1, {}, today=dt.date(2026, 12, 7)).weeks
    assert calendar.month_of(9998, 12, {}, today=dt.date(2026, 12, 7)).weeks


def test_dates_are_said_in_both_languages():
    day = dt.date(2026, 12, 7)

    with translation.override("es"):
        assert calendar.long_date(day) == "lunes 7 de diciembre de 2026"
    with translation.override("en"):
        assert calendar.long_date(day) == "Monday, December 7, 2026"


def test_spanish_sunday_is_written_small():
    with translation.override("es"):
        assert calendar.long_date(dt.date(2026, 12, 6)) == "domingo 6 de diciembre de 2026"
