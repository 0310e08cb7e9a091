"""Pure: the outline of the United States that the portal draws itself, and where a place lies on it.

The drawing is 975 by 610 units: Albers' conic equal-area projection of the contiguous states, with Alaska, Hawaii
and Puerto Rico as insets. Source and licence of the outline: consulates/data/README.md.
"""

import json
from collections.abc import Iterator
from functools import cache
from math import cos, radians, sin, sqrt
from pathlib import Path

OUTLINE = Path(__file__).resolve().parent / "data" / "us_outline.json"
WIDTH, HEIGHT = 975, 610
# Of the projection in which the source is drawn (d3's geoAlbersUsa at this scale).
SCALE, CENTRE = 1300.0, (487.5, 305.0)
INSETS = frozenset({"AK", "HI", "PR"})
# Puerto Rico is drawn beside Florida, five times as near as it lies and a little larger than true.
PUERTO_RICO = {"west": -67.35, "north": 18.6, "left": 868.0, "top": 556.0, "wide": 36.0, "high": 38.0}


@cache
def outline() -> dict[str, str]:
    """Each state's code with the ``d`` of its SVG path."""
    return json.loads(OUTLINE.read_text(encoding="ascii"))


@cache
def around(code: str) -> tuple[int, int, int, int]:
    """Left, top, width and height of a part of the drawing with the whole state and some of its neighbours, in the
    proportions of the drawing. Raises KeyError.
    """
    points = list(_points(outline()[code]))
    (left, right), (top, bottom) = ((min(side), max(side)) for side in zip(*points, strict=True))
    wide = round(max(right - left, (bottom - top) * WIDTH / HEIGHT) * 1.35) + 30
    high = round(wide * HEIGHT / WIDTH)
    return (left + right - wide) // 2, (top + bottom - high) // 2, wide, high


def _points(path: str) -> Iterator[tuple[int, int]]:
    """Through which a path of the outline goes: rings of whole units, each step from the last point."""
    for ring in path.strip("Mz").split("zM"):
        start, _line, steps = ring.partition("l")
        x, y = (int(number) for number in start.split(","))
        yield x, y
        for step in steps.split():
            dx, dy = (int(number) for number in step.split(","))
            x, y = x + dx, y + dy
            yield x, y


def position(*, latitude: float, longitude: float, state: str) -> tuple[float, float] | None:
    """Where a place of ``state`` lies on the drawing, or None where the drawing does not reach (Guam)."""
    if state == "PR":
        return inset((longitude, latitude))
    if state == "AK":
        return _conic(longitude, latitude, (55, 65), (-154, 0), (-2, 58.5), SCALE * 0.35, (-0.307, 0.201))
    if state == "HI":
        return _conic(longitude, latitude, (8, 18), (-157, 0), (-3, 19.9), SCALE, (-0.205, 0.212))
    if not (24 < latitude < 50 and -125 < longitude < -66):
        return None
    return _conic(longitude, latitude, (29.5, 45.5), (-96, 0), (-0.6, 38.7), SCALE, (0, 0))


def inset(point: tuple[float, float]) -> tuple[float, float]:
    """A (longitude, latitude) of Puerto Rico in its box."""
    box = PUERTO_RICO
    return (
        box["left"] + (point[0] - box["west"]) * box["wide"],
        box["top"] + (box["north"] - point[1]) * box["high"],
    )


def _conic(longitude, latitude, parallels, rotation, centre, scale, offset) -> tuple[float, float]:
    """The conic equal-area projection with d3's meaning of its numbers: ``rotation`` is the middle meridian,
    ``centre`` (degrees from there) the point that comes to the middle of the box; ``offset`` in units of SCALE."""
    first, second = (radians(one) for one in parallels)
    n = (sin(first) + sin(second)) / 2
    c = 1 + sin(first) * (2 * n - sin(first))
    r0 = sqrt(c) / n

    def raw(east: float, north: float) -> tuple[float, float]:
        r = sqrt(c - 2 * n * sin(north)) / n
        return r * sin(east * n), r0 - r * cos(east * n)

    east = (longitude - rotation[0] + 180) % 360 - 180
    x, y = raw(radians(east), radians(latitude))
    middle_x, middle_y = raw(radians(centre[0]), radians(centre[1]))
    left, top = CENTRE[0] + offset[0] * SCALE, CENTRE[1] + offset[1] * SCALE
    return left + scale * (x - middle_x), top - scale * (y - middle_y)
