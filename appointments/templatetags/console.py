"""Tags of the telephone console: shortcut keys, and what is read out."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from appointments.coming.answers import coming_state
from appointments.models import Applicant, Appointment
from appointments.phone import alphabet, spoken
from appointments.selectors import Party

register = template.Library()


@register.simple_tag(takes_context=True)
def key(context: dict[str, Any], letter: object) -> SafeString:
    """The attributes of a control that ``letter`` presses; nothing when the agent has switched the keys off."""
    if not context.get("keys_on", True) or not letter:
        return SafeString("")
    return format_html('data-key="{0}" accesskey="{0}" aria-keyshortcuts="{0}"', letter)


@register.simple_tag(takes_context=True)
def keycap(context: dict[str, Any], letter: object) -> SafeString:
    """The letter as it is shown beside the control."""
    if not context.get("keys_on", True) or not letter:
        return SafeString("")
    return format_html('<kbd class="mx-letter" aria-hidden="true">{}</kbd>', str(letter).upper())


@register.filter
def spelled(reference: str, tongue: str) -> list[str]:
    return alphabet.spelled(reference, "en" if tongue == "en" else "es")


@register.filter
def said_when(appointment: Appointment) -> str:
    return spoken.when(appointment.starts_at, appointment.session.time_zone)


@register.filter
def said_where(appointment: Appointment) -> str:
    return spoken.where(appointment.session)


@register.filter
def born(person: Applicant) -> date:
    return date.fromisoformat(person.birth_date)


@register.filter
def coming(party: Party, now: datetime) -> str:
    """``ask``, ``said`` or nothing (appointments/coming/answers.py)."""
    return coming_state(party.appointments, now=now)
