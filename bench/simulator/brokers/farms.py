"""B1 alias hoarder, B2 account farm, B3 stealth farm: many accounts that keep seats to sell."""

from ..clock import Process
from ..contacts import DISPOSABLE
from ..curp import plain
from ..names import person
from ..supply import DAY, HOUR
from ..world import Booker, World
from .trade import Ring, afterwards, buyer, grab, offices, placeholder, span


def work(ring: Ring, who: Booker, signs_up: float, each: int, *, verify: float = 1.0) -> Process:
    """One account: sign up, watch the calendar like clockwork, take its seats at releases or one by one."""
    world, rng = ring.world, ring.world.rng
    yield signs_up
    world.register(who, verify=rng.random() < verify)
    moments = sorted(moment_of(ring, world.now + 60) for _ in range(each))
    for at, office, bot in moments:
        if bot and rng.random() < 0.25:
            yield from clockwork(ring, who, at, office)
        if who.active >= ring.cap:
            return
        to_pass_on = rng.random() < ring.transfers
        sold = not to_pass_on and rng.random() < 0.5
        one = buyer(world) if sold else placeholder(world, ring.invalid)
        made = yield from grab(ring, who, one, max(world.now, at), office=office, bot=bot)
        if made is not None:
            world.clock.start(afterwards(ring, made, sold=sold, to_pass_on=to_pass_on), world.now)


def moment_of(ring: Ring, since: float) -> tuple[float, str, bool]:
    """When and where an account takes a seat, and whether a program does."""
    world, office = ring.world, ring.office()
    bot = world.rng.random() < ring.bot
    if bot and world.rng.random() < 0.75:
        opens = world.release(office, since, max(ring.ends, since + 3 * DAY))
        return opens + world.rng.uniform(0.4, 4.5), office, True
    return since + world.rng.uniform(0, max(ring.ends - since, DAY)), office, bot


def clockwork(ring: Ring, who: Booker, before: float, office: str) -> Process:
    world = ring.world
    period = world.rng.uniform(5, 60)
    times = world.rng.randint(8, 14)
    for place in range(times):
        yield max(world.now, before - (times - place) * period * world.rng.uniform(0.99, 1.01))
        world.poll(who, office, "passport-adult-renewal")


def launch(ring: Ring, sign_ups: list[float], each: list[int], *, verify: float = 1.0) -> int:
    for who, at, few in zip(ring.accounts, sign_ups, each, strict=True):
        ring.world.clock.start(work(ring, who, at, few, verify=verify))
    return round(sum(each) * (1 + ring.transfers))


def spelling(world: World, local: str, place: int) -> str:
    """One mailbox, spelt anew: dots, tags, the provider's other name, capitals."""
    rng = world.rng
    dotted = "".join(letter + ("." if rng.random() < 0.25 else "") for letter in local[:-1]) + local[-1]
    way = rng.random()
    if way < 0.45:
        return f"{dotted}@gmail.com"
    if way < 0.85:
        return f"{dotted if rng.random() < 0.3 else local}+{rng.choice(('c', 'mx', 'cita', ''))}{place}@gmail.com"
    return f"{(dotted.title() if way > 0.95 else dotted)}@googlemail.com"


def alias_hoarder(world: World) -> int:
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    begins, ends = span(world)
    local = plain(rng.choice(("citas", "tramites", "gestoria", "consulta"))).lower() + person(rng).first[:6].lower()
    local = plain(local).lower().replace(" ", "") + str(rng.randint(1, 999))
    phones = [contacts.phone() for _ in range(drawn.count("B1 phones"))]
    devices = [contacts.device() for _ in range(drawn.count("B1 devices"))]
    networks = [contacts.network() for _ in range(rng.randint(1, 3))]
    accounts = [
        Booker(
            world.account(), spelling(world, local, place), rng.choice(phones), rng.choice(devices),
            rng.choice(networks),
        )
        for place in range(drawn.count("B1 accounts"))
    ]  # fmt: skip
    ring = Ring(world, world.actor("B1", broker=True), accounts, offices(world), begins, ends,
                drawn["~B1 bot"], drawn["B1 invalid"], drawn["B1 transfers"])  # fmt: skip
    at, sign_ups = begins, []
    for _ in accounts:
        sign_ups.append(at)
        at += rng.expovariate(1 / (2 * HOUR if rng.random() < 0.5 else 200)) + 30
    return launch(ring, sign_ups, [rng.randint(3, 5) for _ in accounts], verify=0.9)


def template(world: World) -> list:
    """How a farm names its mailboxes; one shape for all."""
    rng = world.rng
    domain = rng.choice(("gmail.com", "outlook.com", "hotmail.com", "yahoo.com"))
    stem = rng.choice(("user", "mx", "cita", "jose", "maria", "pasaporte", "cliente"))
    width, shape = rng.randint(3, 5), rng.randint(0, 3)

    def local(place: int) -> str:
        one = person(rng)
        first, last = plain(one.given).split()[0].lower(), plain(one.first).replace(" ", "").lower()
        few = f"{rng.randint(0, 10**width - 1):0{width}d}"
        return (
            f"{first}.{last}{few}",
            f"{stem}{place + 1:0{width}d}",
            f"{first[0]}{last}{few}",
            f"{first}{last}{few}",
        )[shape]

    return [local, domain]


def farm(world: World) -> int:
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    begins, ends = span(world)
    sims = [contacts.phone() for _ in range(drawn.count("B2 SIMs"))]
    hosted = drawn["~hosting"]
    lines = [contacts.hosting() if rng.random() < hosted else contacts.home() for _ in range(drawn.count("B2 IPs"))]
    devices = [contacts.device() for _ in range(drawn.count("~B2 devices"))]
    local, domain = template(world)
    throw_away = rng.sample(DISPOSABLE, 3)
    accounts, sign_ups, at = [], [], begins
    for place in range(drawn.count("B2 accounts")):
        house = rng.choice(throw_away) if drawn.chance("B2 disposable") else domain
        email = contacts.fresh(lambda place=place, house=house: f"{local(place + rng.randint(0, 1) * 1000)}@{house}")
        device = rng.choice(devices) if drawn.chance("B2 device reuse") else contacts.device()
        accounts.append(Booker(world.account(), email, rng.choice(sims), device, rng.choice(lines)))
        sign_ups.append(at)
        at += rng.uniform(15, 120) if rng.random() < 0.9 else rng.uniform(1, 30) * HOUR
    ring = Ring(world, world.actor("B2", broker=True), accounts, offices(world), begins, ends,
                drawn["~B2 bot"], drawn["~B2 invalid"], drawn["B2 transfers"])  # fmt: skip
    return launch(ring, sign_ups, [drawn.count("B2 each") for _ in accounts], verify=0.95)


def stealth_farm(world: World) -> int:
    """Everything fresh for every account but the SIM cards, and only part of it done by a program."""
    rng, drawn, contacts = world.rng, world.drawn, world.contacts
    begins, ends = span(world, 8, 22)
    bank = [contacts.phone() for _ in range(drawn.count("B3 SIMs"))]

    def fresh() -> Booker:
        phone = rng.choice(bank) if drawn.chance("B3 SIM sharing") else contacts.phone()
        network = contacts.home() if rng.random() < 0.7 else contacts.network()
        return Booker(world.account(), contacts.mailbox(person(rng)), phone, contacts.device(), network)

    accounts = [fresh() for _ in range(drawn.count("B3 accounts"))]
    ring = Ring(world, world.actor("B3", broker=True), accounts, offices(world), begins, ends,
                drawn["B3 bot"], drawn["~B3 invalid"], drawn["~B3 transfers"], cap=2)  # fmt: skip
    ring.buyers = [fresh() for _ in range(len(accounts) // 2)]
    sign_ups = [rng.uniform(begins - DAY, ends - DAY) for _ in accounts]
    return launch(ring, sign_ups, [drawn.count("B3 each") for _ in accounts])
