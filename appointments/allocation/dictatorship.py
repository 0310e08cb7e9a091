"""Pure: random serial dictatorship. In the drawn order each in turn takes the best seats that are left.

Nobody gains by asking for something other than what suits them, and nobody later in the order is ever seated by taking
a seat from somebody before them.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Half(StrEnum):
    """Of the day, in the place's own time: before noon, and from noon on."""

    MORNING = "am"
    AFTERNOON = "pm"


class Choice(NamedTuple):
    """An office (its code), a day and a half-day that suit."""

    office: str
    day: date
    half: str


class Application(NamedTuple):
    """``party`` people who come together, all or none; ``choices`` from the best to the last that suits. An empty
    ``procedure`` fits every lot.
    """

    code: str
    party: int
    weight: int
    choices: tuple[Choice, ...]
    procedure: str = ""


class Lot(NamedTuple):
    """``seats`` places of one session in one half-day; empty ``procedures`` serve them all."""

    office: str
    day: date
    half: str
    session: int
    seats: int
    procedures: tuple[str, ...] = ()

    @property
    def choice(self) -> Choice:
        return Choice(self.office, self.day, self.half)

    def serves(self, procedure: str) -> bool:
        return not procedure or not self.procedures or procedure in self.procedures


class SkipCode(StrEnum):
    """Why somebody was passed over while seats were left. Only the first follows from the lists themselves."""

    NONE_FITS = "none_fits"
    FULL_PERMITS = "full_permits"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    PERSON_BOOKED = "person_booked"
    REFUSED = "refused"


class Award(NamedTuple):
    """``place`` counts from one in the order given."""

    place: int
    code: str
    lot: Lot


class Skip(NamedTuple):
    place: int
    code: str
    reason: str


def allot(
    order: Iterable[Application],
    seats: Sequence[Lot],
    refused: Mapping[str, str] | None = None,
    had_turn: Container[str] = frozenset(),
) -> list[Award | Skip]:
    """One line for each in turn, until no seat is left: whoever has no line came when nothing was left.

    Of several lots that suit equally the first of ``seats`` is taken. ``refused`` (code of the ticket to code of the
    reason) are those who turned out at allotment to be unable to take what they won; they are passed over, which
    changes nothing for anybody before them: so a refusal is added and the same call made again. When seats that
    nobody accepted are allotted to the next, ``had_turn`` are those who won before; they get no line.
    """
    refused, stock, lines = refused or {}, _Stock(seats), list[Award | Skip]()
    for place, application in enumerate(order, 1):
        if not stock.left:
            break
        if application.code not in had_turn:
            lines.append(_turn(place, application, stock, refused.get(application.code)))
    return lines


def _turn(place: int, application: Application, stock: "_Stock", refusal: str | None) -> Award | Skip:
    if refusal:
        return Skip(place, application.code, refusal)
    lot = stock.take(application)
    return Award(place, application.code, lot) if lot else Skip(place, application.code, SkipCode.NONE_FITS)


class _Stock:
    """What is left of the lots, by choice and in their order."""

    def __init__(self, lots: Sequence[Lot]) -> None:
        self.left = sum(lot.seats for lot in lots)
        self._by_choice: dict[Choice, list[Lot]] = defaultdict(list)
        self._seats = {lot: lot.seats for lot in lots}
        if len({(lot.choice, lot.session) for lot in lots}) < len(lots):
            raise ValueError("A lot comes twice.")
        for lot in lots:
            self._by_choice[lot.choice].append(lot)

    def take(self, application: Application) -> Lot | None:
        """The best lot that seats the whole party, its seats taken; None when no choice has room."""
        lot = next(self._fitting(application), None)
        if lot is not None:
            self._seats[lot] -= application.party
            self.left -= application.party
            if not self._seats[lot]:
                self._by_choice[lot.choice].remove(lot)
        return lot

    def _fitting(self, application: Application) -> Iterator[Lot]:
        for choice in application.choices:
            for lot in self._by_choice.get(choice, ()):
                if self._seats[lot] >= application.party and lot.serves(application.procedure):
                    yield lot
