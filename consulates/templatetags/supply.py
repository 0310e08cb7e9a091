"""Words of times and places for the pages of offices: ``{% load supply %}``."""

from datetime import date, datetime

from django import template

from consulates import wording
from mexitel.utils import calendar

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
