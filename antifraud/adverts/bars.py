"""Pure: bars of weeks as SVG text, each with the part that is gone in another pattern, so that grey is enough."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from antifraud.oversight.plots import HEIGHT, LEFT, RIGHT, TOP, WIDTH, nice_top

BOTTOM = 34
MOST_LABELS = 5


class Bar(NamedTuple):
    label: str
    whole: int
    part: int


def bars(title: str, data: Sequence[Bar]) -> SafeString:
    """One bar each, ``part`` of it filled from below; scale and labels as the other plots have them."""
    top = nice_top(max((one.whole for one in data), default=0))
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(data))
    every = max(1, -(-len(data) // MOST_LABELS))
    inside = _scale(top) + format_html_join(
        "",
        '<rect class="ax-whole" x="{0}" y="{1}" width="{2}" height="{3}"></rect>'
        '<rect class="ax-part" x="{0}" y="{4}" width="{2}" height="{5}"></rect>',
        (_bar(number, one, top, wide) for number, one in enumerate(data)),
    )
    labels = format_html_join(
        "", '<text class="ox-label" x="{}" y="{}">{}</text>',
        ((f"{LEFT + number * wide:.1f}", HEIGHT - 10, data[number].label) for number in range(0, len(data), every)),
    )  # fmt: skip
    return format_html(
        '<svg class="ox-plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}{}</svg>',
        WIDTH, HEIGHT, title, title, inside, labels,
    )  # fmt: skip


def _bar(number: int, one: Bar, top: float, wide: float) -> tuple[str, ...]:
    whole, part = _tall(one.whole, top), _tall(one.part, top)
    left, width = LEFT + number * wide + wide * 0.14, wide * 0.72
    floor = HEIGHT - BOTTOM
    numbers = (left, floor - whole, width, whole, floor - part, part)
    return tuple(f"{value:.1f}" for value in numbers)


def _tall(value: int, top: float) -> float:
    return (HEIGHT - TOP - BOTTOM) * value / top


def _scale(top: float) -> SafeString:
    return format_html_join(
        "",
        '<line class="ox-grid" x1="{}" x2="{}" y1="{}" y2="{}"></line><text class="ox-mark" x="{}" y="{}">{}</text>',
        (
            (LEFT, WIDTH - RIGHT, f"{at:.1f}", f"{at:.1f}", LEFT - 6, f"{at + 4:.1f}", f"{top * part / 4:g}")
            for part in range(5)
            for at in [HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part / 4]
        ),
    )
