"""Development worlds for the detector: invented people and brokers, their events, and the truth beside them.

Shares no code with the portal or with the detector; see bench/simulator/README.md for what is in a world and what is
left out.
"""

from .brokers import infest
from .groups import populate
from .world import World

SIZE, BROKERS = 15_000, 0.10


def simulate(seed: int, *, hard: bool = False, brokers: float = BROKERS, size: int = SIZE) -> World:
    """The world of ``seed``: about ``size`` appointments, ``brokers`` of them (0 to 1) held by brokers; run to its end.

    Equal arguments give equal worlds, byte for byte. ``hard`` draws from ranges unlike the guide's.
    """
    world = World(seed, hard=hard, size=size)
    # Before they know of one another, so that the honest crowd of a seed is planned alike with and without brokers.
    honest = round(size * (1 - brokers) / 1.07)
    populate(world, honest)
    if brokers:
        infest(world, round(size * brokers), calls=round(honest * world.drawn["phone"]))
    world.clock.run()
    return world


__all__ = ["BROKERS", "SIZE", "World", "simulate"]
