"""Pure: into how many families applicants fall, by their surnames. Union-find; no name-origin, no household data.

A surname that very many people have joins two people only together with a second shared surname, or on one account, or
a minor with the adults of the same circle: or a broker could hide behind the commonest name.
"""

from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from typing import NamedTuple

from antifraud.identities import Person


class Member(NamedTuple):
    """An applicant with what may tie it to others beside surnames: the account, and its circle (accounts that share a
    mailbox or a phone).
    """

    person: Person
    account: Hashable
    circle: Hashable


class Sets:
    """Union-find over ``0..size-1``; the smallest place of a set names it."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)


def families(members: Sequence[Member], is_common: Callable[[bytes], bool]) -> list[int]:
    """The family of each member, as the place of its first member. Members without a surname stand alone."""
    sets = Sets(len(members))
    first: dict[Hashable, int] = {}
    wards = {
        (surname, member.circle) for member in members if member.person.minor for surname in member.person.surnames
    }
    for place, member in enumerate(members):
        for tie in _ties(member, is_common, wards):
            sets.join(first.setdefault(tie, place), place)
    return [sets.find(place) for place in range(len(members))]


def _ties(
    member: Member, is_common: Callable[[bytes], bool], wards: Container[tuple[bytes, Hashable]]
) -> Iterator[Hashable]:
    """Things that two members of one family share, each enough by itself. ``wards``: minors' surnames by circle."""
    person = member.person
    yield person.key
    if len(person.surnames) > 1:
        yield frozenset(person.surnames)
    for surname in person.surnames:
        if not is_common(surname):
            yield surname
            continue
        yield surname, member.account
        if (surname, member.circle) in wards:
            yield surname, member.circle, "guardian"


def related(a: Person, b: Person, is_common: Callable[[bytes], bool]) -> bool:
    """Whether two people share a telling surname, or two of them."""
    shared = set(a.surnames) & set(b.surnames)
    return a.key == b.key or len(shared) > 1 or any(not is_common(surname) for surname in shared)
