"""The honest population, group by group, each until its share of the bookings is reached."""

from collections.abc import Callable
from dataclasses import replace

from .honest import arrival, booker, channel, visit, wants
from .names import Person, person, pick
from .supply import DAY, HOUR
from .world import END, Booker, Label, World, moment


def single(world: World) -> int:
    owner, how = person(world.rng), channel(world)
    return sit(world, booker(world, owner, channel=how), [owner], world.actor("single"))


def sit(world: World, who: Booker, people: list[Person], label: Label, *, office="", at=None, verify=None) -> int:
    """Plan one sitting; how many bookings it should bring."""
    office = office or world.supply.office()
    wanted = wants(world, people)[: max(5, len(people))]
    at = arrival(world, office, who.channel) if at is None else at
    world.clock.start(visit(world, who, wanted, label, office=office, at=at, verify=verify))
    return len(wanted)


# Families.


def children(world: World, father: Person, mother: Person, count: int) -> list[Person]:
    """Born of one mother; with half-siblings the later ones have another father, or the mother's surname alone."""
    rng, drawn = world.rng, world.drawn
    first, found = father.first, []
    full = drawn.chance("father's surname")
    for place in range(count):
        if not full and place == count // 2:
            first = mother.first if rng.random() < 0.5 else pick(rng, "S")
        second = mother.second if first == mother.first else mother.first
        found.append(person(rng, (0, 17), first=first, second=second, abroad=0.75))
    if count > 1 and drawn.chance("twins"):
        found[1] = replace(found[1], born=found[0].born, first=found[0].first, second=found[0].second)
    return found


def household(world: World) -> tuple[Person, list[Person]]:
    """Who books, and everybody for whom: a parent, children, perhaps the spouse, a grandparent, an in-law."""
    rng, drawn = world.rng, world.drawn
    mother = person(rng, (22, 48), sex="F")
    father = person(rng, (22, 52), sex="M")
    owner, spouse = (mother, father) if rng.random() < 0.6 else (father, mother)
    if rng.random() < 0.06:
        elders = [person(rng, (55, 80), first=owner.first, sex="M"), person(rng, (52, 78), first=owner.second, sex="F")]
        return owner, elders if rng.random() < 0.6 else [*elders, owner]
    low, high = drawn.table["children"]
    count = rng.choices(range(int(low), int(high) + 1), (25, 33, 22, 11, 6, 3))[0]
    people = children(world, father, mother, count)
    if rng.random() < 0.7:
        people.insert(0, owner)
    if rng.random() < 0.35:
        people.insert(0, spouse)
    if drawn.chance("~grandparents"):
        people.append(person(rng, (50, 82), first=rng.choice((owner.first, owner.second or owner.first)), sex="F"))
    if drawn.chance("~in-laws"):
        people.append(person(rng, (20, 50)))
    return owner, people[:8]


def family(world: World) -> int:
    owner, people = household(world)
    label = world.actor("family", family=True)
    if world.drawn.chance("~two accounts") and len(people) > 1:
        return one_tablet(world, owner, people, label)
    who = booker(world, owner, channel=channel(world))
    if len(people) > 2 and world.rng.random() < 0.12:
        return two_days(world, who, people, label)
    return sit(world, who, people, label)


def one_tablet(world: World, owner: Person, people: list[Person], label: Label) -> int:
    """Two parents, two accounts, one tablet on the same line, one evening or two."""
    other = next((one for one in people if not one.minor and one is not owner), None) or person(world.rng, (22, 50))
    mine = booker(world, owner)
    theirs = booker(world, other, device=mine.device)
    theirs.network = mine.network
    office, half = world.supply.office(), (len(people) + 1) // 2
    at = arrival(world, office, "web")
    later = at + (world.rng.uniform(0.2, 1.5) * HOUR if world.rng.random() < 0.7 else world.rng.uniform(0.5, 4) * DAY)
    return sum(
        sit(world, who, some, label, office=office, at=when)
        for who, some, when in ((mine, people[:half], at), (theirs, people[half:], later))
        if some
    )


def two_days(world: World, who: Booker, people: list[Person], label: Label) -> int:
    """The children first, the grown-ups some days later, at the same office."""
    office = world.supply.office()
    at = arrival(world, office, who.channel)
    first, second = [one for one in people if one.minor], [one for one in people if not one.minor]
    sittings = ((first, at), (second, at + world.rng.uniform(0.8, 8) * DAY))
    return sum(sit(world, who, some, label, office=office, at=when) for some, when in sittings if some)


def aliased_family(world: World) -> int:
    """An account for every child, all on the mother's mailbox with a tag and on her telephone."""
    owner, people = household(world)
    label = world.actor("aliased family", family=True)
    base = booker(world, owner)
    local = f"{base.email.split('@')[0]}"
    office, at, total = world.supply.office(), 0.0, 0
    at = arrival(world, office, "web")
    for one in people[:6]:
        tag = one.given.split()[0].lower() if world.rng.random() < 0.7 else str(total + 1)
        who = Booker(world.account(), f"{local}+{tag}@gmail.com", base.phone, base.device, base.network)
        total += sit(world, who, [one], label, office=office, at=at)
        at += world.rng.uniform(120, 1500)
    return total


# Those who help others.


def helper(world: World) -> int:
    """A neighbour, a niece, a colleague: a few people of different families on one account."""
    count = world.drawn.count("unrelated")
    owner, label = person(world.rng), world.actor("helper")
    return helped(world, owner, [person(world.rng) for _ in range(count)], label, channel(world))


def helped(world: World, owner: Person, people: list[Person], label: Label, how: str = "web") -> int:
    """One account, one to four sittings over the weeks; mostly one office."""
    who, office, total = booker(world, owner, channel=how), world.supply.office(), 0
    at = arrival(world, office, how)
    while people:
        few = world.rng.randint(1, 3)
        some, people = people[:few], people[few:]
        total += sit(world, who, some, label, office=office, at=at)
        at = min(at + world.rng.uniform(0.1, 6) * DAY, END)
    return total


def registered_helper(world: World) -> int:
    """Identity-checked and on the public register: a parish, a union, a club of fellow townspeople."""
    owner, label = person(world.rng), world.actor("registered helper")
    who, office = booker(world, owner), world.supply.office()
    at = world.waking() * 0.5
    world.clock.start(vouched(world, who, at))
    total = 0
    for _ in range(world.drawn.count("~registered people")):
        at = min(at + world.rng.expovariate(1 / (0.8 * DAY)) + 600, END + DAY)
        total += sit(world, who, [person(world.rng)], label, office=office, at=at)
    return total


def vouched(world: World, who: Booker, at: float):
    yield at - 10 * DAY
    world.register(who, verify=True)
    yield at - 2 * DAY
    world.write("helper", account=who.account)


def neighbours(world: World) -> int:
    """B8: one person books for neighbours, for a tip. Not told apart from a helper, and not to be hit."""
    count = world.drawn.count("~neighbour people")
    return helped(world, person(world.rng), [person(world.rng) for _ in range(count)], world.actor("B8"))


def terminal(world: World) -> int:
    """A library's computer: everybody with an account of their own, behind one line, often with one cookie."""
    rng, drawn = world.rng, world.drawn
    device, network = world.contacts.device(), world.contacts.home()
    network = (network[0], rng.choice(("residential", "education", "unknown")))
    label, office, total = world.actor("terminal"), world.supply.office(), 0
    if drawn.chance("~terminal marked"):
        world.clock.call(lambda: world.write("public_device", device=device), rng.uniform(0, 8) * DAY)
    for _ in range(drawn.count("terminal people")):
        kept = device if drawn.chance("terminal keeps cookie") else world.contacts.device()
        owner = person(rng)
        who = booker(world, owner, device=kept)
        who.network = network
        people = [owner] if rng.random() < 0.75 else household(world)[1][:3]
        at = rng.randrange(28) * DAY + (15 + rng.random() * 9) * HOUR
        total += sit(world, who, people, label, office=office if rng.random() < 0.9 else "", at=at)
    return total


def drive(world: World) -> int:
    """An afternoon in a parish hall that staff opened: three devices, a queue of people, volunteers who type."""
    rng = world.rng
    devices = [world.contacts.device() for _ in range(world.drawn.count("~drive devices"))]
    network, label, office = world.contacts.network(), world.actor("drive"), world.supply.office()
    begins = rng.randrange(28) * DAY + 19 * HOUR + rng.uniform(0, 2) * HOUR
    until, at, total = begins + 5 * HOUR, begins, 0
    opened = {"office": office, "devices": devices, "until": moment(until), "channel": "counter"}
    world.clock.call(lambda: world.write("drive", **opened), begins - rng.uniform(60, 7200))
    for place in range(world.drawn.count("drive people")):
        owner = person(rng)
        who = booker(world, owner, device=devices[place % len(devices)])
        who.network = network
        at = min(at + rng.uniform(120, 700), until - 900)
        people = [owner] if rng.random() < 0.8 else household(world)[1][:3]
        total += sit(world, who, people, label, office=office, at=at, verify=0.6)
    return total


GROUPS: dict[str, tuple[str, Callable[[World], int]]] = {
    "family": ("families", family),
    "aliased family": ("aliased families", aliased_family),
    "helper": ("helpers", helper),
    "registered helper": ("~registered helpers", registered_helper),
    "B8": ("~neighbours", neighbours),
    "terminal": ("terminals", terminal),
    "drive": ("drives", drive),
}


def populate(world: World, bookings: int) -> None:
    """Plan the honest bookings of a world, ``bookings`` of them within a per cent or two."""
    planned = 0
    for share, make in GROUPS.values():
        wanted, had = world.drawn[share] * bookings, 0
        while had < wanted:
            had += make(world)
        planned += had
    while planned < bookings:
        planned += single(world)
