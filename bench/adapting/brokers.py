"""Brokers with money, who learn from every no: what does not work is given up, what still works is bought.

A broker knows what any booker can see: refusals, their own appointments, requests to confirm. Nobody tells them scores.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from antifraud.models import IdentityRequest, RequestState
from appointments.enums import AppointmentStatus, ScopeKind
from appointments.errors import BookerBlocked, BookingError, LockFull
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.models import Appointment
from appointments.services import extend_hold
from appointments.services.hold import Wish
from bench.adapting.crowd import answer
from bench.adapting.means import Handle, Means
from bench.adapting.scene import Scene
from bench.simulator import names
from bench.simulator.names import Person

PRICE = 40.0  # US dollars that a buyer pays for a seat
HUMAN = (45.0, 110.0)  # seconds for a form, once somebody takes care
PATIENCE = timedelta(days=3)  # of a buyer


@dataclass(frozen=True)
class Style:
    """How a kind works until it learns. ``stock``: of all seats, the share it wants to have for sale; ``each``: seats
    that it books on an account; ``aliases``: spellings of one mailbox; ``devices``: bought at the start.
    """

    kind: str
    stock: float
    each: int
    aliases: bool = False
    devices: int = 2
    spins: bool = False
    to_order: bool = False
    fill: tuple[float, float] = (5.0, 15.0)
    pace: float = 20.0  # seconds between two holds
    offices: int = 1


STYLES = (
    Style("alias hoarder", stock=0.04, each=5, aliases=True),
    Style("farm", stock=0.06, each=4, devices=4, offices=2),
    Style("spinner", stock=0.012, each=2, devices=2, spins=True, fill=(15.0, 40.0)),
    Style("concierge", stock=0.04, each=3, devices=1, to_order=True, fill=(20.0, 60.0), offices=3),
)


@dataclass
class Place:
    """A seat that a broker has."""

    appointment: UUID
    seat: int
    slot: int
    office: int
    handle: Handle
    starts_at: datetime
    buyer: Person | None = None
    asked: bool = False


@dataclass
class Broker:
    scene: Scene
    style: Style
    name: str
    rng: Random
    places: list[Place] = field(default_factory=list)
    buyers: list[tuple[datetime, Person]] = field(default_factory=list)
    lost: list[Place] = field(default_factory=list)
    held: set[UUID] = field(default_factory=set)
    learnt: Counter[str] = field(default_factory=Counter)
    spinning: int = 0

    def __post_init__(self) -> None:
        style, scene = self.style, self.scene
        self.means = Means(
            scene, style.kind, self.name, self._learn, each=style.each, aliases=style.aliases, start=style.devices
        )
        self.transfers, self.spins = not style.to_order, style.spins
        self.pace, self.fill = style.pace, style.fill
        self.target = max(2, round(style.stock * scene.size))
        home = self.rng.randrange(len(scene.offices))
        self.offices = [(home + place) % len(scene.offices) for place in range(style.offices)]
        for opens, office in scene.releases:
            scene.at(opens + timedelta(seconds=self.rng.uniform(2, 20)), lambda office=office: self.release(office))
        # As many want to buy, over the days of the releases, as they would like to have.
        every = timedelta(days=len(scene.releases) / len(scene.offices)) / (self.target * 1.5)
        for place in range(round(self.target * 1.5)):
            scene.at(scene.begins + timedelta(hours=10) + every * (place + self.rng.random()), self.buyer_comes)
        scene.at(scene.begins + timedelta(minutes=self.rng.uniform(0, 60)), lambda: scene.every(60, self.look))

    # What they learn

    def _learn(self, what: str) -> None:
        self.learnt[what] += 1
        self.scene.done[self.style.kind][what] += 1

    def _handle(self, but: Handle | None = None) -> Handle | None:
        """One with room, or another, while there is money."""
        try:
            return self.means.handle(but)
        except BookerBlocked:
            self._hit("mailbox blocked")
            return None

    def _full(self, handle: Handle, refusal: LockFull) -> None:
        """The lock says no: which of their tricks is counted, and what to do instead."""
        handle.full = True
        scope = refusal.facts.get("scope")
        self._learn("account given up: full")
        if scope == ScopeKind.EMAIL and self.means.aliases:
            self.means.aliases = False
            self._learn("no more aliases: other mailboxes")
        elif scope == ScopeKind.PHONE:
            self.means.sim_is_full(handle.who.phone)
        elif scope == ScopeKind.GROUP:
            self.means.burn([handle])

    def _hit(self, why: str, handles: Sequence[Handle] = ()) -> None:
        """Somebody is after them: drop what is burnt, and go on slower, more thinly and in more places."""
        self._learn(why)
        self.means.burn(handles)
        self.means.spread()
        self.pace, self.fill = min(600, self.pace * 2), HUMAN
        self.offices = list(range(len(self.scene.offices)))
        if self.spins:
            self.spins = False
            self._learn("stopped spinning")
        if self.transfers:
            self.transfers = False
            self._learn("stopped transfers: books to order")

    def look(self) -> None:
        """Once an hour: what became of their places, and who waits for one."""
        now = self.scene.now
        self.places = [one for one in self.places if one.starts_at > now or one.buyer]
        coming = {one.appointment: one for one in self.places if one.starts_at > now}
        if coming:
            self._read_mail(coming)
        self.buyers = [one for one in self.buyers if one[0] > now]
        if self.buyers and not (self.spins or self.transfers):
            for _, buyer in self.buyers[:3]:
                self.take(self.rng.choice(self.offices), buyer=buyer)

    def _read_mail(self, coming: dict[UUID, Place]) -> None:
        gone = Appointment.objects.filter(
            pk__in=coming, status=AppointmentStatus.CANCELLED, cancelled_by="reviewer"
        ).values_list("pk", flat=True)
        lost = [coming[pk] for pk in gone]
        if lost:
            self.lost += lost
            self.places = [one for one in self.places if one not in lost]
            for one in lost:
                if one.buyer:
                    self.means.money -= PRICE
                    self.buyers.append((self.scene.now + PATIENCE, one.buyer))
            self._hit("appointments cancelled", list({id(one.handle): one.handle for one in lost}.values()))
        asked = [one for one in IdentityRequest.objects.filter(appointment__in=coming) if self._is_news(one, coming)]
        if asked:
            handles = {id(one): one for one in (coming[request.appointment_id].handle for request in asked)}
            self._hit("asked", list(handles.values()))
        for request in asked:  # whoever is asked on a phone of the broker's hears the broker's yes
            phone = coming[request.appointment_id].handle.who.phone
            if request.state == RequestState.OPEN and request.contact == phone:
                self._learn("answered in the person's place")
                self.scene.after(3600, partial(answer, self.scene, request))

    def _is_news(self, request: IdentityRequest, coming: dict[UUID, Place]) -> bool:
        place = coming[request.appointment_id]
        news, place.asked = not place.asked, True
        return news

    # What they do

    def release(self, office: int) -> None:
        """In the first seconds: stock up, or book for those who wait."""
        if office not in self.offices:
            return
        if self.spins:
            for place in range(min(4, self.target - self.spinning)):
                self.scene.after(place * self.pace, lambda: self.spin(office))
            return
        wanted: list[Person | None] = [buyer for _, buyer in self.buyers]
        if self.transfers:
            unsold = sum(one.buyer is None for one in self.places)
            wanted += [None] * max(0, min(self.target - unsold, self.target // 2))
        for place, buyer in enumerate(wanted):
            self.scene.after(place * self.pace, lambda buyer=buyer: self.take(office, buyer=buyer))

    def take(
        self, office: int, *, buyer: Person | None = None, slot: int | None = None, but: Handle | None = None
    ) -> None:
        """Hold a seat in a buyer's name, or in an invented one; book it when the form is filled."""
        if buyer is not None and slot is None and not any(buyer is one for _, one in self.buyers):
            return  # served meanwhile
        for _ in range(3):
            free = self.scene.free(office)
            chosen = slot if slot is not None else self.rng.choice(list(free)) if free else None
            if chosen is None or chosen not in free or (handle := self._handle(but)) is None:
                return
            hold_id = self._hold(handle, chosen)
            if hold_id:
                handle.used += 1
                self.buyers = [one for one in self.buyers if one[1] is not buyer]
                fill = self.rng.uniform(*self.fill)
                self.scene.after(fill, partial(self._book, handle, hold_id, chosen, office, buyer, fill))
                return

    def _hold(self, handle: Handle, slot: int) -> UUID | None:
        try:
            hold_id = self.scene.hold(handle.who, [Wish(slot, 1)])
            if hold_id not in self.held:  # asked for again, a time that is held already is the same hold
                self.held.add(hold_id)
                return hold_id
        except LockFull as error:
            self._full(handle, error)
        except BookerBlocked:
            self._hit("blocked", [handle])
        except (BookingRefused, BookingError) as error:
            self._learn(f"refused: {error.code}")
        return None

    def _book(
        self,
        handle: Handle,
        hold_id: UUID,
        slot: int,
        office: int,
        buyer: Person | None,
        fill: float,
        again: bool = False,
    ) -> None:
        person = buyer or self._invented()
        try:
            [made] = self.scene.confirm(handle.who, hold_id, [self.scene.entry(person, fill)])
        except StepUpNeeded as error:
            self._learn(f"asked for: {error.need}")
            if error.need == "code" and not again and self.means.prove(handle):
                return self.scene.after(15, lambda: self._book(handle, hold_id, slot, office, buyer, fill, again=True))
            if error.need == "call":
                self._hit("a block is near", [handle])
            return self._missed(handle, hold_id, buyer)
        except LockFull as error:
            self._full(handle, error)
            return self._missed(handle, hold_id, buyer)
        except BookerBlocked:
            self._hit("blocked", [handle])
            return self._missed(handle, hold_id, buyer)
        except (BookingRefused, BookingError) as error:
            self._learn(f"refused: {error.code}")
            return self._missed(handle, hold_id, buyer)
        seat, starts_at = Appointment.objects.values_list("seat_id", "starts_at").get(pk=made)
        self.places.append(Place(made, seat, slot, office, handle, starts_at, buyer))
        if buyer:
            self.means.money += PRICE

    def _missed(self, handle: Handle, hold_id: UUID, buyer: Person | None) -> None:
        handle.used -= 1
        if buyer:
            self.buyers.append((self.scene.now + PATIENCE, buyer))
        try:
            self.scene.let_go(handle.who, hold_id)
        except (BookingRefused, BookingError) as error:
            self._learn(f"refused: {error.code}")

    def _invented(self) -> Person:
        rng = self.scene.world.rng
        one = names.person(rng)
        return names.with_invented_curp(rng, one) if self.rng.random() < 0.3 else one

    def buyer_comes(self) -> None:
        buyer = self.scene.person()
        self.buyers.append((self.scene.now + PATIENCE, buyer))
        if self.transfers and not self.spins:
            unsold = [one for one in self.places if one.buyer is None and one.starts_at > self.scene.now + PATIENCE / 2]
            if unsold:
                self._pass_on(self.rng.choice(unsold), buyer)

    def _pass_on(self, place: Place, buyer: Person) -> None:
        """The placeholder is cancelled, and the seat taken again on another account, in the buyer's name."""
        scene = self.scene
        self.places.remove(place)
        try:
            scene.cancel(place.handle.who, [place.appointment], [place.seat])
        except (BookingRefused, BookingError) as error:  # a reviewer was faster
            self._learn(f"refused: {error.code}")
            return
        place.handle.used -= 1
        self._learn("seat passed on")

        def watch(until: datetime) -> None:
            if not any(buyer is one for _, one in self.buyers) or scene.now > until:
                return
            if scene.is_free(place.slot):
                self.take(place.office, buyer=buyer, slot=place.slot, but=place.handle)
            scene.after(self.rng.uniform(120, 360), lambda: watch(until))

        scene.after(1, lambda: watch(scene.now + timedelta(minutes=245)))

    def spin(self, office: int, slot: int | None = None, left: int = 8) -> None:
        """Hold a seat, extend the hold, let it run out and take it again, until somebody pays for it."""
        if not self.spins or left == 0:
            return
        free = self.scene.free(office)
        handle = self._handle()
        chosen = slot if slot is not None else self.rng.choice(list(free)) if free else None
        if handle is None or chosen is None or chosen not in free:
            return
        hold_id = self._hold(handle, chosen)
        if hold_id is None:
            return
        handle.used += 1
        self.spinning += 1
        self._learn("seat held again" if slot is not None else "seat held")
        self.scene.after(590, lambda: self._spun(handle, hold_id, chosen, office, left))

    def _spun(self, handle: Handle, hold_id: UUID, slot: int, office: int, left: int) -> None:
        if self._sold_to_somebody(handle, hold_id, slot, office):
            return
        try:
            extend_hold(account=handle.who.user, hold_id=hold_id, now=self.scene.now)
        except (BookingRefused, BookingError) as error:
            self._learn(f"refused: {error.code}")
        self.scene.after(580, lambda: self._ends(handle, hold_id, slot, office, left))

    def _ends(self, handle: Handle, hold_id: UUID, slot: int, office: int, left: int) -> None:
        if self._sold_to_somebody(handle, hold_id, slot, office):
            return
        handle.used -= 1
        self.spinning -= 1
        self.scene.let_go(handle.who, hold_id)
        tries: list[Callable[[], object]] = []

        def again() -> None:
            if self.scene.is_free(slot):
                self.spin(office, slot, left - 1)
            elif len(tries) < 8:
                tries.append(again)
                self.scene.after(90, again)

        self.scene.after(2, again)

    def _sold_to_somebody(self, handle: Handle, hold_id: UUID, slot: int, office: int) -> bool:
        if not self.buyers:
            return False
        _, buyer = self.buyers.pop(0)
        self.spinning -= 1
        self._book(handle, hold_id, slot, office, buyer, self.rng.uniform(*self.fill))
        return True


def brokers_of(scene: Scene, seed: int) -> list[Broker]:
    """One of each kind, two of the commonest in larger worlds."""
    styles = STYLES + STYLES[:2] if scene.size >= 400 else STYLES
    return [
        Broker(scene, style, f"{style.kind} {place}", Random(f"{seed} {place}")) for place, style in enumerate(styles)
    ]
