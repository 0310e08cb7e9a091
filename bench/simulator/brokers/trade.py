"""What brokers share: invented people, quick forms, and a seat given back to be taken again for its buyer."""

from dataclasses import dataclass, field

from ..clock import Process
from ..names import Person, person, with_curp, with_invented_curp
from ..supply import DAY, MINUTE, Seat, procedure
from ..world import END, Appointment, Booker, Label, World


@dataclass
class Ring:
    """One broker at work: accounts, offices, and how much of it a program does."""

    world: World
    label: Label
    accounts: list[Booker]
    offices: list[str]
    begins: float
    ends: float
    bot: float
    invalid: float
    transfers: float
    cap: int = 5
    buyers: list[Booker] = field(default_factory=list)

    def office(self) -> str:
        return self.world.rng.choice(self.offices)

    def room(self, but: Booker | None = None) -> Booker | None:
        """An account with a place left under the lock of five."""
        open_ = [one for one in self.accounts if one is not but and one.active < self.cap]
        return self.world.rng.choice(open_) if open_ else None


def span(world: World, shortest: float = 5, longest: float = 16) -> tuple[float, float]:
    """The days in which a ring is busy."""
    length = world.rng.uniform(shortest, longest) * DAY
    begins = world.rng.uniform(0.2 * DAY, END - length)
    return begins, begins + length


def offices(world: World, name: str = "~offices") -> list[str]:
    count = min(world.drawn.count(name), len(world.supply.offices))
    return list(dict.fromkeys(world.supply.office() for _ in range(count)))


def placeholder(world: World, invalid: float) -> Person:
    """Nobody: a name to keep a seat with; its CURP mostly invented, else left out or by chance in order."""
    one = person(world.rng)
    if world.rng.random() < invalid:
        return with_invented_curp(world.rng, one)
    return with_curp(world.rng, one, 0.6)


def buyer(world: World) -> Person:
    """A real person with real data."""
    one = person(world.rng, (1, 75))
    return with_curp(world.rng, one, world.drawn["no CURP"], world.drawn["~CURP slip"])


def speed(world: World, bot: bool) -> float:
    return world.rng.uniform(2.5, 18) if bot else min(240.0, world.rng.lognormvariate(4.1, 0.5))


def grab(ring: Ring, who: Booker, one: Person, at: float, *, bot: bool, office: str = "", seat: Seat | None = None):
    """Keep a seat (of ``office``, or this very one) at ``at`` and book it; None when there was none to be had."""
    world = ring.world
    yield at
    if seat is not None:
        seats = [seat] if world.supply.take_this(seat, world.now) else []
    else:
        seats = world.supply.take(office or ring.office(), world.now, 1, ahead=4, newest=bot)
    if not seats:
        return None
    fill = speed(world, bot)
    if not bot:
        yield world.now + fill * world.rng.uniform(0, 0.4)
    told = None if who.agent and world.rng.random() < 0.7 else fill
    declared = one.minor and world.rng.random() < 0.7
    held = world.hold(who, seats[0], one, procedure(world.rng, one.minor), fill=told, guardian=declared)
    yield world.now + min(fill, 240) + world.rng.uniform(0.3, 3 if bot else 15)
    return world.book(held, ring.label)


def afterwards(ring: Ring, made: Appointment, *, sold: bool, to_pass_on: bool = False, no_show: float = 0.1) -> Process:
    """Sell it by a transfer, try to change its name, or let the client come; unsold ones are dropped or missed."""
    world, rng = ring.world, ring.world.rng
    free = made.seat.starts_at - world.now
    if not sold and world.drawn.chance("~refused changes"):
        yield world.now + rng.uniform(0.05, 0.3) * free
        world.correct(made, buyer(world), refused=True)
    if to_pass_on:
        yield world.now + min(rng.expovariate(1 / (1.5 * DAY)), 0.7 * free)
        yield from transfer(ring, made)
        return
    if not sold and world.drawn.chance("~unsold") and rng.random() < 0.5:
        yield world.now + rng.uniform(0.5, 0.95) * free
        world.cancel(made)
        return
    if world.drawn.chance("~reported"):
        yield world.now + rng.uniform(0.3, 0.6) * free
        world.review(made, "broker")
    missed = no_show if sold else max(no_show, 0.6)
    yield made.seat.starts_at + rng.uniform(-10, 40) * MINUTE
    world.outcome(made, "no_show" if rng.random() < missed else "other_person" if rng.random() < 0.03 else "attend")


def transfer(ring: Ring, made: Appointment) -> Process:
    """Cancel, wait for the seat to be seen again, take it from another account for the buyer."""
    world = ring.world
    client = buyer(world)
    taker = ring.buyers.pop() if ring.buyers else ring.room(but=made.hold.booker)
    back = world.cancel(made)
    if taker is None:
        return
    bot = world.rng.random() < max(ring.bot, 0.3)
    at = back + world.rng.uniform(0.3, world.drawn["~tries again within, s"]) * (1 if bot else 4)
    if not taker.registered:
        yield max(world.now, at - world.rng.uniform(60, 3600))
        world.register(taker, verify=True)
    again = yield from grab(ring, taker, client, at, seat=made.seat, bot=bot)
    if again is None:
        later = world.now + world.rng.uniform(20, 900)
        again = yield from grab(ring, taker, client, later, office=made.seat.office, bot=bot)
    else:
        world.transferred(made)
    if again is not None:
        yield from afterwards(ring, again, sold=True)
