"""Pure: how many are let in next, and how long the others wait. No database, no clock.

Two bounds, and the smaller counts. More people than would take the seats that are free make no sense: somebody would be
called to nothing. And more people at once than three times those who finished in the last two minutes would choose
among seats that others choose among, so that many find theirs gone; it begins with FIRST.
"""

from dataclasses import dataclass
from math import ceil

FIRST = 200
MOST = 1500
GROWTH = 3
# How sure the guess is of which we begin: as if so many people had taken a seat each.
PRIOR = 20


@dataclass(frozen=True)
class Hall:
    """``free`` seats; ``choosing`` were called, are not over and hold nothing yet; ``waiting`` stand behind them.

    Of ``ended`` turns some took ``taken`` seats together; ``lately`` turns ended or began to book in two minutes.
    """

    free: int
    choosing: int
    waiting: int
    ended: int = 0
    taken: int = 0
    lately: int = 0


def seats_for_one(hall: Hall) -> float:
    """How many seats somebody takes who is called: those who never come count as well. Never quite none."""
    return max(0.05, (hall.taken + PRIOR) / (hall.ended + PRIOR))


def how_many_next(hall: Hall) -> int:
    """Nobody while nothing is free; somebody whenever something is free and nobody chooses."""
    if not hall.free or not hall.waiting:
        return 0
    make_sense = ceil(hall.free / seats_for_one(hall))
    at_once = min(MOST, max(FIRST, GROWTH * hall.lately))
    wanted = min(make_sense, at_once) - hall.choosing
    least = 0 if hall.choosing else 1
    return min(hall.waiting, max(least, wanted))


@dataclass(frozen=True)
class Wait:
    """Minutes until somebody is called, from the sooner to the later end of what is likely."""

    least: int
    most: int


def wait_for(*, ahead: int, called_a_minute: float) -> Wait | None:
    """For somebody with ``ahead`` people before them who were not called yet. None while nothing can be said."""
    if called_a_minute <= 0:
        return None
    middle = ahead / called_a_minute
    return Wait(_rounded(middle * 0.6), max(1, _rounded(middle * 1.6)))


def _rounded(minutes: float) -> int:
    """As people say it: single minutes up to ten, then fives, then quarters of an hour."""
    step = 1 if minutes <= 10 else 5 if minutes <= 60 else 15
    return int(ceil(minutes / step) * step)


def poll_seconds(*, waiting: int) -> int:
    """How often a page looks at the file of the queue: a thousand looks a second at the most."""
    return min(30, max(3, ceil(waiting / 1000)))


def chance_of(*, ahead: int, free: int, back: int) -> str:
    """As far as anybody can know: ``likely``, ``open`` or ``small``. Most who are called take one seat."""
    if ahead < 0.8 * free:
        return "likely"
    return "open" if ahead < 1.3 * (free + back) else "small"


def spread_seconds(*, people: int) -> int:
    """What all ask of the server for themselves, such as their place once it is drawn, comes to 300 a second."""
    return max(2, ceil(people / 300))
