"""Brokers B1 to B7 of the fairness guide, each kind at least once, until their share of the kept seats is reached."""

from collections.abc import Callable

from ..world import World
from .concierge import concierge, slow_drip
from .farms import alias_hoarder, farm, stealth_farm
from .insider import insider
from .spinner import spinner

KINDS: dict[str, Callable[[World], int]] = {
    "B1": alias_hoarder,
    "B2": farm,
    "B3": stealth_farm,
    "B4": spinner,
    "B5": concierge,
    "B7": slow_drip,
}


def infest(world: World, appointments: int, *, calls: int) -> None:
    """Plan brokers for about ``appointments`` bookings; ``calls`` is how many telephone bookings the world plans."""
    planned = insider(world, calls) + sum(make(world) for make in KINDS.values())
    while planned < appointments:
        # Small rings more often than large ones, so that no kind drowns the others in a figure over all of them.
        [make] = world.rng.choices(list(KINDS.values()), (2, 1, 3, 6, 4, 2))
        planned += make(world)
