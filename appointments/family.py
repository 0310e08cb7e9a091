"""Pure: who may take six to eight places in one go (DESIGN 4.5): minors of one family and those who answer for them."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from appointments.enums import LARGEST_FAMILY
from appointments.identities import fold_name

if TYPE_CHECKING:
    from appointments.services.applicants import Entry

# What anybody may take in one go; above it, up to LARGEST_FAMILY, a party is a family.
LARGEST_PARTY = 5
# The origin of its hold.
FAMILY = "family"
MOST_ADULTS = 2

__all__ = ["FAMILY", "LARGEST_FAMILY", "LARGEST_PARTY", "is_one_family"]


def is_one_family(people: "Sequence[Entry]", *, day: date) -> bool:
    """Whether all but two of ``people``, one for each seat, are minors on ``day``, and each minor shares a surname with
    an adult among them. Where no adult needs an appointment, with one of at most two guardians who come along.
    """
    adults = [one for one in people if not _is_minor(one, day)]
    minors = [one for one in people if _is_minor(one, day)]
    if len(adults) > MOST_ADULTS:
        return False
    guardians = [set(_surnames(one)) for one in adults]
    if not guardians:
        named = {tuple(fold_name(one.guardian_name)) for one in minors}
        guardians = [set(name) for name in named]
    if not minors or not guardians or len(guardians) > MOST_ADULTS:
        return False
    return all(any(guardian & set(_surnames(minor)) for guardian in guardians) for minor in minors)


def _is_minor(person: "Entry", day: date) -> bool:
    born = person.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) < 18


def _surnames(person: "Entry") -> list[str]:
    return fold_name(f"{person.surname_1} {person.surname_2}")
