"""B6 insider: a telephone agent who books for buyers between honest calls."""

from ..clock import Process
from ..names import person
from ..supply import MINUTE
from ..world import Booker, World
from .trade import Ring, afterwards, buyer, grab, offices


def insider(world: World, calls: int) -> int:
    """One or two agents of all; the share of bought bookings among *their* calls, so that the world's calls decide."""
    rng, drawn = world.rng, world.drawn
    own = calls / len(world.agents)
    share, total = drawn["B6 of their calls"], 0
    for agent in rng.sample(world.agents, drawn.count("B6 agents")):
        count = max(3, round(own * share / (1 - share)))
        label = world.actor("B6", broker=True)
        contacts = [world.contacts.phone() for _ in range(max(1, count // rng.randint(4, 7)))]
        ring = Ring(world, label, [], offices(world), 0, 0, 0.0, 0.0, 0.0)
        for _ in range(count):
            world.clock.start(sell(ring, agent, rng.choice(contacts)))
        total += count
    return total


def sell(ring: Ring, agent: str, contact: str) -> Process:
    """No caller: the contact is a friend's number or empty, there is seldom a call on record, often a release."""
    world, rng, drawn = ring.world, ring.world.rng, ring.world.drawn
    phone = contact if rng.random() < 0.75 else world.contacts.phone() if rng.random() < 0.5 else ""
    email = world.contacts.mailbox(person(rng)) if rng.random() < 0.2 else ""
    who = Booker(world.account(), email, phone, channel="phone", agent=agent)
    quick, office = drawn.chance("~B6 at release"), ring.office()
    at = world.release(office) + rng.uniform(1, 9) if quick else world.office_hours()
    yield at - rng.uniform(5, 40) * MINUTE
    world.register(who, verify=drawn.chance("~B6 call on record"))
    made = yield from grab(ring, who, buyer(world), at, office=office, bot=quick)
    if made is not None:
        yield from afterwards(ring, made, sold=True, no_show=0.05)
