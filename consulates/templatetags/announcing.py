"""What chats and feeds read of a page: ``{% load announcing %}``."""

from django import template
from django.conf import settings

from consulates.announcing import words
from consulates.announcing.views import feeds_of
from consulates.models import Consulate
from consulates.releases.shown import Shown

register = template.Library()


@register.simple_tag
def whole(path: str) -> str:
    """The public address of a path."""
    return settings.PUBLIC_URL.rstrip("/") + path


@register.filter
def in_a_line(shown: Shown) -> str:
    """When, how many and where, for whoever sees the link alone."""
    if words.is_cancelled(shown):
        return f"{words.title_of(shown)}. {shown.release.shown_reason}"
    opens = words.when_words(shown.moments[0].opens_at, shown.time_zone)
    return f"{opens}. {words.seats_words(shown.seats)}. {words.where_words(shown)}. {words.free_words()}"


@register.simple_tag
def feed_of(office: Consulate, form: str) -> str:
    return feeds_of(office)[form]
