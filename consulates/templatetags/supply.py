"""Words of times and places for the pages of offices: ``{% load supply %}``."""

from datetime import date, datetime
from urllib.parse import urlsplit

from django import template

from consulates import requirements, wording
from consulates.models import Procedure
from mexitel.utils import calendar
from mexitel.utils.time import now

register = template.Library()


@register.filter
def full_day(day: date) -> str:
    """``lunes 7 de diciembre de 2026``"""
    return calendar.long_date(day)


@register.filter
def day_words(day: date) -> str:
    """``lunes 7 de diciembre``: enough for the few months that can be booked."""
    return wording.short_date(day)


@register.filter
def in_miles(distance: float) -> str:
    return wording.miles(distance)


@register.filter
def hour_of(zone_name: str) -> str:
    return wording.zone_label(zone_name)


@register.simple_tag
def clock(at: datetime, zone_name: str) -> str:
    return wording.clock(at, zone_name)


@register.simple_tag
def moment(at: datetime, zone_name: str) -> str:
    return wording.moment(at, zone_name)


@register.filter
def to_bring(procedure: Procedure) -> list[str]:
    return [str(sentence) for sentence in requirements.what_to_bring(procedure)]


@register.filter
def must_come(procedure: Procedure) -> list[str]:
    return [str(sentence) for sentence in requirements.who_must_come(procedure)]


@register.inclusion_tag("consulates/_fee.html")
def fee_of(procedure: Procedure) -> dict:
    """The appointment is free; what the document costs, in which year, and who says so."""
    return {
        "procedure": procedure,
        "fee_note": requirements.fee_note(procedure),
        "fee_is_current": procedure.fee_year == now().year,
        "fee_site": urlsplit(procedure.fee_source).hostname or procedure.fee_source,
    }
