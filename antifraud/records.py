"""What the engine remembers: accounts, bookings, freed seats, edges and groups. Keys and moments, no raw values.

Moments are milliseconds UTC (antifraud/events.py). A live store keeps the same records as rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from antifraud.identities import Mailbox, Person
    from antifraud.scoring import Assessment

BOOKED, CANCELLED, ATTENDED, NO_SHOW, OTHER_PERSON = "booked", "cancelled", "attended", "no_show", "other_person"


class Edge(NamedTuple):
    """Why two accounts may be one actor. ``evidence`` is a count or a lag in the unit of its kind."""

    a: str
    b: str
    kind: str
    weight: float
    evidence: int
    first_seen: int
    last_seen: int
    expires: int


class Flag(NamedTuple):
    """The moment at which an appointment first stood in an open case, and what the case then said."""

    at: int
    case: str
    assessment: "Assessment"


@dataclass(slots=True, eq=False)
class Booking:
    """One appointment. ``lag`` is from the seat's becoming visible to its hold, ms; None where not known."""

    id: str
    account: "Account"
    person: "Person | None"
    party: str
    slot: str
    seat: str
    office: str
    starts_at: int | None
    booked_at: int
    lag: int | None
    fill_s: float | None
    origin: str
    channel: str
    agent: str
    asn_kind: str
    state: str = BOOKED
    changed: int = 0  # attempts to make it somebody else's
    flag: Flag | None = None


class Transfer(NamedTuple):
    """A seat freed by one and taken for another person. ``lag`` since it became visible, ms."""

    t: int
    lag: int
    giver: str
    taker: str


class Spin(NamedTuple):
    """A seat held again at once after its hold ran out; ``length`` holds in a row ran out before."""

    t: int
    length: int
    seat: str


@dataclass(slots=True, eq=False)
class Account:
    """One booker, with what was seen of it."""

    id: str
    created_at: int
    mailbox: "Mailbox | None" = None
    phones: tuple[bytes, ...] = ()  # proven
    stated: tuple[bytes, ...] = ()  # only typed
    agent: str = ""  # who signed the booker up, by phone
    devices: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    vouched_until: int = 0
    confirmed_at: int | None = None
    bookings: tuple[Booking, ...] = ()
    expired: tuple[int, ...] = ()  # when its holds ran out
    transfers: tuple[Transfer, ...] = ()
    spins: tuple[Spin, ...] = ()
    polls: tuple[int, ...] = ()
    links: "dict[str, dict[str, Edge]] | None" = None
    unlinked: frozenset[str] = frozenset()
    group: "Group | None" = None


@dataclass(slots=True, eq=False)
class Group:
    """Accounts that are probably one actor. ``number`` orders groups by age: the oldest name survives a merge."""

    number: int
    members: dict[str, Account] = field(default_factory=dict)
    case: str = ""
    best: "Assessment | None" = None
    judged: int = 0  # how many bookings the case had when it was last weighed

    @property
    def id(self) -> str:
        return f"g{self.number}"

    def bookings(self) -> Iterator[Booking]:
        for account in self.members.values():
            yield from account.bookings


class GroupLog(NamedTuple):
    """A merge or a split as data: ``kept`` took in, or gave off, ``other``, because of ``reason``."""

    t: int
    act: str  # "merged", "split", "too_large"
    kept: str
    other: str
    reason: str


class OpenHold(NamedTuple):
    t: int
    account: str
    slot: str
    seat: str
    office: str
    starts_at: int | None
    lag: int | None
    origin: str
    channel: str
    agent: str
    asn_kind: str
    freed: "Freed | None"
    person: "Person | None"
    fill_s: float | None
    prefix: str


class Freed(NamedTuple):
    """A seat that came back. ``chain``: the accounts whose holds of it ran out one after the other."""

    t: int
    account: str
    seat: str
    person: "Person | None"
    chain: tuple[str, ...]
