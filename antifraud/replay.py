"""A history through the engine, and what it says of each appointment (antifraud/EVENTS.md, section 2)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from antifraud.engine import Engine
from antifraud.events import Event, moment_text
from antifraud.records import Booking
from antifraud.rulesets import RuleSet
from antifraud.scoring import Assessment
from antifraud.store import MemoryStore


def replay(events: Iterable[Event], rules: RuleSet) -> MemoryStore:
    """The store after the last event."""
    store = MemoryStore()
    Engine(store, rules).run(events)
    return store


def flag_lines(store: MemoryStore) -> Iterator[str]:
    """One JSON line for each appointment, in the order of booking."""
    for booking in store.bookings.values():
        yield json.dumps(flag_data(booking), ensure_ascii=False)


def flag_data(booking: Booking) -> dict[str, Any]:
    flag = booking.flag
    found = flag.assessment if flag else _best(booking)
    return {
        "appointment": booking.id,
        "flagged_at": moment_text(flag.at) if flag else None,
        "case": flag.case if flag else None,
        "score": found.score if found else 0.0,
        "reasons": _reasons(found) if found else [],
    }


def _best(booking: Booking) -> Assessment | None:
    return booking.account.group.best if booking.account.group else None


def _reasons(found: Assessment) -> list[dict[str, Any]]:
    return [
        {"code": reason.code, "points": reason.points, "es": reason.sentence("es"), "en": reason.sentence("en")}
        for reason in found.reasons
    ]
