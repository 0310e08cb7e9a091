"""Pure: what anybody, staff too, sees of counted demand.

Areas with fewer than FEW looks for a seat are joined to their nearest neighbour in the same state until none is small;
a state that stays below is named without a number. What is left goes to the nearest multiple of STEP, so that the
difference of two lists is uncertain by several people. Every page and reckoning begins with what comes out here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from consulates.selectors import miles_between

FEW, STEP = 10, 5


@dataclass(frozen=True)
class Area:
    """``people`` around a point, for whom ``looks`` were made. ``codes`` are its ZIP3 areas, the largest first."""

    codes: tuple[str, ...]
    name: str
    state: str
    latitude: float
    longitude: float
    people: int
    looks: int

    @property
    def code(self) -> str:
        return self.codes[0]

    @property
    def point(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Shown:
    """``areas`` with the most people first; ``few`` are the states in which fewer than FEW looks were counted."""

    areas: tuple[Area, ...]
    few: tuple[str, ...]

    @property
    def people(self) -> int:
        return sum(area.people for area in self.areas)


def shown(counted: Iterable[Area]) -> Shown:
    by_state: dict[str, list[Area]] = defaultdict(list)
    for area in counted:
        if area.people:
            by_state[area.state].append(area)
    joined = [area for areas in by_state.values() for area in _joined(areas)]
    kept = [replace(area, people=rounded(area.people), looks=FEW) for area in joined if area.looks >= FEW]
    few = sorted(area.state for area in joined if area.looks < FEW)
    return Shown(tuple(sorted(kept, key=lambda area: (-area.people, area.code))), tuple(few))


def _joined(areas: list[Area]) -> list[Area]:
    """Of one state: the smallest goes to its nearest neighbour, until it is large enough or alone."""
    areas = sorted(areas, key=_size)
    while len(areas) > 1 and areas[0].looks < FEW:
        small, *others = areas
        near = min(others, key=lambda other: (miles_between(small.point, other.point), other.code))
        others.remove(near)
        areas = sorted([*others, _together(near, small)], key=_size)
    return areas


def _together(near: Area, small: Area) -> Area:
    """Called as the one with more looks, and where that one lies."""
    first, second = (near, small) if near.looks >= small.looks else (small, near)
    return replace(
        first, codes=first.codes + second.codes, people=near.people + small.people, looks=near.looks + small.looks
    )


def _size(area: Area) -> tuple[int, str]:
    return area.looks, area.code


def rounded(people: int) -> int:
    return (people + STEP // 2) // STEP * STEP


def bands(counted: Iterable[tuple[str, int, int]]) -> list[tuple[str, int | None]]:
    """Of (name, looks, people): the people of each as anybody may know them; None where there are few."""
    return [(name, rounded(people) if looks >= FEW else None if looks else 0) for name, looks, people in counted]
