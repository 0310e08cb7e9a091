"""Pure: one history under two rule sets at once, and whom the new one would newly hit or no longer hit."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from antifraud.engine import Engine
from antifraud.events import Event
from antifraud.families import Member, families
from antifraud.records import Booking
from antifraud.rulesets import RuleSet
from antifraud.store import MemoryStore

NEWLY, NO_LONGER = "newly", "no_longer"
EVERY = 2000  # events between two words about how far it is
MOST_ROWS = 200


@dataclass(frozen=True)
class Compared:
    """``numbers`` as a Rehearsal keeps them: ``events``, ``appointments``, ``old`` and ``new`` (flagged appointments
    and cases), and a ``Hit`` as data for each way. ``rows``: {account, way, appointments, reasons}, the most first.
    """

    numbers: dict[str, Any]
    rows: list[dict[str, Any]]


@dataclass
class Hit:
    """Who is hit by one rule set and not by the other. A family: applicants joined by surnames; ``with_minors`` are
    those with somebody under eighteen; helpers and public terminals are counted by account.
    """

    appointments: int = 0
    accounts: int = 0
    families: int = 0
    with_minors: int = 0
    helpers: int = 0
    terminals: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # appointments by the codes that speak against


def compare(
    events: Iterable[Event], old: RuleSet, new: RuleSet, *, told: Callable[[int], None] = lambda done: None
) -> Compared:
    """Both engines see each event before the next, so the history is read once; ``told`` hears how many are done."""
    stores = MemoryStore(), MemoryStore()
    engines = [Engine(store, rules) for store, rules in zip(stores, (old, new), strict=True)]
    count = 0
    for event in events:
        for engine in engines:
            engine.take(event)
        count += 1
        if count % EVERY == 0:
            told(count)
    before, after = stores
    ways = {NEWLY: _only(after, before), NO_LONGER: _only(before, after)}
    numbers = {
        "events": count,
        "appointments": len(after.bookings),
        "old": _flagged(before),
        "new": _flagged(after),
        NEWLY: vars(_hit(ways[NEWLY], after, new)),
        NO_LONGER: vars(_hit(ways[NO_LONGER], before, old)),
    }
    return Compared(numbers, [row for way, bookings in ways.items() for row in _rows(way, bookings)])


def _only(store: MemoryStore, other: MemoryStore) -> list[Booking]:
    """Flagged in ``store`` and not in ``other``."""
    return [one for one in store.bookings.values() if one.flag and not other.bookings[one.id].flag]


def _flagged(store: MemoryStore) -> dict[str, int]:
    flags = [one.flag for one in store.bookings.values() if one.flag]
    return {"appointments": len(flags), "cases": len({flag.case for flag in flags})}


def _hit(bookings: list[Booking], store: MemoryStore, rules: RuleSet) -> Hit:
    accounts = {one.account.id: one.account for one in bookings}
    named = [(one, one.person) for one in bookings if one.person is not None]
    listed = {surname for _, person in named for surname in person.common}
    common = rules["E1"]["common"]
    family = families(
        [Member(person, one.account.id, one.account.id) for one, person in named],
        lambda surname: surname in listed or store.surname_share(surname) > common,
    )
    minors = {its for its, (_, person) in zip(family, named, strict=True) if person.minor}
    codes = Counter(reason for one in bookings for reason in _codes(one))
    return Hit(
        appointments=len(bookings),
        accounts=len(accounts),
        families=len(set(family)),
        with_minors=len(minors),
        helpers=sum(one.vouched_until > one.created_at for one in accounts.values()),
        terminals=sum(any(_is_public(store, device) for device in one.devices) for one in accounts.values()),
        reasons=dict(sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _codes(booking: Booking) -> list[str]:
    found = booking.flag.assessment if booking.flag else None
    return [reason.code for reason in found.reasons if reason.points > 0] if found else []


def _is_public(store: MemoryStore, device: str) -> bool:
    return bool(store.public_until(device)) or store.is_crowd(device)


def _rows(way: str, bookings: list[Booking]) -> list[dict[str, Any]]:
    held: dict[str, list[Booking]] = {}
    for one in bookings:
        held.setdefault(one.account.id, []).append(one)
    rows: list[dict[str, Any]] = [
        {"account": account, "way": way, "appointments": len(own), "reasons": _codes(own[0])}
        for account, own in held.items()
    ]
    rows.sort(key=lambda row: (-row["appointments"], row["account"]))
    return rows[:MOST_ROWS]
