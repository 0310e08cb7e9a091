"""Pure: whether what is typed now is the same person with typing errors corrected, or somebody else (DESIGN 4.8).

A name may change by two letters in each of its words, and by no more than half of a short word; accents, capitals,
particles, spaces and hyphens cost nothing. A birth date may change in one digit, or have day and month the other way
round. A CURP may change by two letters, or be added; whether it is right at all is ``identities.check_curp``'s to say.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rapidfuzz.distance import OSA

from appointments.identities import fold_name

MOST_EDITS = 2


class Named(NamedTuple):
    """Who attends, as far as it says who that is."""

    given_names: str
    surname_1: str
    surname_2: str
    birth_date: date
    curp: str = ""


def larger_than_typos(booked: Named, typed: Named) -> list[str]:
    """The fields in which ``typed`` is another person than ``booked``; none when only typing errors differ."""
    return [field for field, same in _compared(booked, typed) if not same]


def same_name(booked: str, typed: str) -> bool:
    """Word by word: a missing or an added word is another name."""
    old, new = _words(booked), _words(typed)
    if "".join(old) == "".join(new):
        return True
    return len(old) == len(new) and all(_same_word(*pair) for pair in zip(old, new, strict=True))


def same_date(booked: date, typed: date) -> bool:
    differing = sum(one != other for one, other in zip(f"{booked:%Y%m%d}", f"{typed:%Y%m%d}", strict=True))
    swapped = (booked.year, booked.month, booked.day) == (typed.year, typed.day, typed.month)
    return differing <= 1 or swapped


def same_curp(booked: str, typed: str) -> bool:
    return not booked or not typed or OSA.distance(booked, typed) <= MOST_EDITS


def _compared(booked: Named, typed: Named) -> Iterator[tuple[str, bool]]:
    for field in ("given_names", "surname_1", "surname_2"):
        yield field, same_name(getattr(booked, field), getattr(typed, field))
    yield "birth_date", same_date(booked.birth_date, typed.birth_date)
    yield "curp", same_curp(booked.curp, typed.curp)


def _words(name: str) -> list[str]:
    """A name in other letters than ours folds to nothing: it is compared as it stands."""
    return fold_name(name) or name.casefold().split()


def _same_word(old: str, new: str) -> bool:
    return OSA.distance(old, new) <= min(MOST_EDITS, max(1, len(old) // 2))
