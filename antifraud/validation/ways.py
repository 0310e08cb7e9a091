"""Pure: on which way a person is asked, so that no suspected booker answers alone in their place."""

from collections.abc import Sequence
from typing import NamedTuple

from antifraud.models.validation import AskedBy, Source


class Way(NamedTuple):
    """A contact that may reach the person. ``account_id`` is whose it is, ``holders`` the accounts of the case that
    have it too, however spelled. ``asked_by``: what it takes (a text message, a mail, a call).
    """

    asked_by: AskedBy
    source: Source
    address: str
    language: str
    account_id: int
    holders: frozenset[int]


# The earlier contact comes first, then the account's own phone; a call when it takes no text message.
ORDER = [
    (Source.EARLIER, AskedBy.SMS),
    (Source.EARLIER, AskedBy.MAIL),
    (Source.OWN, AskedBy.SMS),
    (Source.EARLIER, AskedBy.CALL),
    (Source.OWN, AskedBy.CALL),
    (Source.STATED, AskedBy.CALL),
]


def choose(ways: Sequence[Way], *, one_family: bool) -> Way | None:
    """The best way to the person, None for the window. ``one_family``: everybody whom this account has in the case."""
    usable = [way for way in ways if (way.source, way.asked_by) in ORDER and is_the_persons(way, one_family=one_family)]
    return min(usable, key=lambda way: ORDER.index((way.source, way.asked_by)), default=None)


def is_the_persons(way: Way, *, one_family: bool) -> bool:
    """An earlier contact is that of no account of the case. The account's own phone is a sign of the person only when
    no other account of the case has it, and when the account booked for no strangers: or whoever answers it answers
    for people who know nothing.
    """
    if way.source == Source.EARLIER:
        return not way.holders
    return way.holders <= {way.account_id} and one_family
