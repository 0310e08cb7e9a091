"""Calendars to subscribe to (RFC 5545, 7986). The same facts give the same bytes, whenever they are written."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from consulates.calendars import zone
from consulates.releases.shown import Moment, Shown

from . import words
from .reading import TourDay

CONTENT_TYPE = "text/calendar; charset=utf-8"
LASTS = timedelta(minutes=30)
ASK_AGAIN = timedelta(hours=1)


def releases_calendar(releases: Sequence[Shown], *, name: str) -> bytes:
    """One event for each moment at which something opens, and one for when people can join or apply."""
    events = [event for shown in releases for event in _of_release(shown)]
    return _calendar(events, name=name)


def tours_calendar(days: Iterable[TourDay], *, name: str) -> bytes:
    return _calendar([_of_day(day) for day in days], name=name)


def _calendar(events: Sequence[Event], *, name: str) -> bytes:
    calendar = Calendar()
    language = (get_language() or "es")[:2].upper()
    calendar.add("prodid", f"-//Mexitel//aperturas//{language}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in events:
        calendar.add_component(event)
    if events:
        days = [event.start for event in events]
        # Two years of clock changes are enough.
        calendar.add_missing_timezones(
            min(days).replace(month=1, day=1), max(days).replace(year=max(days).year + 2, day=1)
        )
    return calendar.to_ical()


def _of_release(shown: Shown) -> list[Event]:
    events = [_opening(shown, moment) for moment in shown.moments]
    if shown.release.joins_from is not None:
        events.append(_joining(shown, shown.release.joins_from))
    return events


def _opening(shown: Shown, moment: Moment) -> Event:
    mark = f"{moment.opens_at.astimezone(UTC):%Y%m%dT%H%M}-{moment.time_zone.replace('/', '.')}"
    event = _event(f"apertura-{shown.release.pk}-{mark}", shown, moment.opens_at, moment.time_zone)
    seats = words.seats_words(sum(row.seats for row in moment.offices))
    event.add("summary", f"{words.title_of(shown)} ({seats})")
    event.add("location", ", ".join(sorted(f"{row.consulate.city}, {row.consulate.state}" for row in moment.offices)))
    return event


def _joining(shown: Shown, at: datetime) -> Event:
    event = _event(f"apertura-{shown.release.pk}-entrada", shown, at, shown.time_zone)
    said = _("You can apply to the draw: %(name)s") if shown.is_draw else _("You can join the queue: %(name)s")
    event.add("summary", said % {"name": words.title_of(shown)})
    event.add("location", words.where_words(shown))
    return event


def _event(mark: str, shown: Shown, at: datetime, zone_name: str) -> Event:
    release, cancelled = shown.release, words.is_cancelled(shown)
    changed = release.cancelled_at if cancelled else release.announced_at
    event = Event()
    event.add("uid", f"{mark}@{_host()}")
    event.add("sequence", int(cancelled))
    event.add("dtstamp", changed)
    event.add("created", release.announced_at)
    event.add("last-modified", changed)
    event.add("dtstart", at.astimezone(zone(zone_name)))
    event.add("dtend", (at + LASTS).astimezone(zone(zone_name)))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("description", "\n".join(words.sentences(shown)))
    event.add("url", words.page_url("release", release.pk))
    return event


def _of_day(day: TourDay) -> Event:
    session = day.session
    here = zone(session.time_zone)
    event = Event()
    event.add("uid", f"jornada-{session.pk}@{_host()}")
    event.add("sequence", int(day.is_cancelled))
    event.add("dtstamp", session.published_at)
    event.add("dtstart", session.starts_at.astimezone(here))
    event.add("dtend", session.ends_at.astimezone(here))
    event.add("status", "CANCELLED" if day.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("summary", words.tour_title(day))
    event.add("location", ", ".join(filter(None, [session.place_name, session.street_address, session.city])))
    event.add("geo", (float(session.latitude), float(session.longitude)))
    event.add("description", "\n".join(words.tour_sentences(day)))
    event.add("url", words.tour_url(day))
    return event


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
