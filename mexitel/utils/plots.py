"""Pure: plots of numbers as SVG text, drawn on the server for a phone first: no script, no inline style, fit for grey.

A drawing has a title and a description for whoever does not see it, and the page gives the same numbers in a table. Its
classes are in static/css/plots.css. Series differ by lightness and outline (columns, rows) or by dashes (lines).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import wrap

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 340, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 10, 24
# Of lying bars: their height, that of a line of words, what one takes beside its name, and letters in a line of it.
BAR, LINE, BELOW_NAME, NAME_LETTERS = 16, 18, 46, 46
MOST_LABELS = 7

Number = float | int | None


@dataclass(frozen=True)
class Series:
    """``values`` beside the labels of the plot, None where there is none. ``shade``, 1 to 3, is how it is drawn."""

    name: str
    values: Sequence[Number]
    shade: int


@dataclass(frozen=True)
class Plot:
    """``labels`` stand along the plot. At most three series; the first is the largest and lies behind the others."""

    title: str
    description: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    # Names the drawing in its page, for a screen reader.
    slug: str = "plot"

    @property
    def keys(self) -> list[tuple[int, str]]:
        """For the legend: the shade of each series and its name."""
        return [(one.shade, one.name) for one in self.series]

    def columns(self) -> SafeString:
        """Upright bars of all series, one inside the other."""
        top, step = self._top(), (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))
        drawn = format_html_join(
            "", '<rect class="pl-bar pl-bar--{}" x="{}" y="{}" width="{}" height="{}"/>',
            (
                (one.shade, *_column(LEFT + place * step, step, value, top, depth))
                for depth, one in enumerate(self.series)
                for place, value in enumerate(one.values) if value
            ),
        )  # fmt: skip
        return self._drawing(HEIGHT, self._scale(top) + self._below(step, step / 2) + drawn)

    def lines(self) -> SafeString:
        """Lines from zero; a value that is missing leaves a gap."""
        top, step = self._top(), (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))
        drawn = format_html_join(
            "", '<polyline class="pl-line pl-line--{}" points="{}"/>',
            (
                (one.shade, " ".join(f"{x:.1f},{_y(value, top):.1f}" for x, value in run))
                for one in self.series
                for run in _runs(one.values, step)
            ),
        )  # fmt: skip
        dots = format_html_join(
            "", '<circle class="pl-dot pl-dot--{}" cx="{}" cy="{}" r="3"/>',
            (
                (one.shade, f"{x:.1f}", f"{_y(value, top):.1f}")
                for one in self.series
                for run in _runs(one.values, step) for x, value in run
            ),
        )  # fmt: skip
        return self._drawing(HEIGHT, self._scale(top) + self._below(step, step / 2) + drawn + dots)

    def rows(self, texts: Sequence[str]) -> SafeString:
        """A bar for each label, lying, with its name and its text above it; of all series one inside the other."""
        top = max((value for one in self.series for value in one.values if value), default=1) or 1
        names = [wrap(label, NAME_LETTERS) or [label] for label in self.labels]
        # Where the bar of each lies: below its name, which may take several lines, and its text.
        bars = [y - LINE for y in accumulate(len(lines) * LINE + BELOW_NAME for lines in names)]
        words = format_html_join(
            "", '<text class="pl-{}" x="0" y="{}">{}</text>',
            (
                row
                for y, lines, text in zip(bars, names, texts, strict=True)
                for row in [
                    *(("name", y - 6 - LINE * (len(lines) - number), line) for number, line in enumerate(lines)),
                    ("value", y - 6, text),
                ]
            ),
        )  # fmt: skip
        drawn = format_html_join(
            "", '<rect class="pl-bar pl-bar--{}" x="0.5" y="{}" width="{}" height="{}"/>',
            (
                (one.shade, y + 2 * depth, f"{value / top * (WIDTH - 1):.1f}", BAR - 4 * depth)
                for depth, one in enumerate(self.series)
                for y, value in zip(bars, one.values, strict=True) if value
            ),
        )  # fmt: skip
        return self._drawing(max(bars, default=0) + LINE, words + drawn)

    def _top(self) -> float:
        return nice_top(max((value for one in self.series for value in one.values if value), default=0))

    def _drawing(self, height: int, inside: SafeString) -> SafeString:
        return format_html(
            '<svg class="pl-plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
            '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
            WIDTH, height, self.slug, self.slug, self.slug, self.title, self.slug, self.description, inside,
        )  # fmt: skip

    def _scale(self, top: float) -> SafeString:
        return format_html_join(
            "",
            '<line class="pl-grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="pl-mark" x="{}" y="{}">{}</text>',
            (
                (LEFT, WIDTH - RIGHT, f"{y:.1f}", f"{y:.1f}", LEFT - 5, f"{y + 4:.1f}", short(mark) + self.unit)
                for mark in (top * part / 4 for part in range(5))
                for y in [_y(mark, top)]
            ),
        )

    def _below(self, step: float, middle: float) -> SafeString:
        every = max(1, -(-len(self.labels) // MOST_LABELS))
        # Counted from the end: the last is what most people look for.
        shown = [place for place in range(len(self.labels)) if (len(self.labels) - 1 - place) % every == 0]
        return format_html_join(
            "", '<text class="pl-label" x="{}" y="{}">{}</text>',
            (
                (f"{min(LEFT + place * step + middle, WIDTH - 14):.1f}", HEIGHT - 7, self.labels[place])
                for place in shown
            ),
        )  # fmt: skip


def nice_top(highest: float) -> float:
    """The end of a scale that holds ``highest``, at least 4: 1, 2, 4 or 8 times a power of ten."""
    if highest <= 0:
        return 4
    power = 1.0
    while power * 10 <= highest:
        power *= 10
    found = next(power * step for step in (1, 2, 4, 8, 10) if power * step >= highest)
    return max(4, found)


def short(value: float) -> str:
    """1500 as 1.5 k: a scale is read at a glance."""
    for size, letter in ((1_000_000, " M"), (1_000, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _column(left: float, step: float, value: float, top: float, depth: int) -> tuple[str, str, str, str]:
    inset = step * (0.08 + 0.13 * depth)
    y = _y(value, top)
    return f"{left + inset:.1f}", f"{y:.1f}", f"{step - 2 * inset:.1f}", f"{HEIGHT - BOTTOM - y:.1f}"


def _runs(values: Sequence[Number], step: float) -> Iterable[list[tuple[float, float]]]:
    """Stretches of points without a gap."""
    run: list[tuple[float, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((LEFT + (place + 0.5) * step, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
