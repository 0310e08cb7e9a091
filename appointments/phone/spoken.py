"""What an agent says: times and places in words, and refusals with what the caller can do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from appointments.enums import ScopeKind
from appointments.phone.alphabet import Tongue, hour
from appointments.refusals import sentence
from appointments.waits import NOT_YET
from consulates.calendars import zone
from consulates.models import Release, Session
from consulates.wording import local_day, miles, short_date, zone_label


@dataclass(frozen=True)
class Refusal:
    """``text`` is to be read out; ``ways`` are what the page then offers: times, cancel, move, verify, contact."""

    text: str
    ways: tuple[str, ...] = ("times",)


def tongue() -> Tongue:
    return "en" if (get_language() or "es").startswith("en") else "es"


def when(at: datetime, zone_name: str) -> str:
    """``lunes 7 de diciembre, a las diez y media de la mañana, hora del Pacífico``"""
    local = at.astimezone(zone(zone_name))
    return f"{short_date(local_day(at, zone_name))}, {hour(local.time(), tongue())}, {zone_label(zone_name)}"


def where(session: Session) -> str:
    """The place by its name, the town, and whose it is when an office travels."""
    town = f"{session.city}, {session.state}"
    if session.place_name:
        return _("%(place)s, in %(town)s (%(office)s)") % {
            "place": session.place_name,
            "town": town,
            "office": session.consulate.name,
        }
    return _("%(office)s, in %(town)s") % {"office": session.consulate.name, "town": town}


def about_release(release: Release) -> str:
    """``Houston, TX · 798 lugares``"""
    rows = list(release.offices.select_related("consulate"))
    towns = ", ".join(f"{row.consulate.city}, {row.consulate.state}" for row in rows[:3])
    more = ngettext("and %(n)d more office", "and %(n)d more offices", len(rows) - 3) % {"n": len(rows) - 3}
    seats = sum(row.seats for row in rows)
    places = ngettext("%(count)d place", "%(count)d places", seats) % {"count": seats}
    return " · ".join([towns if len(rows) < 4 else f"{towns} {more}", places])


def how_far(distance: float | None) -> str:
    return "" if distance is None else _("%(miles)s from you") % {"miles": miles(distance)}


def refusal(code: str, facts: Mapping = MappingProxyType({})) -> Refusal:
    """For a stable code of appointments/errors.py or of a guard."""
    if code == "lock_full":
        return _lock_full(facts)
    if code in NOT_YET:
        return Refusal(sentence(code, {**facts, "aloud": True}))
    if code == "applicant_booked":
        return Refusal(
            _("This person already has an appointment for that kind of procedure. We can move it to another time."),
            ("move", "cancel"),
        )
    if code == "blocked":
        return Refusal(
            _(
                "Today I cannot book for you: this account cannot book for now. When you sign in, the page “Why I"
                " cannot book” says why and until when, and there you can ask another person to review it."
            ),
            ("contact",),
        )
    if code == "full":
        return Refusal(_("Somebody else took that time just now. I read you the next ones that are free."))
    if code == "busy":
        return Refusal(_("Many people are choosing that time this minute. I try again, or we choose another one."))
    if code == "hold_expired":
        return Refusal(_("The time to finish ran out. What you told me is kept: we choose a time again."))
    return Refusal(sentence(code, facts))


def _lock_full(facts: Mapping) -> Refusal:
    numbers = {"active": facts.get("active", 0), "cap": facts.get("cap", 0)}
    if facts.get("scope") == ScopeKind.STATED_PHONE:
        text = _(
            "With the phone that you gave me there are already %(active)d appointments, and the limit is %(cap)d."
            " If you say a code that I send to that phone, the limit is five."
        )
        return Refusal(text % numbers, ("verify", "cancel"))
    if facts.get("scope") == ScopeKind.PERSON:
        text = _(
            "Without a phone and without an e-mail I can book one appointment, and there is one already."
            " With a phone that receives messages we can book more."
        )
        return Refusal(text % numbers, ("verify", "cancel"))
    text = _(
        "You already have %(active)d appointments, and the limit is %(cap)d at the same time, by telephone and by"
        " internet. I can move one, or cancel one that you do not need."
    )
    return Refusal(text % numbers, ("move", "cancel"))
