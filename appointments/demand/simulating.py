"""Pure: what becomes of demand when a new office or stops of a team are put somewhere. The same at every run."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from appointments.demand import sites
from appointments.demand.flows import Line, Reached, Supply, lines, reached
from appointments.demand.privacy import Area
from appointments.demand.touring import serve


class What(StrEnum):
    OFFICE = "oficina"
    STOPS = "paradas"


class Place(NamedTuple):
    """Where something is put; ``state`` only where its place on the map depends on it."""

    name: str
    latitude: float
    longitude: float
    state: str = ""

    @property
    def point(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Site:
    """Of those who found nothing, ``served`` are served here, and by none of the places before it in the list."""

    place: Place
    served: int
    reached: Sequence[Reached]


@dataclass(frozen=True)
class Outcome:
    """``all_lines``: the offices', whose wait shrinks most first, and last those of so many ``opened`` offices."""

    sites: Sequence[Site]
    all_lines: Sequence[Line]
    opened: int

    @property
    def served(self) -> int:
        return sum(site.served for site in self.sites)

    @property
    def shorter(self) -> list[Line]:
        """Of the offices there are, those whose wait shrinks by half a day or more."""
        return [line for line in self.all_lines[: len(self.all_lines) - self.opened] if line.days_less >= 0.5]

    @property
    def new_lines(self) -> Sequence[Line]:
        return self.all_lines[len(self.all_lines) - self.opened :]


def simulate(
    what: What,
    areas: Sequence[Area],
    offices: Sequence[Supply],
    places: Sequence[Place],
    *,
    capacity: int,
    weeks: int,
) -> Outcome:
    """``places`` stand in the order in which they are to serve; ``capacity`` is a week's of an office, and a stop's in
    all its days. ``areas`` were counted in ``weeks``.
    """
    if what == What.OFFICE:
        new = [Supply(f"new {number}", one.name, *one.point, capacity) for number, one in enumerate(places)]
        numbers = _served_by_offices(areas, places, capacity * weeks)
        found = lines(areas, offices, new)
    else:
        left, numbers = list(areas), []
        for one in places:
            left, number = serve(left, one.point, capacity)
            numbers.append(number)
        found = lines(areas, offices, left=left)
    built = [Site(one, number, reached(areas, offices, one.point)) for one, number in zip(places, numbers, strict=True)]
    return Outcome(built, found, opened=len(places) if what == What.OFFICE else 0)


def best_places(areas: Sequence[Area], *, number: int, capacity: int) -> list[Place]:
    """Where most of those who found nothing would be served; ``capacity`` of each in the time that was counted."""
    found = sites.best(areas, number=number, capacity=capacity)
    return [Place(f"{one.area.name}, {one.area.state}", *one.area.point, one.area.state) for one in found]


def _served_by_offices(areas: Sequence[Area], places: Sequence[Place], capacity: int) -> list[int]:
    """What each place adds to those before it."""
    reaches = [sites.reach_of(one.point, areas) for one in places]
    totals = [sites.served(areas, reaches[:count], [capacity] * count) for count in range(len(places) + 1)]
    return [after - before for before, after in itertools.pairwise(totals)]
