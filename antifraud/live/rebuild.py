"""The engine's memory from nothing: all events through a replay in this process, then all rows at once.

What people said survives, since their words are events too. Groups keep the numbers of their oldest members, so that
their cases are still theirs.
"""

import gc
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.module_loading import import_string

from antifraud.engine import Engine
from antifraud.events import Event
from antifraud.live.cases import CaseBook, PortalCases
from antifraud.live.counts import Tallies
from antifraud.live.graph import Scores
from antifraud.live.rows import (
    BOOKED,
    BOOKERS,
    CHANGES,
    DEVICES,
    FREE,
    GROUPS,
    HELD,
    LINKS,
    RECENT_SIGHTS,
    SCORES,
    SURNAMES,
    TALLIES,
    USES,
    as_bytes,
    at,
    booked_row,
    booker_row,
    change_row,
    free_row,
    group_row,
    held_row,
    last_seen,
    link_row,
    score_row,
)
from antifraud.live.store import LOCK, settle
from antifraud.live.tables import Row
from antifraud.records import Account, Group, GroupLog
from antifraud.rulesets import RuleSet, in_force
from antifraud.store import MemoryStore

EVERYTHING = (BOOKERS, BOOKED, HELD, FREE, GROUPS, SCORES, LINKS, USES, DEVICES, RECENT_SIGHTS, SURNAMES, TALLIES)


class Rebuilt(NamedTuple):
    accounts: int
    appointments: int
    groups: int
    cases: int


@transaction.atomic
def rebuild(
    events: Iterable[Event], *, now: datetime, rules: RuleSet | None = None, cases: CaseBook | None = None
) -> Rebuilt:
    """Learn ``events`` (in the order of time, all that is kept) in place of everything remembered.

    Waits for a running ingest, and holds off the next. Readers see the old rows until it ends: they are deleted, not
    truncated, which would also need a right that the serving role does not have. An error leaves all as it was.
    """
    take_time()
    wait_for_lock()
    memory = Memory()
    with collecting_nothing():
        Engine(memory, rules or in_force(now)).run(events)
    memory.keep_numbers(old_numbers(), last_number())
    memory.settle(cases or PortalCases(), now=now)
    for table in EVERYTHING:
        table.delete_where("true")
    memory.write()
    groups = memory.groups()
    return Rebuilt(len(memory.accounts), len(memory.bookings), len(groups), sum(bool(one.case) for one in groups))


def take_time() -> None:
    """Until the transaction ends: long statements, and long silences while this process computes."""
    limits = {"statement_timeout": "30min", "idle_in_transaction_session_timeout": "30min", "lock_timeout": "1min"}
    with connection.cursor() as cursor:
        for name, limit in limits.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, limit])


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Everything learned stays: looking through it again and again for garbage would only take time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def wait_for_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def old_numbers() -> dict[str, int]:
    """The group of each account that has one."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id, "group" FROM {BOOKERS.name} WHERE "group" IS NOT NULL')  # noqa: S608
        return dict(cursor.fetchall())


def last_number() -> int:
    return max((row[2] for row in TALLIES.by_keys([("last group",)])), default=0)


class Others(Container[int]):
    """Every number but these: groups that are no more."""

    def __init__(self, standing: Collection[int]) -> None:
        self.standing = standing

    def __contains__(self, number: object) -> bool:
        return number not in self.standing


class Memory(MemoryStore):
    """The memory of a replay that is written to the tables."""

    def groups(self) -> list[Group]:
        """Those that somebody is in, by number."""
        groups = {id(account.group): account.group for account in self.accounts.values() if account.group}
        return sorted(groups.values(), key=lambda group: group.number)

    def keep_numbers(self, old: dict[str, int], last: int) -> None:
        """Number groups as their members were: the lowest that is not taken, else a new one. Log what differs."""
        self.logs = []
        self._groups = last
        taken: set[int] = set()
        came_from: dict[int, set[int]] = {}
        for group in self.groups():
            before = {old[member] for member in group.members if member in old}
            group.number = min(before - taken, default=0) or self.new_group().number
            taken.add(group.number)
            came_from[group.number] = before - {group.number}
        t = self.last_moment()
        for number, before in came_from.items():
            for other in sorted(before):
                ends = (f"g{other}", f"g{number}") if other in taken else (f"g{number}", f"g{other}")
                self.log(GroupLog(t, "split" if other in taken else "merged", *ends, "rebuilt"))

    def settle(self, cases: CaseBook, *, now: datetime) -> None:
        groups = self.groups()
        gone = Others({group.number for group in groups})
        for group in groups:
            if group.case:
                settle(group, cases, gone=gone, now=now)
        for booking in self.bookings.values():  # what left its group keeps its flag, and names no case of this replay
            group_of = booking.account.group
            if booking.flag and not (group_of and group_of.case):
                booking.flag = booking.flag._replace(case="")

    def write(self) -> None:
        """Copy every record into its empty table; what is numbered in a batch is numbered here."""
        tallies = Tallies()
        scores = Scores(tallies)
        seen_at = at(self.last_moment())
        BOOKERS.copy(self._bookers())
        BOOKED.copy(self._booked(tallies, scores))
        GROUPS.copy((*group_row(one, scores.number(one.best)), seen_at) for one in self.groups())
        SCORES.copy((*score_row(number, found), seen_at) for number, found in scores.by_number.items())
        LINKS.copy(self._links(tallies))
        FREE.copy((*row, seen_at) for row in self._free(tallies))
        HELD.copy((*held_row(one, hold, self._taken.get(one)), seen_at) for one, hold in self.holds.items())
        USES.copy(self._uses(tallies))
        DEVICES.copy((one, until, crowd, seen_at) for one, until, crowd in self._devices())
        RECENT_SIGHTS.copy(self._sights(seen_at))
        SURNAMES.copy(self._surnames.items())
        self._tally(tallies)
        tallies.save()
        CHANGES.add([change_row(entry) for entry in self.logs])

    def last_moment(self) -> int:
        return max(map(last_seen, self.accounts.values()), default=0)

    def _bookers(self) -> Iterator[Row]:
        places = {member: place for group in self.groups() for place, member in enumerate(group.members)}
        for account in self.accounts.values():
            yield *booker_row(account, places.get(account.id, 0)), at(last_seen(account))

    def _booked(self, tallies: Tallies, scores: Scores) -> Iterator[Row]:
        for booking in self.bookings.values():
            score = scores.number(booking.flag.assessment) if booking.flag else None
            yield *booked_row(booking, tallies.add("last booking"), score), at(booking.booked_at)

    def _links(self, tallies: Tallies) -> Iterator[Row]:
        """Pairs in the order of the oldest edge that is left of each."""
        pairs = [
            (min(edge.first_seen for edge in edges.values()), (account.id, other), edges)
            for account in self.accounts.values()
            for other, edges in (account.links or {}).items()
            if account.id < other
        ]
        for _, pair, edges in sorted(pairs, key=lambda one: one[0]):
            place = tallies.add("last pair")
            for edge in edges.values():
                yield link_row(pair, edge, place)

    def _free(self, tallies: Tallies) -> Iterator[Row]:
        """Seats that wait, slot by slot as they came back, and those that an open hold took."""
        self._taken: dict[str, int] = {}
        for slot, seats in self._freed.items():
            for freed in seats:
                yield free_row(tallies.add("last freed"), slot, freed, taken=False)
        for hold_id, hold in self.holds.items():
            if hold.freed is not None:
                self._taken[hold_id] = tallies.add("last freed")
                yield free_row(self._taken[hold_id], hold.slot, hold.freed, taken=True)

    def _uses(self, tallies: Tallies) -> Iterator[Row]:
        """An identifier is as old as the latest of its bookers."""
        for kind, uses in self._keys.items():
            tallies.add(f"known {kind}", trials=len(uses))
            for key, use in uses.items():
                count, latest = (1, (use,)) if isinstance(use, Account) else use
                yield kind, as_bytes(key), count, [one.id for one in latest], at(max(map(last_seen, latest)))

    def _devices(self) -> Iterator[tuple[str, int, bool]]:
        for device in self._public.keys() | self._crowds:
            yield device, self._public.get(device, 0), device in self._crowds

    def _sights(self, seen_at: datetime) -> Iterator[Row]:
        for (name, key), seen in self._recent.items():
            yield name, key, [t for t, _ in seen], [one.id for _, one in seen], seen[-1][0], seen_at

    def _tally(self, tallies: Tallies) -> None:
        tallies.add("people", trials=self._people)
        tallies.add("last group", trials=self._groups)
        for name, (hits, trials) in self._counts.items():
            tallies.add(f"share {name}", hits, trials)


def rebuild_portal(*, now: datetime, from_ledger: Callable[..., object] | None = None) -> Rebuilt:
    """Rebuild from the portal's own ledger and sightings, and have ingest go on behind what was read.

    ``from_ledger(rebuild=...)`` reads them (antifraud.live.ingest) and keeps its position in the same transaction.
    """
    from_ledger = from_ledger or import_string("antifraud.live.ingest.rebuild_from_ledger")
    done: list[Rebuilt] = []
    from_ledger(rebuild=lambda events: done.append(rebuild(events, now=now)))
    return done[0]
