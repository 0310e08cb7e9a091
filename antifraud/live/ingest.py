"""What happened in the portal goes to the engine: in order, once, within seconds."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from antifraud.engine import Engine
from antifraud.events import Event
from antifraud.live.events import events_of
from antifraud.live.reading import (
    LAST_ROW,
    SIGHTINGS,
    Position,
    move_to,
    position,
    read_everything,
    read_next,
    restamp,
    settled_below,
)
from antifraud.live.ripe import note_ripe
from antifraud.rulesets import RuleSet, in_force

MOST = 500  # events at once: a batch is one short transaction
BUDGET_SECONDS = 60

OpenStore = Callable[..., AbstractContextManager[Any]]


def ingest(*, now: datetime, open_store: OpenStore, rules: RuleSet | None = None, below: int | None = None) -> int:
    """Give the engine all that is new and settled; how many rows were read.

    ``open_store(now=now)`` is antifraud.live.store.live_store: a transaction around the engine's memory, or None when
    another ingest has it, which then reads these rows too. A crash undoes a batch with its position. ``below`` is for
    tests that see their own open transaction.
    """
    note_ripe(now=now)
    read, ends = 0, time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < ends:
        found = _ingest_batch(now=now, open_store=open_store, rules=rules or in_force(now), below=below)
        read += found
        if found < MOST:
            break
    return read


def _ingest_batch(*, now: datetime, open_store: OpenStore, rules: RuleSet, below: int | None) -> int:
    with open_store(now=now) as store:
        if store is None:
            return 0
        rows = read_next(position(), below=settled_below() if below is None else below, limit=MOST)
        if rows:
            events = events_of(rows)
            store.prepare(events)
            Engine(store, rules).run(events)
            move_to(rows[-1].position)
        return len(rows)


def rebuild_from_ledger(*, rebuild: Callable[[Iterable[Event]], Any]) -> None:
    """Make the engine's memory again from all that is kept; ingest goes on behind it.

    ``rebuild`` is antifraud.live.rebuild.rebuild. Its work and the new position are one transaction.
    """
    restamp()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")  # it reads everything that is kept
        below = settled_below()
        rebuild(portal_events(below=below))
        move_to(Position(below - 1, SIGHTINGS, LAST_ROW))


def portal_events(*, below: int) -> Iterable[Event]:
    """Every event that the portal's rows tell of, in the order of time."""
    for rows in read_everything(below=below):
        yield from events_of(rows)
