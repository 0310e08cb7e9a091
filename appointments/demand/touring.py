"""Pure: where a team of an office could go in the next weeks, and what any tour is worth by the same measure.

The heuristic: week by week the team goes where ``people served / (FIXED + miles there and back)`` is largest, AT_HOME
to RADIUS miles from its office. Whom a stop serves is taken off, the nearest first, before the next week is looked at.
A place is left alone for REST weeks after a stop WITHIN reach of it. A mobile consulate is the office's own staff:
Saturday and Sunday, every second week. A consulate on wheels is a team of its own: Tuesday to Friday, every week
(domain notes, section 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from appointments.demand.flows import WITHIN
from appointments.demand.privacy import Area
from consulates.models import TourKind
from consulates.selectors import miles_between

AT_HOME, RADIUS, FIXED, REST = 25, 300, 100, 4


@dataclass(frozen=True)
class Team:
    """``home`` is the office's point, ``daily`` how many people the team serves a day."""

    kind: TourKind
    home: tuple[float, float]
    daily: int

    @property
    def first_weekday(self) -> int:
        return 5 if self.kind == TourKind.MOBILE else 1

    @property
    def days(self) -> int:
        return 2 if self.kind == TourKind.MOBILE else 4

    @property
    def every(self) -> int:
        return 2 if self.kind == TourKind.MOBILE else 1


@dataclass(frozen=True)
class Visit:
    """A stop, proposed or planned: ``places`` in all its days."""

    first_day: date
    last_day: date
    name: str
    state: str
    point: tuple[float, float]
    places: int


@dataclass(frozen=True)
class Worth:
    """A visit with the people whom it serves and its miles there and back."""

    visit: Visit
    served: int
    miles: float


def suggest(
    areas: Sequence[Area], team: Team, *, monday: date, weeks: int, around: Sequence[Area] | None = None
) -> list[Visit]:
    """One stop at most for each week in which the team goes out, at the point of one of the areas ``around`` its office
    (of all, when None); none where it would serve nobody.
    """
    left, visits = list(areas), list[Visit]()
    for number in range(0, weeks, team.every):
        first = monday + timedelta(weeks=number, days=team.first_weekday)
        lately = [one for one in visits if first - one.first_day < timedelta(weeks=REST)]
        if visit := _next(left, areas if around is None else around, team, first, lately):
            visits.append(visit)
            left, _served = serve(left, visit.point, visit.places)
    return visits


def _next(
    areas: Sequence[Area], around: Sequence[Area], team: Team, first: date, lately: Sequence[Visit]
) -> Visit | None:
    found = []
    for area in around:
        miles = miles_between(team.home, area.point)
        if not AT_HOME < miles <= RADIUS or any(miles_between(area.point, one.point) <= WITHIN for one in lately):
            continue
        last = first + timedelta(days=team.days - 1)
        visit = Visit(first, last, area.name, area.state, area.point, team.daily * team.days)
        _left, served = serve(areas, visit.point, visit.places)
        if served:
            found.append((-served / (FIXED + 2 * miles), area.code, visit))
    return min(found, key=lambda one: one[:2])[2] if found else None


def serve(areas: Sequence[Area], point: tuple[float, float], places: int) -> tuple[list[Area], int]:
    """The areas without those whom so many places at a point serve WITHIN reach, the nearest first; and how many they
    are.
    """
    near = sorted((miles_between(area.point, point), area.code, number) for number, area in enumerate(areas))
    left, room = list(areas), places
    for miles, _code, number in near:
        taken = min(room, areas[number].people) if miles <= WITHIN else 0
        left[number] = replace(areas[number], people=areas[number].people - taken)
        room -= taken
    return left, places - room


def worth(areas: Sequence[Area], visits: Sequence[Visit], home: tuple[float, float]) -> list[Worth]:
    """Visit by visit in order of days: who was served before is not served again."""
    found, left = [], list(areas)
    for visit in sorted(visits, key=lambda one: (one.first_day, one.name)):
        left, served = serve(left, visit.point, visit.places)
        found.append(Worth(visit, served, 2 * miles_between(home, visit.point)))
    return found
