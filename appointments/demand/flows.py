"""Pure: who would go where, and how long the lines become. The same result at every run.

The model, on purpose a small one (docs/adr/0037-demand.md):

- Within REACH miles people choose among places; each draws them by its capacity, halved about every 28 miles
  (``exp(-miles / DECAY)``, Huff's model). Whoever has no place within REACH goes to the nearest.
- A line takes today's wait, and a week more for each week's capacity of people that join it.
- Whoever stands in a line today stays in it: compared is how long the lines become, without the new place and with it,
  when all who found nothing get in line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum

from appointments.demand.privacy import Area
from consulates.selectors import miles_between

REACH, DECAY = 100, 40
# Whom a new place reaches: about an hour's drive.
WITHIN = 50
DAYS = 7


@dataclass(frozen=True)
class Supply:
    """A place that serves ``weekly`` people a week; ``wait_days`` is the wait for its soonest seat today."""

    key: str
    name: str
    latitude: float
    longitude: float
    weekly: float
    wait_days: float = 0.0
    state: str = ""

    @property
    def point(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Line:
    """What becomes of one office: people who join its line, and days of waiting."""

    supply: Supply
    before: float
    after: float

    @property
    def wait_before(self) -> float:
        return _wait(self.supply, self.before)

    @property
    def wait_after(self) -> float:
        return _wait(self.supply, self.after)

    @property
    def days_less(self) -> float:
        return self.wait_before - self.wait_after


@dataclass(frozen=True)
class Reached:
    """An area within reach of a new place: how far it is, and how far the nearest place was until now."""

    area: Area
    miles: float
    miles_before: float | None

    @property
    def is_nearer(self) -> bool:
        return self.miles_before is None or self.miles < self.miles_before


def lines(
    areas: Sequence[Area], offices: Sequence[Supply], new: Sequence[Supply] = (), *, left: Sequence[Area] | None = None
) -> list[Line]:
    """Whose wait shrinks most first, when ``new`` places open, or when only those who are ``left`` of the areas still
    need a seat because a team served the others. The new places stand last; before they opened nobody joined them.
    """
    before = joins(areas, offices)
    after = joins(areas if left is None else left, [*offices, *new])
    old = [Line(office, before[office.key], after[office.key]) for office in offices]
    old.sort(key=lambda line: (-line.days_less, line.supply.key))
    return old + [Line(place, 0.0, after[place.key]) for place in new]


def joins(areas: Sequence[Area], places: Sequence[Supply]) -> dict[str, float]:
    """How many people join each place, by its key."""
    parts: dict[str, list[float]] = {place.key: [] for place in places}
    for area in areas:
        for key, share in shares(area, places).items():
            parts[key].append(area.people * share)
    return {key: fsum(found) for key, found in parts.items()}


def shares(area: Area, places: Sequence[Supply]) -> Mapping[str, float]:
    """Which part of the people of an area goes to which place; the parts make one whole, where there is a place."""
    miles = {place.key: miles_between(area.point, place.point) for place in places if place.weekly > 0}
    pull = {
        place.key: place.weekly * exp(-miles[place.key] / DECAY)
        for place in places
        if place.key in miles and miles[place.key] <= REACH
    }
    whole = fsum(pull.values())
    if whole:
        return {key: one / whole for key, one in pull.items()}
    return {min(miles, key=lambda key: (miles[key], key)): 1.0} if miles else {}


def reached(areas: Sequence[Area], offices: Sequence[Supply], place: tuple[float, float]) -> list[Reached]:
    """The areas WITHIN reach of a new place, the nearest first."""
    found = [
        Reached(area, miles, min((miles_between(area.point, office.point) for office in offices), default=None))
        for area in areas
        if (miles := miles_between(area.point, place)) <= WITHIN
    ]
    return sorted(found, key=lambda one: (one.miles, one.area.code))


def _wait(supply: Supply, people: float) -> float:
    return supply.wait_days + (DAYS * people / supply.weekly if supply.weekly else 0.0)
