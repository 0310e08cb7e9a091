"""From areas and places to a page: the map, the rows of the ranking, the plot of distances. No query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.demand.flows import Reached, Supply
from appointments.demand.privacy import FEW, Area
from appointments.demand.reading import nearest
from appointments.demand.simulating import Outcome, Place
from appointments.demand.touring import Worth
from appointments.models import Ended
from appointments.statistics.shown import Figure
from consulates.outline import outline, position
from consulates.wording import miles, short_date
from mexitel.utils.plots import Plot, Series

# The radius of the largest circle, in units of the outline; so many circles carry their place in the list.
LARGEST, NUMBERED = 44, 5
# So many areas are named that a place reaches.
AROUND = 6


@dataclass(frozen=True)
class Row:
    """An area with its place in the ranking, its ZIP3 areas in words, the office nearest to it, and which part of those
    who got a seat travel far for it.
    """

    rank: int
    name: str
    codes: str
    people: str
    office: str
    miles: str
    far: str


def rows(areas: Sequence[Area], offices: Sequence[Supply], far: Mapping[str, int]) -> list[Row]:
    return [_row(rank, area, nearest(area, offices), far.get(area.code)) for rank, area in enumerate(areas, 1)]


def _row(rank: int, area: Area, near: tuple[Supply, float] | None, share: int | None) -> Row:
    codes = ", ".join(f"{code}xx" for code in sorted(area.codes))
    office, far = (near[0].name, miles(near[1])) if near else ("", "")
    percent = "" if share is None else f"{share} %"
    return Row(rank, f"{area.name}, {area.state}", codes, people(area.people), office, far, percent)


def site_rows(outcome: Outcome) -> list[tuple[str, str, list[str]]]:
    """Of each place: its name, how many it serves, and whom it reaches, the nearest of them."""
    return [
        (site.place.name, people(site.served), [_reached(one) for one in site.reached[:AROUND]])
        for site in outcome.sites
    ]


def _reached(one: Reached) -> str:
    told = {
        "area": f"{one.area.name}, {one.area.state}",
        "people": people(one.area.people),
        "far": miles(one.miles),
        "before": miles(one.miles_before) if one.miles_before is not None else "–",
    }
    return _("%(area)s: %(people)s people at %(far)s; their office is at %(before)s") % told


def line_rows(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Name, wait without what is tried, and with it; the new offices last."""
    old = [(line.supply.name, _days(line.wait_before), _days(line.wait_after)) for line in outcome.shorter]
    return old + [(line.supply.name, "–", _days(line.wait_after)) for line in outcome.new_lines]


def _days(number: float) -> str:
    whole = round(number)
    return ngettext("%(days)s day", "%(days)s days", whole) % {"days": f"{whole:,}"}


def tour(title: str, nothing: str, found: Sequence[Worth]) -> dict[str, Any]:
    """A card of templates/staff/demand/tour.html; ``nothing`` is said where no stop is."""
    served, way = sum(one.served for one in found), sum(one.miles for one in found)
    told = {"people": people(served), "miles": f"{way:,.0f}"}
    return {
        "title": title,
        "nothing": nothing,
        "summary": _("%(people)s people served, %(miles)s miles there and back") % told,
        "stops": [_stop(one) for one in found],
    }


def _stop(one: Worth) -> dict[str, str]:
    first, last = one.visit.first_day, one.visit.last_day
    told = {"people": people(one.served), "places": people(one.visit.places), "miles": f"{one.miles:,.0f}"}
    return {
        "place": f"{one.visit.name}, {one.visit.state}",
        "days": short_date(first) if first == last else f"{short_date(first)} – {short_date(last)}",
        "words": _("%(places)s places, %(people)s people served, %(miles)s miles there and back") % told,
    }


def drawing(areas: Sequence[Area], offices: Iterable[Supply] = (), new: Iterable[Place] = ()) -> dict[str, Any]:
    """What templates/staff/demand/_map.html draws. The circle of an area is as large as the number of its people; the
    large ones lie below. ``new``: places that are tried.
    """
    most = max((area.people for area in areas), default=1)
    circles = []
    for rank, area in enumerate(areas, 1):
        if at := position(latitude=area.latitude, longitude=area.longitude, state=area.state):
            radius = max(5, round(LARGEST * sqrt(area.people / most)))
            number = rank if rank <= NUMBERED else None
            circles.append({"x": round(at[0]), "y": round(at[1]), "r": radius, "number": number})
    return {
        "states": list(outline().values()),
        "circles": sorted(circles, key=lambda one: -one["r"]),
        "offices": _points(Place(office.name, *office.point, office.state) for office in offices),
        "new": _points(new),
    }


def _points(places: Iterable[Place]) -> list[dict[str, int]]:
    found = [position(latitude=one.latitude, longitude=one.longitude, state=one.state) for one in places]
    return [{"x": round(at[0]), "y": round(at[1])} for at in found if at]


def people(number: int | None) -> str:
    return _("fewer than %(few)d") % {"few": FEW} if number is None else f"{number:,}"


def distances(counted: Sequence[tuple[Ended, int | None]]) -> Figure:
    """How far those travel who got a seat."""
    names = [str(ended.label) for ended, _people in counted]
    texts = [people(number) for _ended, number in counted]
    words = _(
        "Of those who searched near a place, or waited for one, and got it. Straight lines; a family counts each."
    )
    title = _("How far people travel who got a place")
    plot = Plot(title, words, names, [Series(title, [number or 0 for _ended, number in counted], 2)], slug="distances")
    heading = [_("Distance"), _("People")]
    return Figure(
        title,
        words,
        plot.rows(texts),
        [],
        heading,
        [(name, [text]) for name, text in zip(names, texts, strict=True)],
        False,
    )
