"""One arm of one seed: a simulated clock, offices with sessions, and the portal's services as everybody uses them."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from django.db import connection
from django.db.models import Count

from antifraud.lanes import steps
from antifraud.models import StepKind
from antifraud.selectors import block_of_contact
from appointments.errors import BookerBlocked
from appointments.family import FAMILY, LARGEST_PARTY
from appointments.models import FreedSeat
from appointments.services import Entry, cancel_appointments, confirm_hold, hold_seats
from appointments.services.hold import HOLD_LENGTH, Wish, release_hold
from bench.simulator import names
from bench.simulator.names import Person
from bench.simulator.world import World
from consulates.models import Seat, Session, Slot
from mexitel.accounts.models import User
from mexitel.accounts.services import put_contact, tell_opened
from mexitel.utils.browsers import Seen
from tests.factories import appointments as make

OFFICES, RELEASES, AHEAD = 3, 7, 4  # a session an office and day, for so many days, released so many days before
SLOT_SEATS = 4
LAST_MINUTE = timedelta(hours=12)  # nobody takes what begins sooner


@dataclass
class Booker:
    """An account and what is true of it; ``actor`` is whoever's hand it is in."""

    user: User
    seen: Seen
    kind: str
    actor: str
    broker: bool = False
    family: bool = False
    phone: str = ""


class Scene:
    """``guarded`` is the portal as it stands; without it only the lock of five for each account is left.

    Nothing here waits: what happens is called in the order of its simulated moment. ``now`` moves by that alone.
    """

    def __init__(self, seed: int, *, size: int, guarded: bool, days: int = RELEASES) -> None:
        self.guarded, self.size, self.days = guarded, size, days
        self.now = self.begins = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
        self.world = World(seed, hard=False, size=size)  # names and contacts alone
        self.rng = Random(f"{seed} scene")
        self.bookers: dict[int, Booker] = {}
        self.told: Counter[str] = Counter()  # what happened, by name
        self.done: dict[str, Counter[str]] = defaultdict(Counter)  # what brokers did about it, by kind
        self.active = False  # whether the engine has something new to read
        self._numbers, self._calls = count(), []
        with connection.cursor() as cursor:
            cursor.execute("SELECT setseed(%s)", [seed / 1000])
        self.procedure = make.procedure()
        self.offices = [make.office() for _ in range(OFFICES)]
        self.releases = sorted(self._release(office, day) for day in range(days) for office in range(OFFICES))

    def _release(self, office: int, day: int) -> tuple[datetime, int]:
        """A session that opens at an hour of the day that nobody can know; when, and which office's."""
        opens = self.begins + timedelta(days=day, hours=9 + self.rng.random() * 8)
        starts = self.begins + timedelta(days=day + AHEAD, hours=10)
        slots = max(1, round(self.size / (OFFICES * self.days * SLOT_SEATS)))
        made: Session = make.session(
            seats=SLOT_SEATS, slots=slots, procedures=[self.procedure], starts_at=starts,
            consulate=self.offices[office],
        )  # fmt: skip
        Slot.objects.filter(session=made).update(opens_at=opens)
        Seat.objects.filter(slot__session=made).update(visible_at=opens)
        return opens, office

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(days=self.days + AHEAD)

    # The clock

    def at(self, moment: datetime, call: Callable[[], object]) -> None:
        heapq.heappush(self._calls, (max(moment, self.now), next(self._numbers), call))

    def after(self, seconds: float, call: Callable[[], object]) -> None:
        self.at(self.now + timedelta(seconds=seconds), call)

    def every(self, minutes: float, call: Callable[[], object]) -> None:
        def again() -> None:
            call()
            if self.now < self.ends:
                self.after(minutes * 60, again)

        self.after(minutes * 60, again)

    def run(self) -> None:
        while self._calls and self._calls[0][0] <= self.ends:
            self.now, _, call = heapq.heappop(self._calls)
            call()

    # What everybody can do

    def open_account(self, email: str, seen: Seen, **truth) -> Booker:
        """Raises BookerBlocked for a mailbox that is blocked."""
        if self.guarded and block_of_contact(email, now=self.now):
            raise BookerBlocked
        user = User.objects.create(email=email, password="!", date_joined=self.now)
        tell_opened(user, now=self.now, seen=seen)
        self.active = True
        made = self.bookers[user.pk] = Booker(user, seen, **truth)
        return made

    def prove(self, who: Booker, phone: str) -> None:
        """A phone by code; nobody asks for one where only the lock stands."""
        put_contact(user=who.user, address=phone, now=self.now)
        who.phone = phone
        self.active = True

    def take_code(self, who: Booker) -> None:
        steps.take(who.user, StepKind.CODE, now=self.now)
        self.told["code asked"] += 1

    def free(self, office: int) -> dict[int, int]:
        """Seats that can be had now, by slot."""
        found = Seat.objects.free(now=self.now).filter(
            slot__consulate=self.offices[office], slot__opens_at__lte=self.now,
            slot__starts_at__gt=self.now + LAST_MINUTE,
        )  # fmt: skip
        return dict(found.order_by("slot").values_list("slot").annotate(Count("pk")))

    def is_free(self, slot: int) -> bool:
        return Seat.objects.free(now=self.now).filter(slot=slot).exists()

    def hold(self, who: Booker, wishes: Sequence[Wish]) -> UUID:
        """Raises BookingRefused or a BookingError."""
        origin = FAMILY if sum(wish.seats for wish in wishes) > LARGEST_PARTY else ""
        held = hold_seats(
            account=who.user, wishes=wishes, procedure_id=self.procedure.pk, now=self.now, client=who.seen,
            origin=origin,
        )  # fmt: skip
        self.active = True
        if not self.guarded:  # an expired hold's seat is there at once
            Seat.objects.filter(holder=held.hold_id).update(until=self.now + HOLD_LENGTH)
        return held.hold_id

    def confirm(self, who: Booker, hold_id: UUID, people: Sequence[Entry]) -> list[UUID]:
        made = confirm_hold(
            account=who.user, hold_id=hold_id, people=[[one] for one in people], today=self.now.date(), now=self.now,
            client=who.seen,
        )  # fmt: skip
        self.active = True
        return made

    def let_go(self, who: Booker, hold_id: UUID) -> None:
        release_hold(account=who.user, hold_id=hold_id, now=self.now)
        self.active = True
        if not self.guarded:
            Seat.objects.filter(holder=hold_id, until__gt=self.now).update(until=self.now)

    def cancel(self, who: Booker, ids: Sequence[UUID], seats: Sequence[int]) -> None:
        cancel_appointments(account=who.user, appointment_ids=ids, now=self.now)
        self.active = True
        if not self.guarded:
            Seat.objects.filter(pk__in=seats, holder=None).update(visible_at=self.now)
            FreedSeat.objects.filter(seat_id__in=seats).delete()

    # People

    def person(self) -> Person:
        return names.with_curp(self.world.rng, names.person(self.world.rng), 0.35)

    def entry(self, one: Person, fill: float, *, guardian: str = "") -> Entry:
        curp = one.curp or ""
        return Entry(
            one.given, one.first, one.second, date.fromisoformat(one.born), curp=curp,
            guardian_name=guardian if one.minor else "", fill_seconds=round(fill, 1),
        )  # fmt: skip

    def browser(self) -> Seen:
        contacts = self.world.contacts
        return Seen(contacts.network()[0], contacts.device())
