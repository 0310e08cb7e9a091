"""B5 concierge and B7 slow drip: real clients with real data, booked one by one."""

from ..clock import Process
from ..names import Person, person
from ..supply import DAY, HOUR
from ..world import BOOKING_DAYS, Booker, World
from .trade import Ring, afterwards, buyer, grab, offices, span


def concierge(world: World) -> int:
    """A shop with a few devices: an account for every client, on the shop's telephones or the client's own."""
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    begins, ends = span(world, 10, 26)
    clients = drawn.count("B5 clients")
    devices = [contacts.device() for _ in range(drawn.count("B5 devices"))]
    networks = [contacts.network() for _ in range(rng.randint(1, 2))]
    phones = [contacts.phone() for _ in range(max(2, clients // rng.randint(5, 12)))]
    stem = f"{rng.choice(('gestoria', 'servicios', 'tramites', 'oficina', 'multi'))}{rng.randint(1, 999)}"
    ring = Ring(world, world.actor("B5", broker=True), [], offices(world), begins, ends,
                drawn["B5 bot"], 0.0, 0.0)  # fmt: skip
    for place in range(clients):
        one = buyer(world)
        phone = contacts.phone() if drawn.chance("B5 own phone") else rng.choice(phones)
        email = contacts.mailbox(one)
        if not drawn.chance("B5 own mailbox"):
            email = rng.choice((f"{stem}.{place + 1}@gmail.com", f"{stem}+{place + 1}@gmail.com", email))
        who = Booker(world.account(), email, phone, rng.choice(devices), rng.choice(networks))
        day = rng.uniform(begins, ends) // DAY * DAY
        world.clock.start(serve(ring, who, one, day + (15 + rng.random() * 11) * HOUR))
    return clients


def serve(ring: Ring, who: Booker, client: Person, at: float, no_show: float = 0.06) -> Process:
    """Sign up, keep the seat and type, in one sitting; sometimes the client brings the spouse."""
    world, rng = ring.world, ring.world.rng
    yield at - rng.uniform(60, 900)
    if not who.registered:
        world.register(who, verify=rng.random() < 0.9)
    people = [client]
    if rng.random() < 0.08:
        people.append(person(rng, (1, 70), first=client.first))
    for one in people:
        bot = rng.random() < ring.bot
        made = yield from grab(ring, who, one, max(world.now, at), bot=bot)
        if made is not None:
            world.clock.start(afterwards(ring, made, sold=True, no_show=no_show), world.now)


def slow_drip(world: World) -> int:
    """About one booking a day, mule telephones, a new account every few clients, offices all over the map."""
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    phones = [contacts.phone() for _ in range(drawn.count("~B7 phones"))]
    devices = [contacts.device() for _ in range(rng.randint(1, 4))]
    ring = Ring(world, world.actor("B7", broker=True), [], offices(world, "~B7 offices"), 0, 0,
                0.15, 0.0, 0.0)  # fmt: skip
    who = None
    left = 0
    for day in range(BOOKING_DAYS):
        if who is None or left == 0:
            email = contacts.mailbox(person(rng))
            who = Booker(world.account(), email, rng.choice(phones), rng.choice(devices), contacts.network())
            left = rng.randint(1, 4)
        left -= 1
        at = day * DAY + (13 + rng.random() * 14) * HOUR
        world.clock.start(serve(ring, who, buyer(world), at, drawn["~B7 no-show"]))
    return BOOKING_DAYS
