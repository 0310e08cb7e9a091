"""Blocks of JSON-LD for the head of a page, from the rows that it shows: ``{% load linked_data %}``."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import template

from consulates.models import Consulate
from consulates.opendata import linked
from consulates.releases.shown import Shown

register = template.Library()


@register.simple_tag
def linked_office(office: Consulate, is_closed: bool = False) -> str:
    return linked.script(linked.of_office(office, is_closed=is_closed))


@register.simple_tag
def linked_day(office: Consulate, sessions: Iterable[dict[str, Any]]) -> str:
    """``sessions`` are the rows of the page."""
    thing = linked.of_day(office, (row["found"] for row in sessions))
    return linked.script(thing) if thing else ""


@register.simple_tag
def linked_release(shown: Shown) -> str:
    return linked.script(linked.of_release(shown))


@register.simple_tag
def linked_calendar(days: Sequence[tuple[date, Sequence[Shown]]]) -> str:
    """``days`` are the coming openings by day, as the page lists them."""
    thing = linked.of_calendar([shown for _day, found in days for shown in found])
    return linked.script(thing) if thing else ""
