"""Words and small facts of the pages of the day: ``{% load day %}``."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django import template
from django.utils.formats import date_format

from appointments.day import wording
from appointments.day.roster import Line
from appointments.models import Attendee
from appointments.models.attendance import AttendanceState
from appointments.visits import place_of
from consulates.models import Session, SessionStatus
from consulates.wording import clock
from mexitel.utils import calendar

register = template.Library()
register.filter("keys", wording.keys_of)
register.filter("counted", wording.counted)
register.filter("counted_all", wording.counted_all)
TAGS = {
    AttendanceState.ARRIVED: " govuk-tag--yellow",
    AttendanceState.SERVING: " govuk-tag--green",
    AttendanceState.OTHER: " govuk-tag--red",
    AttendanceState.NO_SHOW: " govuk-tag--red",
}


@register.filter
def needs(people: Iterable[Attendee]) -> list[str]:
    return wording.needs_of(people)


@register.filter
def needs_one(person: Attendee) -> list[str]:
    return wording.needs_of([person])


@register.filter
def tag(state: AttendanceState) -> str:
    return TAGS.get(state, "")


@register.filter
def long_day(day: date) -> str:
    return calendar.long_date(day)


@register.filter
def shift(day: date, days: int) -> date:
    return day + timedelta(days=days)


@register.filter
def at_clock(at: datetime, session: Session) -> str:
    return clock(at, session.time_zone)


@register.filter
def born(person: Attendee) -> str:
    """The date of birth in words; empty once it was forgotten."""
    return date_format(date.fromisoformat(person.birth_date), "DATE_FORMAT") if person.birth_date else ""


@register.filter
def locked(line: Line, session: Session) -> bool:
    """Nothing is noted any more: the day is closed, or the appointment has left the roster."""
    return session.status == SessionStatus.HELD or line.appointment.status in {"cancelled", "orphaned"}


@register.simple_tag
def place(session: Session) -> str:
    """``Centro comunitario, Reno · 8:00 a.m. – 2:00 p.m.``"""
    where = place_of(session)
    town = f"{where.name}, {where.city}" if session.place_name else where.name
    return f"{town} · {clock(session.starts_at, session.time_zone)} – {clock(session.ends_at, session.time_zone)}"
