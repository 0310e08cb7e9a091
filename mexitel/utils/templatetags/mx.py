"""Tags of base.html and the components: ``{% load mx %}``."""

from typing import Any

import phonenumbers
from django import template
from django.conf import settings
from django.forms import BoundField
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mexitel.utils import forms

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_link(context: dict[str, Any], name: str, text: str, *also: str) -> SafeString:
    """One entry of the main menu; it is the current one on the page ``name`` and on those named after it.

    A page that this installation does not have is left out of the menu.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        return SafeString("")
    match = getattr(context.get("request"), "resolver_match", None)
    here = getattr(match, "url_name", None)
    current = "page" if here == name else "true" if here in also else ""
    if current:
        return format_html('<li><a href="{}" aria-current="{}">{}</a></li>', url, current, text)
    return format_html('<li><a href="{}">{}</a></li>', url, text)


@register.simple_tag
def embedded() -> bool:
    """True in the run that ``up`` starts, where every session and seat is a sample."""
    return bool(getattr(settings, "EMBEDDED", False))


@register.filter
def kind(field: BoundField) -> str:
    """How components/field.html draws this field: text, select, choices, checkbox, date, hidden."""
    return forms.kind(field)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's input with our class, and its hint and error named in ``aria-describedby``."""
    return forms.control(field)


@register.filter
def date_boxes(field: BoundField) -> list[dict[str, Any]]:
    """The three boxes of a date of components/field.html."""
    return forms.date_boxes(field)


@register.filter
def first_input(field: BoundField) -> str:
    """The id that an error in the summary points to."""
    return forms.first_input(field)


@register.filter
def phone_words(number: str) -> str:
    """``+17132716800`` as it is said: (713) 271-6800; a number of another country keeps its prefix."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == 1 else form.INTERNATIONAL)
