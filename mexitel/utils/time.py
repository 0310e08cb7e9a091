"""The clock is read here and nowhere else: once, at the edge, and passed on. And how a moment is said to people."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from django.utils.translation import get_language

LOCALES = {"es": "es_MX", "en": "en_US"}


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """``moment`` on the clock of the IANA zone ``zone``."""
    return moment.astimezone(ZoneInfo(zone))


def _locale() -> str:
    return LOCALES[(get_language() or "es")[:2]]


def day_text(day: date) -> str:
    """ "jueves 3 de diciembre de 2026", "Thursday, December 3, 2026": in the language that is active."""
    locale = _locale()
    return format_date(day, "EEEE d 'de' MMMM 'de' y" if locale == "es_MX" else "full", locale=locale)


def short_day_text(day: date) -> str:
    """ "jue 3 dic", "Thu, Dec 3"."""
    text = format_skeleton("MMMEd", day, locale=_locale())
    return text.replace(",", "") if _locale() == "es_MX" else text


def hour_text(moment: datetime, zone: str) -> str:
    """ "9:30 a.m.", "9:30 AM" on the local clock. Spaces do not break."""
    text = format_time(local(moment, zone), "short", locale=_locale())
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


def zone_text(moment: datetime, zone: str) -> str:
    """The zone's abbreviation at that moment: "PST", "MST", "AST". Say it after "hora local de" and the city."""
    return local(moment, zone).strftime("%Z")
