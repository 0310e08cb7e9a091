"""Makes consulates/data/us_outline.json anew; consulates/data/README.md says from what, and under which licence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from consulates.outline import OUTLINE, inset
from consulates.places import STATES

Point = tuple[float, float]
# The codes of the Census Bureau, in the order of its list; the gaps are codes that were never given.
FIPS = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA "
    "26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX "
    "49UT 50VT 51VA 53WA 54WV 55WI 56WY 72PR"
)
CODES = {word[:2]: word[2:] for word in FIPS.split()}
TOLERANCE = 1.1  # units of the drawing, which is 975 wide
SMALLEST = 14.0  # square units: smaller islands are left out, unless they are all there is of a state


class Command(BaseCommand):
    help = "Simplify the states of two TopoJSON files (projected, and in degrees for Puerto Rico) into the outline."

    def add_arguments(self, parser):
        parser.add_argument("albers", type=Path, help="states-albers-10m.json")
        parser.add_argument("degrees", type=Path, help="states-10m.json")

    def handle(self, *args, albers, degrees, **options):
        shapes = dict(_states(json.loads(albers.read_text()), lambda point: point))
        shapes |= {code: rings for code, rings in _states(json.loads(degrees.read_text()), inset) if code == "PR"}
        paths = {code: _path(rings) for code, rings in sorted(shapes.items()) if code in STATES}
        OUTLINE.write_text(json.dumps(paths, indent=0) + "\n")
        self.stdout.write(f"{len(paths)} states, {OUTLINE.stat().st_size} bytes")


def _states(topology: dict[str, Any], place: Any) -> Iterator[tuple[str, list[list[Point]]]]:
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            points.append(place((x * kx + dx, y * ky + dy)))
        # Neighbours share an arc, so that it is simplified once and their borders stay one line.
        arcs.append(_simplified(points))
    for shape in topology["objects"]["states"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        code = CODES.get(str(shape["id"]))
        if code:
            yield code, [_ring(polygon[0], arcs) for polygon in polygons]


def _ring(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    ring: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return ring


def _simplified(points: list[Point]) -> list[Point]:
    """Douglas and Peucker: a point stays when leaving it out would move the line by more than TOLERANCE."""
    if len(points) < 3:
        return points
    first, last = points[0], points[-1]
    length = ((last[0] - first[0]) ** 2 + (last[1] - first[1]) ** 2) ** 0.5

    def away(point: Point) -> float:
        if not length:
            return ((point[0] - first[0]) ** 2 + (point[1] - first[1]) ** 2) ** 0.5
        cross = (last[0] - first[0]) * (first[1] - point[1]) - (first[0] - point[0]) * (last[1] - first[1])
        return abs(cross) / length

    far = max(range(1, len(points) - 1), key=lambda number: away(points[number]))
    if away(points[far]) <= TOLERANCE:
        return [first, last]
    return _simplified(points[: far + 1])[:-1] + _simplified(points[far:])


def _area(ring: list[Point]) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _path(rings: list[list[Point]]) -> str:
    """One ``d`` of an SVG path in whole units, relative, which is the shortest."""
    kept = [ring for ring in rings if _area(ring) >= SMALLEST] or [max(rings, key=_area)]
    return "".join(_relative(ring) for ring in kept)


def _relative(ring: list[Point]) -> str:
    points: list[tuple[int, int]] = []
    for x, y in ring:
        point = (round(x), round(y))
        if not points or points[-1] != point:
            points.append(point)
    if points[0] == points[-1] and len(points) > 1:
        points.pop()
    x, y = points[0]
    text = f"M{x},{y}l"
    steps = []
    for next_x, next_y in points[1:]:
        steps.append(f"{next_x - x},{next_y - y}")
        x, y = next_x, next_y
    return text + " ".join(steps) + "z"
