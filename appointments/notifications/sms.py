"""Text messages: one part, in the 128 letters of GSM-7, without a link and without a name.

No link, because people should not learn to tap links in text messages about their appointments.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from django.template.loader import render_to_string
from django.utils.translation import get_language

from appointments.visits import Visit, Visitor
from consulates.wording import local_day
from mexitel.outbox.sms import BASIC, GSM_PART, length

SHORTEST_TOWN = 10


def text_of(kind: str, visits: Sequence[Visit], *, folder: str = "appointments/sms") -> str:
    """The text of ``templates/<folder>/<kind>.txt`` for the soonest visit; a long town's name is cut to fit."""
    town = to_gsm(visits[0].place.city)
    while True:
        text = _render(f"{folder}/{kind}.txt", visits, town)
        over = length(text)[0] - GSM_PART
        if over <= 0 or len(town) <= SHORTEST_TOWN:
            return text
        town = town[: max(SHORTEST_TOWN, len(town) - over)].rstrip()


def to_gsm(text: str) -> str:
    """``text`` without what would cost a second part: á becomes a, é and ñ stay."""
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in BASIC:
        return letter
    if letter.isspace():
        return " "
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part in BASIC)
    return plain or {"–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}.get(letter, "?")


def _render(template: str, visits: Sequence[Visit], town: str) -> str:
    visitors: list[Visitor] = [visitor for visit in visits for visitor in visit.visitors]
    first = visits[0].first
    day = local_day(first.starts_at, first.session.time_zone)
    facts = {
        "count": len(visitors),
        "day": short_day(day),
        "clock": visits[0].clock,
        "town": town,
        "reference": visitors[0].reference,
    }
    return " ".join(to_gsm(render_to_string(template, facts)).split())


def short_day(day: date) -> str:
    """``lun 28 sep`` or ``Mon, Sep 28``: the year is plain, nobody books further ahead."""
    if (get_language() or "es").startswith("en"):
        return format_date(day, "EEE MMM d", locale="en_US")
    return format_date(day, "EEE d MMM", locale="es_MX")
