"""The one door to rooms beside this one; each answer says what is missing when a room is not installed."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from antifraud.events import Event

LIVE, SECOND_LOOKS = "antifraud.live", "antifraud.redress"


class NoHistory(LookupError):
    """This portal does not keep its history as events."""


def portal_events(since: datetime) -> Iterator[Event]:
    """The portal's own history from ``since`` on, in the order of time. Raises NoHistory."""
    if not _has(LIVE, "reading"):
        raise NoHistory
    reading, events = import_module(f"{LIVE}.reading"), import_module(f"{LIVE}.events")
    for rows in reading.read_everything(below=reading.settled_below()):
        late = [row for row in rows if row.at >= since]
        if late:
            yield from events.events_of(late)


def agreement(since: datetime) -> Any:
    """How far two reviewers agree: ``pairs``, ``same`` (share) and ``kappa``; None without a second look."""
    if not _has(SECOND_LOOKS, "second_looks"):
        return None
    return import_module(f"{SECOND_LOOKS}.second_looks").agreement(since=since)


def _has(room: str, module: str) -> bool:
    return find_spec(room) is not None and find_spec(f"{room}.{module}") is not None
