"""What the page of a draw says: its steps so far, its files, and what became of one ticket."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appointments.allocation.dictatorship import SkipCode
from appointments.enums import Channel
from appointments.models import Drawing, DrawingFile
from consulates.models import Consulate
from consulates.wording import short_date

TICKET = re.compile(r"[A-Z0-9]{4,40}")
ABOUT: dict[str, Promise] = {
    "commitment.json": _("The office's promise"),
    "tickets.csv": _("Every ticket, without names"),
    "seats.csv": _("The places to give"),
    "sealed.txt": _("The seal of both lists"),
    "seed.json": _("The seed and its parts"),
    "order.csv": _("The drawn order"),
    "rounds.csv": _("What was given in each round"),
    "awards.csv": _("What each ticket won"),
    "skips.csv": _("Who was passed over, and why"),
}
SKIPPED: dict[str, Promise] = {
    SkipCode.NONE_FITS: _("Nothing that was left suited this ticket."),
    SkipCode.FULL_PERMITS: _("This person already had all the appointments that are allowed."),
    SkipCode.WITHDRAWN: _("This person took the ticket back."),
    SkipCode.BLOCKED: _("This account was blocked."),
    SkipCode.PERSON_BOOKED: _("Somebody of this ticket already had an appointment of that kind."),
    SkipCode.REFUSED: _("The place could not be given to this ticket."),
}


@dataclass(frozen=True)
class Found:
    """What became of a ticket. ``won`` is the office, the day in words, and the half of the day."""

    code: str
    place: int | None
    of: int
    won: tuple[str, str, str] | None
    skipped: Promise | str
    is_draw: bool

    @property
    def in_list(self) -> bool:
        return self.place is not None


def typed_ticket(text: str) -> str:
    """As people copy it: with blanks, dashes and small letters. Empty when it cannot be a ticket."""
    code = re.sub(r"[\s-]+", "", text).upper()
    return code if TICKET.fullmatch(code) else ""


def find(drawing: Drawing, code: str) -> Found:
    files = {file.name: file for file in drawing.files.filter(name__in=["order.csv", "awards.csv", "skips.csv"])}
    place = next(_rows(files.get("order.csv"), code, at=1), None)
    won = next(_rows(files.get("awards.csv"), code, at=2), None)
    skip = next(_rows(files.get("skips.csv"), code, at=2), None)
    return Found(
        code=code,
        place=int(place[0]) if place else None,
        of=drawing.tickets or 0,
        won=_in_words(*won[3:6]) if won else None,
        skipped=SKIPPED.get(skip[3], skip[3]) if skip and not won else "",
        is_draw="awards.csv" in files,
    )


def _in_words(code: str, day: str, half: str) -> tuple[str, str, str]:
    office = Consulate.objects.filter(code=code).first()
    return office.name if office else code, short_date(date.fromisoformat(day)), half


def _rows(file: DrawingFile | None, code: str, *, at: int) -> Iterator[list[str]]:
    """The lines with ``code`` in column ``at``; found as bytes first, since the list may have 200,000 lines."""
    content, needle = (file.content if file else b""), f",{code}".encode()
    found = content.find(needle)
    while found >= 0:
        line = content[content.rfind(b"\n", 0, found) + 1 : content.find(b"\n", found)].decode().split(",")
        if line[at] == code:
            yield line
        found = content.find(needle, found + 1)


def by_channel(drawing: Drawing) -> list[tuple[str, int]]:
    names = dict(Channel.choices)
    return [(str(names.get(channel, channel)), count) for channel, count in sorted(drawing.channels.items())]


def files_of(drawing: Drawing) -> list[tuple[DrawingFile, Promise]]:
    """In the order in which they came to be."""
    found = {file.name: file for file in drawing.files.defer("packed")}
    return [(found[name], text) for name, text in ABOUT.items() if name in found]


def servers_page(drawing: Drawing) -> str:
    """Where anybody reads the round, empty for a demonstration."""
    if drawing.is_demonstration or drawing.round is None:
        return ""
    return f"https://api.drand.sh/{drawing.beacon.split()[1]}/public/{drawing.round}"
