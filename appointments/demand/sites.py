"""Pure: how many people new places can serve together, and where the best ones would stand.

``served`` is exact: the largest flow from areas to the places within reach of them, each with its capacity. By the
theorem of Ford and Fulkerson it is the smallest cut, and with few places all cuts are looked at. Such a function has
diminishing returns, so that ``best`` (the best next place, again and again) gives at least 63 % of what the best choice
of all would (Nemhauser, Wolsey and Fisher, 1978); the tests compare it with every choice on small maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from appointments.demand.flows import WITHIN
from appointments.demand.privacy import Area
from consulates.selectors import miles_between

MOST = 5  # places at once: 32 cuts
MILES_A_DEGREE = 69  # of latitude; a little less than true, so that nothing within reach is left out
Reach = frozenset[int]


@dataclass(frozen=True)
class Best:
    """``served`` people, of whom the places chosen before serve none."""

    area: Area
    served: int


def reach_of(point: tuple[float, float], areas: Sequence[Area], *, within: int = WITHIN) -> Reach:
    """The numbers of the areas within so many miles."""
    return frozenset(
        number
        for number, area in enumerate(areas)
        if abs(area.latitude - point[0]) * MILES_A_DEGREE <= within and miles_between(area.point, point) <= within
    )


def served(areas: Sequence[Area], reaches: Sequence[Reach], capacities: Sequence[int]) -> int:
    """How many people the places serve at most; place by place its reach and its capacity. At most MOST places."""
    places = range(len(reaches))
    cuts = (frozenset(full) for count in range(len(reaches) + 1) for full in combinations(places, count))
    return min(_cut(areas, reaches, capacities, full) for full in cuts)


def _cut(areas: Sequence[Area], reaches: Sequence[Reach], capacities: Sequence[int], full: frozenset[int]) -> int:
    """The capacity of the places that are ``full``, and everybody whom one of the others reaches."""
    around = frozenset[int]().union(*(reach for place, reach in enumerate(reaches) if place not in full))
    return sum(capacities[place] for place in full) + sum(areas[number].people for number in around)


def best(areas: Sequence[Area], *, number: int, capacity: int, within: int = WITHIN) -> list[Best]:
    """Up to ``number`` of the areas' own points, best first, until one more serves nobody.

    Of equals the one that people are nearest to, then by ZIP3.
    """
    reaches = [reach_of(area.point, areas, within=within) for area in areas]
    ways = [_way(areas, place, reach) for place, reach in enumerate(reaches)]
    chosen: list[int] = []
    found: list[Best] = []
    total = 0
    for _round in range(min(number, MOST)):
        rest = [
            (served(areas, [reaches[one] for one in (*chosen, place)], [capacity] * (len(chosen) + 1)), place)
            for place in range(len(areas))
            if place not in chosen
        ]
        together, place = min(rest, key=lambda one: (-one[0], ways[one[1]], areas[one[1]].code), default=(total, 0))
        if together == total:
            break
        found.append(Best(areas[place], together - total))
        chosen, total = [*chosen, place], together
    return found


def _way(areas: Sequence[Area], place: int, reach: Reach) -> float:
    """Miles that a person within reach travels to it, on average."""
    people = sum(areas[number].people for number in reach)
    miles = sum(areas[number].people * miles_between(areas[number].point, areas[place].point) for number in reach)
    return miles / people if people else 0.0
