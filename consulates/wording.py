"""Times and places in words, in the zone of the place: weekday, date, clock and the name of the hour."""

from datetime import date, datetime

from babel.dates import format_time, get_day_names, get_timezone_name
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .calendars import zone

# Babel has no plain name for these; Arizona keeps its hour all year, so "Mountain" would be wrong in summer.
SAME_HOUR_AS = {"America/Indiana/Indianapolis": "America/New_York"}


def _locale() -> str:
    return "en_US" if (get_language() or "es").startswith("en") else "es_MX"


def short_date(day: date) -> str:
    """``lunes 7 de diciembre``, ``Monday, December 7``"""
    comma = "," if _locale() == "en_US" else ""
    # Babel's names: Django writes the Spanish Saturday and Sunday with a capital, the other days without.
    return f"{get_day_names(locale=_locale())[day.weekday()]}{comma} {formats.date_format(day, 'MONTH_DAY_FORMAT')}"


def clock(at: datetime, zone_name: str) -> str:
    """``9:30 a.m.``"""
    return format_time(at.astimezone(zone(zone_name)), "h:mm a", locale=_locale())


def local_day(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()


def zone_label(zone_name: str) -> str:
    """``hora del Pacífico``"""
    if zone_name == "America/Phoenix":
        return _("Arizona time")
    zone_info = zone(SAME_HOUR_AS.get(zone_name, zone_name))
    return get_timezone_name(zone_info, width="long", zone_variant="generic", locale=_locale())


def moment(at: datetime, zone_name: str) -> str:
    """``miércoles 2 de diciembre, 10:00 a.m. (hora central)``"""
    return f"{short_date(local_day(at, zone_name))}, {clock(at, zone_name)} ({zone_label(zone_name)})"


def miles(distance: float) -> str:
    return _("less than a mile") if distance < 1 else _("%(miles)s miles") % {"miles": f"{distance:,.0f}"}
