"""Words and small facts of the booking pages: ``{% load booking %}``."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from babel.lists import format_list
from django import template
from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.enums import AppointmentStatus
from appointments.forms import INTERPRETERS
from appointments.links import receipt_path
from appointments.models import Appointment, Hold
from appointments.qr import qr_svg
from appointments.selectors import held_party
from appointments.services import Entry
from appointments.services.applicants import ADULT_AGE
from consulates import wording
from consulates.models import Procedure
from mexitel.utils.time import now

register = template.Library()


@register.simple_tag
def seconds_left(hold: Hold) -> int:
    return max(0, int((hold.expires_at - now()).total_seconds()))


@register.simple_tag
def until_text(hold: Hold) -> str:
    """When the hold ends, on the clock of the place: the only clock that the page can know."""
    zone = held_party(hold).session.time_zone
    return f"{wording.clock(hold.expires_at, zone)} ({wording.zone_label(zone)})"


@register.simple_tag
def qr_of(appointment: Appointment) -> SafeString:
    """Drawn inside the page: a family of five would ask the server for five pictures more."""
    return SafeString(qr_svg(appointment).decode())  # our own drawing, of squares


@register.filter
def full_name(person: Entry) -> str:
    return " ".join(filter(None, [person.given_names, person.surname_1, person.surname_2]))


@register.filter
def interpreter_name(person: Entry) -> str:
    return str(dict(INTERPRETERS).get(person.interpreter, ""))


@register.filter
def everybody(appointment: Appointment) -> str:
    """Who attends, in a sentence: "Ana Núñez Ruiz y Luis Pérez"."""
    names = [person.full_name for person in sorted(appointment.attendees.all(), key=lambda one: one.position)]
    return format_list(names, locale="en" if (get_language() or "es").startswith("en") else "es")


@register.filter
def at(times: Sequence[datetime], place: int) -> datetime:
    """The time of the ``place``-th person, counted from 1."""
    return times[place - 1]


@register.filter
def short_day(day: date) -> str:
    """``lun 7 dic``, ``Mon Dec 7``."""
    return formats.date_format(day, "D j M").lower() if get_language() == "es" else formats.date_format(day, "D M j")


@register.filter
def grouped(reference: str) -> str:
    """``ABCD-EFGH-J``: read out in three breaths."""
    return f"{reference[:4]}-{reference[4:8]}-{reference[8:]}"


@register.filter
def serves_minors(procedure: Procedure) -> bool:
    return procedure.min_age is None or procedure.min_age < ADULT_AGE


@register.filter
def serves_adults(procedure: Procedure) -> bool:
    return procedure.max_age is None or procedure.max_age >= ADULT_AGE


@register.filter
def state_text(appointment: Appointment) -> str:
    """What became of an appointment, said about its day: one whose outcome nobody noted is simply over."""
    texts: dict[str, Any] = {
        AppointmentStatus.CANCELLED: _("Cancelled"),
        AppointmentStatus.ATTENDED: _("Attended"),
        AppointmentStatus.NO_SHOW: _("Did not attend"),
    }
    return texts.get(appointment.status, _("Over"))


@register.simple_tag
def receipt_of(appointment: Appointment) -> str:
    return receipt_path(appointment.party_id)
