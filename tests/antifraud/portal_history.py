"""What people do in the portal, through its own services, and an engine with memory that takes it in."""

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from antifraud.engine import Engine
from antifraud.live.ingest import ingest
from antifraud.live.reading import settled_below
from antifraud.rulesets import newest, ruleset
from antifraud.store import MemoryStore
from appointments.enums import Channel
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Slot
from mexitel.accounts.models import User
from mexitel.accounts.services import tell_opened
from mexitel.utils.browsers import Seen
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered
from tests.faults.processes import wait_until

ALL = 2**62  # a test sees its own open transaction
HOME = Seen("198.51.100.0/24", "")


class Memory:
    """Stands in for the engine's rows: one MemoryStore inside the transaction of each ingest."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.store, self.breaks, self.taken = MemoryStore(), breaks, []

    @contextlib.contextmanager
    def open(self, *, now: datetime):
        with transaction.atomic():
            yield self
            if self.breaks:
                raise ConnectionError("the worker died before its commit")

    def prepare(self, events):
        """The store of rows reads ahead here."""

    def __getattr__(self, name):
        return getattr(self.store, name)

    def save_account(self, account):
        self.taken.append(account.id)
        self.store.save_account(account)

    def flagged(self) -> set[str]:
        return {booking.id for booking in self.store.bookings.values() if booking.flag}


def take_in(memory: Memory, *, now: datetime = NOW, below: int | None = ALL) -> int:
    return ingest(now=now, open_store=memory.open, below=below)


def engine_of(events) -> MemoryStore:
    store = MemoryStore()
    Engine(store, ruleset(newest())).run(events)
    return store


def held(account: User, at: Slot, *, seats: int = 1, seen: Seen = HOME, now: datetime = NOW) -> UUID:
    wish = [Wish(at.pk, seats)]
    return hold_seats(account=account, wishes=wish, procedure_id=offered(at).pk, now=now, client=seen).hold_id


def booked(
    account: User, at: Slot, *people: Entry, seen: Seen = HOME, now: datetime = NOW, channel: str = Channel.WEB
) -> list[UUID]:
    hold_id = held(account, at, seats=len(people), seen=seen, now=now)
    return confirm_hold(
        account=account, hold_id=hold_id, people=[[one] for one in people], today=at.session.date, client=seen,
        now=now + timedelta(seconds=20), channel=channel,
    )  # fmt: skip


SURNAMES = [
    "Abarca",
    "Bustos",
    "Cervantes",
    "Delgadillo",
    "Espejel",
    "Figueroa",
    "Galindo",
    "Huerta",
    "Ibarra",
    "Jasso",
]


def a_broker(*, accounts: int = 8, now: datetime = NOW, at: Slot | None = None) -> list[UUID]:
    """Two mailboxes in many spellings, one browser, strangers' names typed in nine seconds each."""
    made, seen = [], Seen("203.0.113.0/24", "d" * 32)
    at = at or make.slot(seats=accounts)
    for number in range(accounts):
        account = make.account(f"{('gestor.citas', 'sin.filas')[number % 2]}+{number}@gmail.com")
        tell_opened(account, seen=seen, now=now)
        made += booked(account, at, _stranger(number), seen=seen, now=now + timedelta(minutes=number))
    return made


def a_mother_with(children: int, *, now: datetime = NOW) -> list[UUID]:
    seen = Seen("198.51.100.0/24", "e" * 32)
    account, at = make.account("mama.planted@example.com"), make.slot(seats=children + 1)
    family = [_entry("Lucía", 1990, "", 80.0)]
    family += [_entry(f"Niño {'ABCDE'[n]}", 2015 + n, "Lucía Zúñiga", 60.0) for n in range(children)]
    return booked(account, at, *family, seen=seen, now=now)


def _stranger(number: int) -> Entry:
    return Entry(f"Persona {'ABCDEFGHIJ'[number]}", SURNAMES[number], "", _born(1960 + number), fill_seconds=9.0)


def _entry(given: str, year: int, guardian: str, fill: float) -> Entry:
    return Entry(given, "Zúñiga", "Plantada", _born(year), guardian_name=guardian, fill_seconds=fill)


def _born(year: int):
    return datetime(year, 5, 17).date()


def wait_until_settled():
    """Transactions of other tests on the same server hold the horizon back for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        latest = cursor.fetchone()[0]
    assert wait_until(lambda: settled_below() > latest, 60)


def texts_of(tables: list[str]) -> str:
    """Every row of these tables, as the database shows it."""
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT row::text FROM {table} AS row")
            found += [text for (text,) in cursor.fetchall()]
    return "\n".join(found)
