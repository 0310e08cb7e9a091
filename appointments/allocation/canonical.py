"""Pure: the files of the public folder, byte for byte. The same facts always make the same bytes.

Tables are UTF-8 text, one header line, fields between commas, each line ended by one line feed; no field holds a
comma, a quote or a space except where spaces join a list. A half-day that suits is ``office/2027-01-09/am``.
Rows are sorted as text by the columns named with each table. Values in JSON are sorted by name, two blanks deep.
``static/verify_draw.py`` reads exactly this.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from .dictatorship import Application, Award, Choice, Lot, Skip

SEALED = "mexitel sealed list 1"
TICKETS = "ticket,party,weight,procedure,choices"
SEATS = "office,day,half,session,seats,procedures"
ORDER = "place,ticket"
ROUNDS = f"round,{SEATS}"
AWARDS = "round,place,ticket,office,day,half,session"
SKIPS = "round,place,ticket,code"
_FIELD = re.compile(r"[A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")


class NotCanonical(ValueError):
    """A field that could be read in two ways."""


def table(header: str, rows: Iterable[Sequence[object]]) -> bytes:
    lines = [header]
    for row in rows:
        fields = [str(field) for field in row]
        if not all(map(_FIELD.fullmatch, fields)):
            raise NotCanonical(",".join(fields))
        lines.append(",".join(fields))
    return "".join(f"{line}\n" for line in lines).encode()


def rows_of(content: bytes, header: str) -> list[list[str]]:
    first, *lines = content.decode().splitlines()
    if first != header:
        raise NotCanonical(first)
    return [line.split(",") for line in lines]


def document(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def moment(at: datetime) -> str:
    """UTC, to the second, rounded down."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# -- the sealed list -------------------------------------------------------------------------------


def tickets_csv(applications: Iterable[Application]) -> bytes:
    """Sorted by ticket."""
    return table(
        TICKETS,
        sorted(
            (entry.code, entry.party, entry.weight, entry.procedure, " ".join(map(_choice, entry.choices)))
            for entry in applications
        ),
    )


def applications_of(content: bytes) -> list[Application]:
    """What ``tickets_csv`` wrote. Equal lists of choices are one object: thousands of people want the same."""
    known: dict[str, tuple[Choice, ...]] = {}
    entries = []
    for code, party, weight, procedure, wanted in rows_of(content, TICKETS):
        if wanted not in known:
            known[wanted] = tuple(_choice_of(text) for text in wanted.split())
        entries.append(Application(code, int(party), int(weight), known[wanted], procedure))
    return entries


def _choice(choice: Choice) -> str:
    return f"{choice.office}/{choice.day}/{choice.half}"


def _choice_of(text: str) -> Choice:
    office, day, half = text.split("/")
    return Choice(office, date.fromisoformat(day), half)


def seats_csv(lots: Iterable[Lot]) -> bytes:
    """Sorted by office, day, half and session, the last as a number: the order in which equal lots are taken."""
    return table(SEATS, map(lot_row, sorted(lots)))


def lots_of(content: bytes) -> list[Lot]:
    return [lot_of(row) for row in rows_of(content, SEATS)]


def lot_row(lot: Lot) -> list[object]:
    return [lot.office, lot.day, lot.half, lot.session, lot.seats, " ".join(sorted(lot.procedures))]


def lot_of(row: Sequence[str]) -> Lot:
    office, day, half, session, seats, procedures = row
    return Lot(office, date.fromisoformat(day), half, int(session), int(seats), tuple(procedures.split()))


class Seal(NamedTuple):
    """What ``sealed.txt`` says; its SHA-256 is the hash that goes into the seed.

    ``beacon`` names the public randomness and ``round`` the one round of it that will decide, fixed before it exists.
    """

    release: int
    mode: str
    commitment: bytes
    sealed_at: datetime
    beacon: str
    round: int
    tickets: bytes
    seats: bytes
    channels: Mapping[str, int]

    def text(self) -> bytes:
        lines = [
            SEALED,
            f"release {self.release}",
            f"mode {self.mode}",
            f"commitment {self.commitment.hex()}",
            f"sealed {moment(self.sealed_at)}",
            f"beacon {self.beacon}",
            f"round {self.round}",
            f"tickets {_entries(self.tickets)} {sha256(self.tickets).hexdigest()}",
            f"seats {_entries(self.seats)} {sha256(self.seats).hexdigest()}",
            *(f"channel {name} {count}" for name, count in sorted(self.channels.items())),
        ]
        return "".join(f"{line}\n" for line in lines).encode()


def _entries(content: bytes) -> int:
    return content.count(b"\n") - 1


# -- what follows from the seed ---------------------------------------------------------------------


class Round(NamedTuple):
    """The lots that are allotted together, and the lines that came of it: the first is the draw itself, later ones are
    seats that were not accepted.
    """

    lots: Sequence[Lot]
    lines: Sequence[Award | Skip]


def order_csv(codes: Iterable[str]) -> bytes:
    return table(ORDER, enumerate(codes, 1))


def rounds_csv(rounds: Sequence[Round]) -> bytes:
    return table(ROUNDS, ([n, *lot_row(lot)] for n, each in enumerate(rounds, 1) for lot in each.lots))


def awards_csv(rounds: Sequence[Round]) -> bytes:
    """By round and place."""
    return table(
        AWARDS,
        (
            [n, line.place, line.code, *line.lot[:4]]
            for n, each in enumerate(rounds, 1)
            for line in each.lines
            if isinstance(line, Award)
        ),
    )


def skips_csv(rounds: Sequence[Round]) -> bytes:
    """By round and place."""
    return table(
        SKIPS,
        (
            [n, line.place, line.code, line.reason]
            for n, each in enumerate(rounds, 1)
            for line in each.lines
            if isinstance(line, Skip)
        ),
    )
