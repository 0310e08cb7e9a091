"""Pure: a line or bars as SVG text, drawn on the server without script or inline style.

Each drawing has a title that says what it shows; the same numbers stand in a table below it, so the drawing is a
picture with one name for whoever does not see it. Colours are classes of oversight.css.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mexitel.utils.plots import nice_top, short

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 30
MOST_LABELS = 6
KEY = (
    '<svg class="ox-key" viewBox="0 0 34 10" aria-hidden="true">'
    '<path class="ox-line ox-line--{}" d="M1 5h32"></path></svg>'
)


@dataclass(frozen=True)
class Series:
    """``values`` beside ``labels`` of the plot; ``name`` as the table says it."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Plot:
    title: str
    labels: Sequence[str]
    series: Sequence[Series]

    @property
    def keys(self) -> list[tuple[SafeString, str]]:
        """For the legend: a bit of each line, and its name."""
        return [(format_html(KEY, number), one.name) for number, one in enumerate(self.series, start=1)]

    @property
    def svg(self) -> SafeString:
        return line(self)

    @property
    def rows(self) -> list[tuple[str, list[float]]]:
        """For the table: each label with the value of each series."""
        return [(label, [one.values[place] for one in self.series]) for place, label in enumerate(self.labels)]


def line(plot: Plot) -> SafeString:
    """Up to four lines over the same labels, from zero; the scale ends at a round number."""
    top = nice_top(max((value for one in plot.series for value in one.values), default=0))
    lines = format_html_join(
        "", '<polyline class="ox-line ox-line--{}" points="{}"></polyline>',
        ((number, _points(one.values, top)) for number, one in enumerate(plot.series, start=1)),
    )  # fmt: skip
    return _drawing(plot.title, _scale(top) + _below(plot.labels) + lines)


def _drawing(title: str, inside: str) -> SafeString:
    return format_html(
        '<svg class="ox-plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        WIDTH, HEIGHT, title, title, inside,
    )  # fmt: skip


def _points(values: Sequence[float], top: float) -> str:
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values) - 1)
    return " ".join(f"{LEFT + place * step:.1f},{_height(value, top):.1f}" for place, value in enumerate(values))


def _height(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _scale(top: float) -> SafeString:
    marks = [top * part / 4 for part in range(5)]
    return format_html_join(
        "",
        '<line class="ox-grid" x1="{}" x2="{}" y1="{}" y2="{}"></line><text class="ox-mark" x="{}" y="{}">{}</text>',
        (
            (LEFT, WIDTH - RIGHT, at, at, LEFT - 6, f"{float(at) + 4:.1f}", short(mark))
            for mark in marks
            for at in [f"{_height(mark, top):.1f}"]
        ),
    )


def _below(labels: Sequence[str]) -> SafeString:
    every = max(1, -(-len(labels) // MOST_LABELS))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    return format_html_join(
        "", '<text class="ox-label" x="{}" y="{}">{}</text>',
        ((f"{min(LEFT + place * step, WIDTH - 34):.1f}", HEIGHT - 10, label)
         for place, label in enumerate(labels) if place % every == 0),
    )  # fmt: skip
