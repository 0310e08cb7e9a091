"""Words and links of releases: ``{% load releases %}``."""

from django import template

from consulates.models import Gate
from consulates.releases import wording
from consulates.today import address

register = template.Library()


@register.simple_tag
def address_of(name: str, *arguments: object) -> str:
    """The address of a page that a room above may bring, "" where it does not exist."""
    return address(name, *arguments)


@register.filter
def how_it_works(mode: str) -> str:
    """One sentence."""
    return wording.how_it_works(Gate(mode))


@register.filter
def how_it_goes(mode: str) -> str:
    return wording.how_it_goes(Gate(mode))


@register.filter
def mode_words(mode: str) -> str:
    return wording.mode_words(Gate(mode))
