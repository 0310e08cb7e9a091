"""B4 hold spinner: seats kept again and again without an appointment, until a buyer is found (OAT-021)."""

from ..clock import Process
from ..names import person
from ..supply import DAY, procedure
from ..world import Booker, World
from .trade import Ring, afterwards, buyer, grab, offices, placeholder, span, speed


def spinner(world: World) -> int:
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    begins, ends = span(world, 4, 12)
    devices = [contacts.device() for _ in range(rng.randint(3, 8))]
    phones = [contacts.phone() for _ in range(rng.randint(2, 6))]
    networks = [contacts.hosting() if drawn.chance("~hosting") else contacts.network() for _ in range(4)]
    accounts = [
        Booker(world.account(), contacts.mailbox(person(rng)), rng.choice(phones), rng.choice(devices),
               rng.choice(networks))
        for _ in range(drawn.count("B4 accounts"))
    ]  # fmt: skip
    ring = Ring(world, world.actor("B4", broker=True), accounts, offices(world), begins, ends,
                drawn["~B4 bot"], drawn["~B4 invalid"], 0.0)  # fmt: skip
    for who in accounts:
        world.clock.start(sign_up(world, who, begins - rng.uniform(0, 0.1 * DAY)))
    seats = drawn.count("~B4 seats")
    for _ in range(seats):
        world.clock.start(spin(ring, rng.uniform(begins, ends)))
    return seats


def sign_up(world: World, who: Booker, at: float) -> Process:
    yield at
    world.register(who, verify=world.rng.random() < 0.9)


def spin(ring: Ring, at: float) -> Process:
    """Keep one seat, let it lapse, take it as soon as it is seen again, often from another account; then sell it."""
    world, rng = ring.world, ring.world.rng
    yield at
    found = world.supply.take(ring.office(), world.now, 1, ahead=5)
    if not found:
        return
    seat, who = found[0], rng.choice(ring.accounts)
    for _ in range(world.drawn.count("B4 re-holds")):
        bot = rng.random() < ring.bot
        one = placeholder(world, ring.invalid)
        held = world.hold(who, seat, one, procedure(rng, one.minor), fill=speed(world, bot))
        yield held.until
        back = world.lapse(held)
        yield back + rng.uniform(0.3, 15 if bot else 50)
        if not world.supply.take_this(seat, world.now):
            if world.now < ring.ends:
                world.clock.start(spin(ring, world.now + rng.uniform(60, 3600)))
            return
        who = rng.choice(ring.accounts) if rng.random() < 0.8 else who
    who = ring.room() or who
    bot = rng.random() < ring.bot
    world.supply.give_back(seat, seat.visible_at)
    made = yield from grab(ring, who, buyer(world), world.now, bot=bot, seat=seat)
    if made is not None:
        yield from afterwards(ring, made, sold=True)
