"""One world: its clock, its seats, what was written down about it, and the truth beside it."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from .clock import Clock, Watch
from .contacts import Contacts
from .names import Person
from .ranges import Drawn
from .supply import BOOKING_DAYS, DAY, HOUR, MINUTE, Seat, Supply

BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
END = BOOKING_DAYS * DAY
DAYS = [f"{BEGINS + timedelta(days=day):%Y-%m-%d}" for day in range(-60, 400)]


def moment(seconds: float) -> str:
    """ISO 8601 in UTC with milliseconds."""
    day, left = divmod(round(seconds * 1000), 86_400_000)
    minutes, milliseconds = divmod(left, 60_000)
    return f"{DAYS[day + 60]}T{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds / 1000:06.3f}Z"


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of whoever books. ``actor`` groups what one hand did, ``family`` what belongs together."""

    kind: str
    actor: str
    broker: bool = False
    family: str | None = None


@dataclass(slots=True)
class Booker:
    account: str
    email: str
    phone: str
    device: str | None = None
    network: tuple[str, str] | None = None
    channel: str = "web"
    agent: str | None = None
    registered: bool = False
    active: int = 0

    def keys(self) -> dict:
        found = {"channel": self.channel, "account": self.account, "device": self.device, "agent": self.agent}
        if self.network:
            found["prefix"], found["asn_kind"] = self.network
        return {key: value for key, value in found.items() if value is not None}


@dataclass(slots=True)
class Hold:
    id: str
    booker: Booker
    seat: Seat
    person: Person
    guardian: bool
    fill: float | None
    procedure: str
    until: float
    at: float = 0.0
    open: bool = True


@dataclass(slots=True)
class Appointment:
    id: str
    hold: Hold
    label: Label
    seat: Seat
    person: Person
    active: bool = True


@dataclass(slots=True)
class Truth:
    appointments: list[dict] = field(default_factory=list)
    by_id: dict[str, dict] = field(default_factory=dict)
    actors: dict[str, dict] = field(default_factory=dict)
    people: dict[tuple, int] = field(default_factory=dict)

    def number(self, person: Person) -> int:
        """The same for the same names and birth date."""
        return self.people.setdefault((person.given, person.first, person.second, person.born), len(self.people) + 1)


class World:
    def __init__(self, seed: int, *, hard: bool, size: int) -> None:
        self.rng = Random(seed)
        self.drawn = Drawn(self.rng, hard=hard)
        # People signed up before the first day, too.
        self.clock = Clock(-15 * DAY)
        self.supply = Supply(self.rng, self.drawn, size)
        self.contacts = Contacts(self.rng, self.drawn)
        self.events: list[dict] = []
        self.truth = Truth()
        self.numbers: dict[str, int] = defaultdict(int)
        self.watchers: dict[str, deque[Watch]] = defaultdict(deque)
        self.agents = [f"agent-{number}" for number in range(1, self.drawn.count("agents") + 1)]

    @property
    def now(self) -> float:
        return self.clock.now

    def name(self, kind: str) -> str:
        self.numbers[kind] += 1
        return f"{kind}{self.numbers[kind]}"

    def account(self) -> str:
        """An id that tells nothing about who was planned when."""
        return self.contacts.fresh(lambda: f"acc-{self.rng.getrandbits(40):010x}")

    def write(self, kind: str, **keys) -> None:
        self.events.append({"t": moment(self.now), "kind": kind, **keys})

    def actor(self, kind: str, *, broker: bool = False, family: bool = False) -> Label:
        label = Label(kind, self.name("actor-"), broker, self.name("family-") if family else None)
        self.truth.actors[label.actor] = {"kind": kind, "broker": broker}
        return label

    # What people and programs do. Each writes its event at the present moment.

    def register(self, booker: Booker, *, verify: bool, phone_typed: str | None = None) -> None:
        if booker.registered:
            return
        booker.registered = True
        phone = {"phone": phone_typed or self.contacts.typed(booker.phone)} if booker.phone else {}
        self.write("register", email=booker.email, **phone, **booker.keys())
        if verify and booker.phone:
            after = self.rng.uniform(1, 4) if booker.agent else self.rng.uniform(9, 80)
            self.clock.call(lambda: self.write("verify_phone", phone=booker.phone, **booker.keys()), self.now + after)

    def poll(self, booker: Booker, office: str, procedure: str) -> None:
        self.write("poll", office=office, procedure=procedure, **booker.keys())

    def hold(
        self, booker: Booker, seat: Seat, person: Person, procedure: str, *, fill: float | None, guardian: bool = False
    ) -> Hold:
        """Keep a seat that the supply has just given."""
        until = self.now + self.drawn["~hold, min"] * MINUTE
        fill = None if fill is None else round(fill, 1)
        held = Hold(self.name("h"), booker, seat, person, guardian, fill, procedure, until, self.now)
        self.write(
            "hold",
            hold=held.id,
            slot=seat.slot,
            seat=f"{seat.slot}-{seat.number}",
            office=seat.office,
            procedure=procedure,
            starts_at=moment(seat.starts_at),
            visible_at=moment(seat.visible_at),
            applicant=person.as_applicant(guardian),
            fill_s=held.fill,
            **booker.keys(),
        )
        return held

    def book(self, held: Hold, label: Label, group: str | None = None) -> Appointment:
        held.open = False
        made = Appointment(self.name("a"), held, label, held.seat, held.person)
        held.booker.active += 1
        together = {"group": group} if group else {}
        self.write("book", appointment=made.id, hold=held.id, **together, **held.booker.keys())
        self.remember(made)
        return made

    def remember(self, made: Appointment) -> None:
        booker, label, person = made.hold.booker, made.label, made.person
        entry = {
            "appointment": made.id,
            "kind": label.kind,
            "broker": label.broker,
            "actor": label.actor,
            "family": label.family,
            "person": self.truth.number(person),
            "account": booker.account,
            "booked_at": moment(self.now),
            "starts_at": moment(made.seat.starts_at),
            "freed_at": None,
            "transferred_at": None,
            "cgnat": bool(booker.network and booker.network[1] == "mobile"),
            "curp": person.curp is not None,
            "phone": booker.channel == "phone",
            "common": person.common,
        }
        self.truth.appointments.append(entry)
        self.truth.by_id[made.id] = entry

    def lapse(self, held: Hold) -> float:
        """The hold runs out; when its seat can be seen again."""
        held.open = False
        self.write("expire", hold=held.id, account=held.booker.account)
        return self.rest(held.seat, self.now + self.drawn.between("rest of an expired hold, min") * MINUTE)

    def cancel(self, made: Appointment) -> float:
        """The booker gives the seat back; when it can be seen again."""
        self.write("cancel", appointment=made.id, by="booker", **made.hold.booker.keys())
        self.ended(made)
        self.truth.by_id[made.id]["freed_at"] = moment(self.now)
        return self.rest(made.seat, self.now + self.rest_of(made.seat))

    def rest_of(self, seat: Seat) -> float:
        minutes = self.drawn.between("rest of a freed seat, min")
        return MINUTE * (5 + minutes % 25 if seat.starts_at - self.now < DAY else minutes)

    def rest(self, seat: Seat, visible_at: float) -> float:
        """A person who waits for this office sees most of the seats that come back; a program may be faster."""
        self.supply.give_back(seat, visible_at)
        watchers = self.watchers[seat.office]
        while watchers:
            seen = visible_at + self.rng.uniform(3, 20) + self.rng.expovariate(1 / self.drawn["~quick retake, s"])
            if self.clock.wake(watchers.popleft(), seen, seat):
                break
        return visible_at

    def ended(self, made: Appointment) -> None:
        made.active = False
        made.hold.booker.active -= 1

    def transferred(self, sold: Appointment) -> None:
        """Its broker has just taken the seat again for a buyer."""
        entry = self.truth.by_id[sold.id]
        entry["transferred_at"] = entry["transferred_at"] or moment(self.now)

    def move(self, made: Appointment, seat: Seat) -> None:
        self.write(
            "move",
            appointment=made.id,
            slot=seat.slot,
            seat=f"{seat.slot}-{seat.number}",
            office=seat.office,
            starts_at=moment(seat.starts_at),
            visible_at=moment(seat.visible_at),
            **made.hold.booker.keys(),
        )
        self.rest(made.seat, self.now + self.rest_of(made.seat))
        made.seat = seat
        self.truth.by_id[made.id]["starts_at"] = moment(seat.starts_at)

    def correct(self, made: Appointment, person: Person, *, refused: bool = False) -> None:
        said = {"refused": True} if refused else {}
        guardian = made.hold.guardian
        self.write(
            "correct", appointment=made.id, applicant=person.as_applicant(guardian), **said, **made.hold.booker.keys()
        )
        if not refused:
            made.person = person

    def outcome(self, made: Appointment, kind: str) -> None:
        self.write(kind, appointment=made.id, channel="counter", agent=f"desk-{made.seat.office}")
        self.ended(made)

    def review(self, made: Appointment, verdict: str) -> None:
        self.write("review", appointment=made.id, verdict=verdict)

    # Moments.

    def office_hours(self) -> float:
        """When the telephone line is open: weekdays, mornings most."""
        day = self.rng.choice([day for day in range(BOOKING_DAYS) if day % 7 < 5])
        return day * DAY + (14 + 10 * self.rng.random() ** 1.4) * HOUR

    def waking(self) -> float:
        """Any day from seven in the morning to midnight in the middle of the country, evenings more."""
        return self.rng.randrange(BOOKING_DAYS) * DAY + (12 + self.rng.triangular(0, 17, 13)) * HOUR

    def release(self, office: str, since: float = 0.0, until: float = END) -> float:
        moments = [opens for opens in self.supply.releases[office] if since <= opens < until]
        return self.rng.choice(moments) if moments else self.rng.uniform(since, until)
