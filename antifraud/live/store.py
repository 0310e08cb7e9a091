"""The engine's memory in PostgreSQL: one unit of work for one batch of events.

``with live_store(now=now) as store`` reads what the engine asks for, keeps one object for each record, and at the end
writes what differs in a few statements, all in one transaction under one advisory lock. ``prepare`` reads ahead what a
batch will need, so that the number of statements does not grow with the batch; without it everything works, one by one.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import overload

from django.db import connection, transaction

from antifraud.engine import Engine
from antifraud.events import Event
from antifraud.live.ahead import Needs, needs_of
from antifraud.live.cases import OPENED, CaseBook, PortalCases
from antifraud.live.counts import Devices, Identifiers, RecentSights, Surnames, Tallies
from antifraud.live.graph import Graph
from antifraud.live.rows import CHANGES, at, change_row
from antifraud.live.seats import Seats
from antifraud.observing import LINKED
from antifraud.records import Account, Booking, Edge, Freed, Group, GroupLog, OpenHold
from antifraud.rulesets import RuleSet

LOCK = 0x616E7469  # "anti": one writer of the engine's memory at a time
SEEN_BY_MANY = 100  # uses of an identifier from which on nobody is linked by it


@contextmanager
def live_store(*, now: datetime, cases: CaseBook | None = None) -> Iterator["LiveStore | None"]:
    """A store for one batch, written when the block ends well; an error leaves everything as it was.

    None at once when another ingest, or a rebuild, is at work. Opens a transaction, whose end lets go of the lock.
    """
    with transaction.atomic():
        if not is_only_writer():
            yield None
            return
        store = LiveStore(cases or PortalCases())
        yield store
        store.save(now)


def is_only_writer() -> bool:
    """Whether this transaction has the lock now, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def learn(events: Sequence[Event], *, rules: RuleSet, now: datetime, cases: CaseBook | None = None) -> bool:
    """Take one batch, in the order of time; False when another is at work. An error keeps nothing of the batch."""
    with live_store(now=now, cases=cases) as store:
        if store is not None:
            store.prepare(events)
            Engine(store, rules).run(events)
        return store is not None


class Latest(Sequence[Account]):
    """Accounts by id that are read when somebody looks at them; those that are forgotten are passed over."""

    def __init__(self, store: "LiveStore", ids: Sequence[str]) -> None:
        self.store, self.ids = store, ids

    def accounts(self) -> list[Account]:
        self.store.load(self.ids)
        return [account for one in self.ids if (account := self.store.account(one)) is not None]

    @overload
    def __getitem__(self, place: int) -> Account: ...
    @overload
    def __getitem__(self, place: slice) -> list[Account]: ...
    def __getitem__(self, place: int | slice) -> Account | list[Account]:
        if isinstance(place, slice):
            return Latest(self.store, self.ids[place]).accounts()
        return self.accounts()[place]

    def __len__(self) -> int:
        return len(self.accounts())

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts())


class LiveStore:
    """The rows of antifraud/models/memory.py as the engine's ``Store``."""

    def __init__(self, cases: CaseBook) -> None:
        self.cases = cases
        self.clock = 0  # the engine's, in ms
        self.tallies = Tallies()
        self.graph = Graph(self.tallies)
        self.seats = Seats(self.tallies)
        self.identifiers = Identifiers(self.tallies)
        self.devices = Devices()
        self.sights = RecentSights()
        self.surnames = Surnames(self.tallies)
        self._logs: list[GroupLog] = []
        self._views: dict[int, object] = {}
        self._opened = 0

    # Reading ahead

    def prepare(self, events: Sequence[Event]) -> None:
        """Read what ``events`` will need, in a number of statements that does not depend on how many they are."""
        needs = needs_of(events)
        holds = self.seats.load_holds(needs.holds)
        freed = self.seats.load_slots([*needs.slots, *(hold.slot for hold in holds.values() if hold.slot)])
        freed += [hold.freed for hold in holds.values() if hold.freed]
        for hold_id, minute in needs.booked.items():
            if hold_id in holds:
                needs.add_booked(holds[hold_id], minute)
        self.identifiers.load(needs.identifiers)
        self.devices.shelf.load((device,) for device in needs.devices)
        self.sights.shelf.load(needs.sights)
        self.surnames.load(needs.surnames)
        ids = [*needs.accounts, *(hold.account for hold in holds.values()), *self.graph.load_bookings(needs.bookings)]
        ids += [one for seat in freed for one in (seat.account, *seat.chain[-4:])]
        ids += [one for name, key in needs.sights for one in self.sights.ids(name, key)]
        ids += self._sharers(needs)
        if events:
            ids += self.graph.load_due(events[-1].t)
        self.load(ids)
        self.load(self._partners())

    def _sharers(self, needs: Needs) -> Iterator[str]:
        """Whom the identifiers of the batch may link: their latest few."""
        for kind, key in needs.identifiers:
            if kind in ("email", "person"):
                yield from self.identifiers.latest(kind, key)
            elif kind not in ("prefix", "shape") and self.identifiers.uses(kind, key) < SEEN_BY_MANY:
                yield from self.identifiers.latest(kind, key)[-LINKED:]

    def _partners(self) -> Iterator[str]:
        """Who traded seats with members of groups: an open case follows its seats."""
        for account in self.graph.accounts.values():
            if account is not None and account.group is not None:
                for trade in account.transfers:
                    yield trade.taker if trade.giver == account.id else trade.giver

    def load(self, ids: Iterable[str]) -> None:
        """Bring in accounts with their groups, and the counts that judging them asks for."""
        found = self.graph.load(ids)
        grouped = [account for account in found if account.group is not None]
        for group in {id(account.group): account.group for account in found if account.group is not None}.values():
            self._views[group.number] = view(group)
        people = [booking.person for account in found for booking in account.bookings if booking.person]
        self.surnames.load(surname for person in people for surname in person.surnames)
        self.devices.shelf.load((device,) for account in grouped for device in account.devices)
        shapes = [("shape", account.mailbox.shape) for account in grouped if account.mailbox]
        proven = [("phone", phone) for account in found for phone in account.phones]
        stated = [("stated", phone) for account in found for phone in account.stated]
        self.identifiers.load([*shapes, *proven, *stated])

    # The engine's Store

    def account(self, account_id: str) -> Account | None:
        if account_id not in self.graph.accounts:
            self.load([account_id])
        return self.graph.accounts[account_id]

    def save_account(self, account: Account) -> None:
        self.graph.accounts[account.id] = account

    def use_key(self, kind: str, key: bytes | str, account: Account) -> tuple[int, Sequence[Account]]:
        count, latest = self.identifiers.use(kind, key, account.id)
        return count, Latest(self, latest)

    def uses(self, kind: str, key: bytes | str) -> int:
        return self.identifiers.uses(kind, key)

    def latest(self, kind: str, key: bytes | str) -> Sequence[Account]:
        return Latest(self, self.identifiers.latest(kind, key))

    def known(self, kind: str) -> int:
        return self.tallies.trials(f"known {kind}")

    def public_until(self, device: str) -> int:
        return self.devices.public_until(device)

    def make_public(self, device: str, until: int) -> Sequence[Account]:
        self.devices.make_public(device, until)
        return self.latest("device", device)

    def is_crowd(self, device: str) -> bool:
        return self.devices.is_crowd(device)

    def make_crowd(self, device: str) -> None:
        self.devices.make_crowd(device)

    def hold(self, hold_id: str) -> OpenHold | None:
        return self.seats.hold(hold_id)

    def put_hold(self, hold_id: str, hold: OpenHold) -> None:
        self.seats.put_hold(hold_id, hold)

    def end_hold(self, hold_id: str) -> None:
        self.seats.end_hold(hold_id)

    def booking(self, booking_id: str) -> Booking | None:
        if booking_id not in self.graph.bookings:
            self.load(self.graph.load_bookings([booking_id]))
        return self.graph.bookings[booking_id]

    def put_booking(self, booking: Booking) -> None:
        self.graph.put_booking(booking)

    def free_seat(self, slot: str, freed: Freed) -> None:
        self.seats.free(slot, freed)

    def freed_seat(self, slot: str, seat: str, *, since: int, visible_at: int) -> Freed | None:
        return self.seats.take(slot, seat, since=since, visible_at=visible_at)

    def meet_surname(self, surname: bytes) -> None:
        self.surnames.meet(surname)

    def surname_share(self, surname: bytes) -> float:
        return self.surnames.share(surname)

    def share(self, name: str) -> float:
        return self.tallies.share(f"share {name}")

    def count(self, name: str, hit: bool) -> None:
        self.tallies.try_one(f"share {name}", hit)

    def put_edge(self, edge: Edge) -> None:
        self.graph.put_edge(edge)

    def due_edges(self, now: int) -> Iterator[tuple[str, str, str]]:
        self.clock = max(self.clock, now)
        return self.graph.due(now)

    def recent(self, name: str, key: str, t: int, account: Account) -> list[Account]:
        ids = self.sights.note(name, key, t, account.id)
        return [other for other in Latest(self, ids) if other is not account]

    def new_group(self) -> Group:
        return self.graph.new_group()

    def new_case(self, group: Group) -> str:
        self._opened += 1
        return f"{OPENED} {self._opened}"

    def log(self, entry: GroupLog) -> None:
        self._logs.append(entry)

    # Writing

    def save(self, now: datetime) -> None:
        """Settle the cases that changed, then write every row that differs."""
        self._settle(now)
        seen_at = at(self.clock)
        self.graph.save(seen_at)
        self.seats.save(seen_at)
        self.identifiers.shelf.save(seen_at)
        self.devices.shelf.save(seen_at)
        self.sights.save(seen_at, self.clock)
        self.surnames.save()
        CHANGES.add([change_row(entry) for entry in self._logs])
        self.tallies.save()

    def _settle(self, now: datetime) -> None:
        """What a case is about changed: it is told."""
        standing = self.graph.standing_groups()
        gone = self.graph.groups.keys() - {group.number for group in standing}
        for group in sorted(standing, key=case_order):
            if group.case and view(group) != self._views.get(group.number):
                settle(group, self.cases, gone=gone, now=now)


def settle(group: Group, cases: CaseBook, *, gone: Container[int], now: datetime) -> None:
    """Have the group's case kept in step, and name it at the group and at what is flagged in it."""
    group.case = cases.settle(group, gone=gone, now=now)
    for booking in group.bookings():
        if booking.flag and booking.flag.case != group.case:
            booking.flag = booking.flag._replace(case=group.case)


def view(group: Group) -> object:
    """What a case is about: when it differs, the case does."""
    flagged = frozenset(booking.id for booking in group.bookings() if booking.flag)
    return group.case, group.best and group.best.score, flagged, frozenset(group.members)


def case_order(group: Group) -> tuple[int, int]:
    """New cases in the order in which they opened."""
    opened = int(group.case.removeprefix(OPENED)) if group.case.startswith(OPENED) else 0
    return opened, group.number
