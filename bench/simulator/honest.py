"""Honest people: how each kind of household, helper and line books, and what they do with their appointments."""

from bisect import bisect
from collections.abc import Callable
from dataclasses import replace

from .clock import Process, Watch
from .names import Person, misspelt, person, with_curp
from .supply import DAY, HOUR, MINUTE, Seat, procedure
from .world import END, Appointment, Booker, Label, World


def booker(world: World, owner: Person, *, channel: str = "web", device: str | None = None) -> Booker:
    """An account of ``owner`` on their own line; by telephone there is no browser and often no mailbox."""
    drawn, contacts = world.drawn, world.contacts
    account, phone = world.account(), contacts.phone()
    if channel == "phone":
        email = contacts.mailbox(owner) if world.rng.random() < 0.25 else ""
        return Booker(account, email, phone, channel=channel, agent=world.rng.choice(world.agents))
    if channel == "chat":
        return Booker(account, contacts.mailbox(owner), phone, channel=channel)
    if device is None and not drawn.chance("~no cookie"):
        device = contacts.device()
    return Booker(account, contacts.mailbox(owner), phone, device, contacts.network(), channel)


def channel(world: World) -> str:
    if world.drawn.chance("phone"):
        return "phone"
    return "chat" if world.drawn.chance("~chat") else "web"


def typed(world: World, one: Person) -> Person:
    return with_curp(world.rng, one, world.drawn["no CURP"], world.drawn["~CURP slip"])


def pace(world: World, how: str) -> Callable[[], float | None]:
    """Seconds that a form takes: never quick by hand, quick with a browser that fills in, none for a saved person."""
    rng, drawn = world.rng, world.drawn
    if how == "phone":
        return lambda: None if rng.random() < 0.7 else rng.uniform(60, 240)
    if drawn.chance("~autofill"):
        return lambda: None if rng.random() < 0.5 else rng.uniform(7, 22)
    median = drawn["~typing median, s"] * rng.uniform(0.7, 1.5)
    return lambda: min(240.0, max(18.0, median * rng.lognormvariate(0, 0.35)))


def arrival(world: World, office: str, how: str) -> float:
    """When somebody sits down to book."""
    if how == "phone":
        return world.office_hours()
    if world.drawn.chance("~night shift"):
        return world.release(office) + world.rng.uniform(1.5, 40)
    if world.drawn.chance("~at release"):
        return world.release(office) + 8 + world.rng.expovariate(1 / 300)
    return world.waking()


def just_opened(world: World, office: str) -> bool:
    """Whoever comes for a release takes what it brought."""
    moments = world.supply.releases[office]
    place = bisect(moments, world.now)
    return place > 0 and world.now - moments[place - 1] < HOUR


def visit(
    world: World,
    who: Booker,
    people: list[tuple[Person, str]],
    label: Label,
    *,
    office: str,
    at: float,
    verify: float | None = None,
    life: bool = True,
) -> Process:
    """One sitting: sign up if need be, look, keep seats for everybody, type, book. ``people`` come with procedures."""
    rng, drawn = world.rng, world.drawn
    speed = pace(world, who.channel)
    if not who.registered:
        early = rng.uniform(90, 900) if rng.random() < 0.6 else rng.uniform(0.1, 9) * DAY
        yield at - (early if who.channel != "phone" else rng.uniform(20, 120))
        sure = 1 - drawn["~unverified"] * (0.5 if who.channel == "phone" else 1) if verify is None else verify
        world.register(who, verify=rng.random() < sure)
    yield from look(world, who, office, people[0][1], at)
    if who.device and drawn.chance("~cookie lost"):
        who.device = world.contacts.device()
    seats = yield from choose(world, who, office, len(people))
    if drawn.chance("abandoned") and seats:
        yield from give_up(world, who, seats[0], people[0])
        seats = [*world.supply.take(office, world.now), *seats[1:]]
    made = yield from fill_in(world, who, people, seats, label, speed)
    if life:
        for one in made:
            world.clock.start(keep(world, one, made), world.now)


def look(world: World, who: Booker, office: str, what: str, at: float) -> Process:
    if who.channel != "phone" and world.drawn.chance("~polled"):
        for before in sorted((world.rng.expovariate(1 / 600) for _ in range(world.rng.randint(1, 4))), reverse=True):
            yield max(world.now, at - before)
            world.poll(who, office, what)
    yield max(world.now, at)


def choose(world: World, who: Booker, office: str, count: int):
    """Seats at once, or a few hours or days of watching for one that somebody gives back."""
    fresh: Seat | None = None
    if who.channel == "web" and world.drawn.chance("~watching"):
        watch = Watch(min(world.now + world.rng.uniform(0.2, 4) * DAY, END + DAY))
        world.watchers[office].append(watch)
        fresh = yield watch
    seats = []
    if fresh and world.supply.take_this(fresh, world.now):
        seats = [fresh]
    newest = just_opened(world, office) or world.rng.random() < 0.1
    if count > len(seats):
        seats += world.supply.take(office, world.now, count - len(seats), newest=newest)
    return seats


def give_up(world: World, who: Booker, seat: Seat, wanted: tuple[Person, str]) -> Process:
    held = world.hold(who, seat, wanted[0], wanted[1], fill=world.rng.uniform(30, 200))
    yield held.until
    world.lapse(held)
    yield world.now + world.rng.expovariate(1 / (2 * HOUR)) + 60


def fill_in(world: World, who: Booker, people, seats: list[Seat], label: Label, speed):
    """A party is kept at once and then typed, or kept one by one; as many are booked together as one hold allows."""
    rng = world.rng
    group = world.name("g") if len(people) > 1 else None
    at_once = rng.random() < 0.5 or (seats != [] and just_opened(world, seats[0].office))
    batches: list[list] = [[]]
    spent = 0.0
    for wanted, seat in zip(people, seats, strict=False):
        fill = speed()
        cost = (fill or rng.uniform(4, 30)) + rng.uniform(2, 8)
        if batches[-1] and spent + cost > world.drawn["~hold, min"] * MINUTE - 30:
            batches.append([])
            spent = 0.0
        batches[-1].append((wanted, seat, fill, cost))
        spent += cost
    made: list[Appointment] = []
    for batch in batches:
        holds = []
        for (one, what), seat, fill, cost in batch:
            if not at_once:
                yield world.now + cost
            declared = one.minor and rng.random() < 0.93
            holds.append(world.hold(who, seat, one, what, fill=fill, guardian=declared))
        yield world.now + (sum(cost for *_, cost in batch) if at_once else 0) + rng.uniform(2, 15)
        made += [world.book(held, label, group) for held in holds]
    return made


def keep(world: World, made: Appointment, party: list[Appointment]) -> Process:
    """What becomes of an appointment: corrected, moved, given back, kept or missed."""
    rng, drawn = world.rng, world.drawn
    free = made.seat.starts_at - world.now
    if drawn.chance("corrected"):
        yield world.now + min(rng.expovariate(1 / DAY), free / 3)
        world.correct(made, misspelt(rng, made.person))
    elif drawn.chance("~corrections refused"):
        yield world.now + min(rng.expovariate(1 / DAY), free / 3)
        world.correct(made, person(rng, first=made.person.first, sex=made.person.sex), refused=True)
    fate = rng.random()
    if fate < drawn["rescheduled"]:
        yield world.now + rng.uniform(0.02, 0.6) * free
        yield from reschedule(world, made)
    elif fate < drawn["rescheduled"] + drawn["~cancelled"]:
        yield world.now + rng.uniform(0.02, 0.95) * free
        back = world.cancel(made)
        if drawn.chance("~handed to a relative"):
            relative = typed(world, person(rng, first=made.person.first))
            yield back + rng.uniform(15, 1800)
            if world.supply.take_this(made.seat, world.now):
                yield from take_again(world, made, made.hold.booker, relative, made.seat)
    if not made.active:
        return
    yield made.seat.starts_at + rng.uniform(-10, 40) * MINUTE
    missed = rng.random()
    kind = "no_show" if missed < drawn["~no-show"] else "other_person" if missed > 0.9995 else "attend"
    world.outcome(made, kind)


def reschedule(world: World, made: Appointment) -> Process:
    """Half move the appointment, half cancel and book again by themselves."""
    office = world.supply.office() if world.drawn.chance("to another office") else made.seat.office
    if world.rng.random() < 0.5:
        for seat in world.supply.take(office, world.now):
            world.move(made, seat)
        return
    world.cancel(made)
    yield world.now + world.rng.uniform(40, 3000)
    who = made.hold.booker
    if who.channel == "web" and world.drawn.chance("~another account"):
        # The password of the first is lost: another mailbox, the same telephone and browser.
        who = replace(who, account=world.account(), email=world.contacts.mailbox(made.person), registered=False)
        who.active = 0
        world.register(who, verify=True)
        yield world.now + world.rng.uniform(90, 400)
    for seat in world.supply.take(office, world.now):
        yield from take_again(world, made, who, made.person, seat)


def take_again(world: World, made: Appointment, who: Booker, one: Person, seat: Seat) -> Process:
    """Book ``seat`` after a cancellation, for the same person or a relative."""
    speed = pace(world, who.channel)
    again = world.hold(who, seat, one, made.hold.procedure, fill=speed(), guardian=made.hold.guardian and one.minor)
    yield world.now + (again.fill or 10) + 5
    new = world.book(again, made.label)
    yield new.seat.starts_at + 600
    world.outcome(new, "no_show" if world.drawn.chance("~no-show") else "attend")


def wants(world: World, people: list[Person]) -> list[tuple[Person, str]]:
    """Everybody with a procedure; a few adults come for two."""
    found = []
    for one in people:
        known = typed(world, one)
        what = procedure(world.rng, one.minor)
        found.append((known, what))
        if not one.minor and world.drawn.chance("~second procedure"):
            other = procedure(world.rng, False)
            if other != what:
                found.append((known, other))
    return found
