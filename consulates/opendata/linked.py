"""JSON-LD in the words of schema.org: what a search engine may know of an office, a day of a tour, and an opening.

Pure: made of the rows that the page shows, in its language, without a query. What the page leaves out (a street that
nobody has verified) is left out here too. Every list has an end, so that a block of data stays small.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consulates.announcing import words
from consulates.announcing.files import picture_name
from consulates.announcing.reading import TourDay
from consulates.calendars import zone
from consulates.models import Consulate, Session
from consulates.opendata.bulk import url
from consulates.opendata.supply import MANY_FROM
from consulates.releases.shown import Moment, Shown
from consulates.selectors import DaySession

Thing = dict[str, Any]
CONTEXT = "https://schema.org"
MOST = 12
# What ends a block of data early, or begins a comment in it, is written as JSON's own escapes.
ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def script(thing: Thing) -> SafeString:
    """A block of data, which no browser runs: its type is no script's, so the content security policy lets it be."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":")).translate(ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 (escaped above)


def of_office(office: Consulate, *, is_closed: bool = False) -> Thing:
    """``office`` comes with its ``line``, if it has one. An office that has closed takes no appointments."""
    page = words.page_url("office", office.code)
    thing = _ref(office) | {
        "alternateName": office.name_es if office.name != office.name_es else office.name_en,
        "url": page,
        "image": url(f"/{picture_name('oficinas', _language(), office.code)}"),
        "description": _free(),
        "address": _address(office) if office.address_is_known else _town(office),
        "email": office.email,
        "isAccessibleForFree": True,
    }
    if office.address_is_known:
        thing |= {"telephone": office.phone, "geo": _geo(office)}
    if line := getattr(office, "line", None):
        thing["contactPoint"] = {
            "@type": "ContactPoint", "contactType": "reservations", "telephone": line.phone, "description": line.hours,
        }  # fmt: skip
    if is_closed:
        thing["dissolutionDate"] = office.closed_on.isoformat() if office.closed_on else ""
    else:
        thing["potentialAction"] = _reserve(page)
    return _whole(thing)


def of_day(office: Consulate, sessions: Iterable[DaySession]) -> Thing | None:
    """The days of tours among the sessions of one day of ``office``; None where there is none."""
    events = [_session(office, found) for found in sessions if found.session.is_travelling][:MOST]
    return {"@context": CONTEXT, "@graph": events} if events else None


def of_release(shown: Shown) -> Thing:
    """An opening is an event on the web; where it comes at several moments, each of them is one in it."""
    page = words.page_url("release", shown.release.pk)
    thing = _opening(shown) | {
        "description": " ".join(words.sentences(shown)),
        "image": url(f"/{picture_name('aperturas', _language(), shown.release.pk)}"),
        "organizer": _ref(shown.offices[0].consulate) if shown.is_one_office else _portal(),
        "isAccessibleForFree": True,
    }
    if len(shown.moments) > 1:
        thing["subEvent"] = [_moment(shown, moment) for moment in shown.moments[:MOST]]
    if not words.is_cancelled(shown):
        starts = shown.release.joins_from or shown.moments[0].opens_at
        thing["offers"] = _offer(page) | {"validFrom": _at(starts, shown.time_zone)}
        thing["potentialAction"] = _reserve(page) | {"startTime": _at(starts, shown.time_zone)}
    return _whole(thing)


def of_calendar(releases: Sequence[Shown]) -> Thing | None:
    """The next openings, in the order of the page; None where none is announced."""
    if not releases:
        return None
    items = [
        {"@type": "ListItem", "position": number, "item": _opening(shown)}
        for number, shown in enumerate(releases[:MOST], start=1)
    ]
    return {"@context": CONTEXT, "@type": "ItemList", "url": words.page_url("releases"), "itemListElement": items}


def _session(office: Consulate, found: DaySession) -> Thing:
    session = found.session
    page = words.tour_url(TourDay(session, is_cancelled=False))
    offer = _offer(page) | {"availability": f"{CONTEXT}/{_availability(found)}"}
    if found.next_opening:
        offer["validFrom"] = _at(found.next_opening, session.time_zone)
    return {
        "@type": "Event",
        "@id": url(f"{reverse('office_day', args=[office.code, session.date])}#jornada-{session.pk}"),
        "name": words.tour_title(TourDay(session, is_cancelled=False)),
        "url": page,
        "description": _free(),
        "startDate": _at(session.starts_at, session.time_zone),
        "endDate": _at(session.ends_at, session.time_zone),
        "eventAttendanceMode": f"{CONTEXT}/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place", "name": session.place_name or f"{session.city}, {session.state}",
            "address": _address(session), "geo": _geo(session),
        },
        "organizer": _ref(office),
        "isAccessibleForFree": True,
        "offers": offer,
        "potentialAction": _reserve(page),
    }  # fmt: skip


def _availability(found: DaySession) -> str:
    """As coarse as the bulk files."""
    if found.free:
        return "InStock" if found.free >= MANY_FROM else "LimitedAvailability"
    return "PreOrder" if found.next_opening else "SoldOut"


def _opening(shown: Shown) -> Thing:
    page, first = words.page_url("release", shown.release.pk), shown.moments[0]
    status = "EventCancelled" if words.is_cancelled(shown) else "EventScheduled"
    return {
        "@type": "Event",
        "@id": url(f"{reverse('release', args=[shown.release.pk])}#apertura"),
        "name": words.title_of(shown),
        "url": page,
        "startDate": _at(first.opens_at, first.time_zone),
        "eventStatus": f"{CONTEXT}/{status}",
        "eventAttendanceMode": f"{CONTEXT}/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": page},
    }


def _moment(shown: Shown, moment: Moment) -> Thing:
    cities = [row.consulate.city for row in moment.offices]
    return {
        "@type": "Event",
        "name": f"{words.title_of(shown)}: {', '.join(cities[:MOST])}{', …' if len(cities) > MOST else ''}",
        "startDate": _at(moment.opens_at, moment.time_zone),
        "location": {"@type": "VirtualLocation", "url": words.page_url("release", shown.release.pk)},
    }


def _reserve(page: str) -> Thing:
    """The page where one books; what one has then costs nothing."""
    return {
        "@type": "ReserveAction",
        "name": _("Book an appointment, free of charge"),
        "target": {
            "@type": "EntryPoint", "urlTemplate": page,
            "actionPlatform": [f"{CONTEXT}/DesktopWebPlatform", f"{CONTEXT}/MobileWebPlatform"],
        },
        "result": {"@type": "Reservation", "totalPrice": 0, "priceCurrency": "USD"},
    }  # fmt: skip


def _offer(page: str) -> Thing:
    return {"@type": "Offer", "price": 0, "priceCurrency": "USD", "url": page}


def _ref(office: Consulate) -> Thing:
    """Who it is, the same on every page."""
    return {"@type": "GovernmentOffice", "@id": url(f"{office.get_absolute_url()}#oficina"), "name": office.name}


def _portal() -> Thing:
    return {"@type": "Organization", "name": "Mexitel", "url": url("/")}


def _town(place: Consulate | Session) -> Thing:
    return {
        "@type": "PostalAddress",
        "addressLocality": place.city,
        "addressRegion": place.state,
        "addressCountry": "US",
    }


def _address(place: Consulate | Session) -> Thing:
    known = {"streetAddress": place.street_address, "postalCode": place.postal_code}
    return _town(place) | {name: value for name, value in known.items() if value}


def _geo(place: Consulate | Session) -> Thing:
    return {"@type": "GeoCoordinates", "latitude": float(place.latitude), "longitude": float(place.longitude)}


def _free() -> str:
    return f"{words.free_words()} {words.no_brokers_words()}"


def _at(moment: datetime, zone_name: str) -> str:
    return moment.astimezone(zone(zone_name)).isoformat(timespec="seconds")


def _language() -> str:
    return (get_language() or "es")[:2]


def _whole(thing: Thing) -> Thing:
    """With its context, and without what is not known."""
    return {"@context": CONTEXT} | {name: value for name, value in thing.items() if value not in ("", None)}
