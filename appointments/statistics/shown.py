"""From published figures to a page: sentences, numbers in words, plots and their tables. No query, no exact number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from appointments.enums import Channel
from appointments.statistics.definitions import BY_CODE, USE, Of
from appointments.statistics.privacy import FEW
from consulates.models import SessionKind
from mexitel.utils.calendar import month_title
from mexitel.utils.plots import Plot, Series

Document = dict[str, Any]
# The latest months and weeks that a plot holds on a phone.
MONTHS, WEEKS = 13, 26
HEADLINE = ("offered", "booked", "kept")
TABLE = ("nominal", "offered", "reserved", *USE)
# The same number is drawn alike in every plot.
SHADES = {"booked": 2, "reused": 2, "kept": 3, "capacity_used": 2}


@dataclass(frozen=True)
class Figure:
    """One plot of a page with its table: a heading row, and rows that begin with a label."""

    title: str
    words: str
    drawing: SafeString
    keys: Sequence[tuple[int, str]]
    heading: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    is_lines: bool


@dataclass(frozen=True)
class Number:
    """A figure with its name, to stand large."""

    name: str
    text: str


def number(value: int | float | str | None, *, percent: bool = False) -> str:
    """``1,234``, ``90.0 %``, ``<5``, or a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    text = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return f"{text} %" if percent else text


def of(row: Document, code: str) -> str:
    return number(row.get(code), percent=BY_CODE[code].of is Of.SHARE)


def name_of(thing: Document | None) -> str:
    """Of an office or a procedure in the language of the page; the network's without one."""
    if thing is None:
        return _("The whole network")
    return thing["name_en"] if (get_language() or "es").startswith("en") else thing["name_es"]


def month_words(text: str) -> str:
    """``noviembre de 2026``"""
    return month_title(int(text[:4]), int(text[5:]))


def summary(row: Document, text: str) -> str:
    """The month in one plain sentence for each of the three numbers."""
    values = {"month": month_words(text), **{code: of(row, code) for code in HEADLINE}}
    return (
        _(
            "In %(month)s, %(offered)s places were offered. %(booked)s appointments stood when their time came. "
            "To %(kept)s of them the person came."
        )
        % values
    )


def numbers(row: Document, *codes: str) -> list[Number]:
    return [Number(str(BY_CODE[code].name), of(row, code)) for code in codes]


def month_figures(months: Sequence[Document]) -> list[Figure]:
    """What the months of a scope show, the latest at the right."""
    shown = months[-MONTHS:]
    labels = [_month_label(one["month"]) for one in shown]
    words = [month_words(one["month"]) for one in shown]
    return [
        _columns(
            "meses", _("Offered, booked and kept, by month"),
            _("The wide bar is what was offered, the middle one what was booked, the inner one what was kept."),
            labels, words, shown, HEADLINE, _("Month"),
        ),
        _lines(
            "capacidad", _("Share of full capacity"),
            _("Full capacity is what all windows could serve. Illness, rules and supplies leave part of it closed."),
            labels, words, shown, ("capacity_opened", "capacity_used"), _("Month"),
        ),
        _lines(
            "espera", _("Days to the soonest place"), str(BY_CODE["wait_days_median"].meaning),
            labels, words, shown, ("wait_days_median",), _("Month"), ("wait_days_median", "looks_without_place"),
        ),
        _columns(
            "liberados", _("Freed places, and those used again"),
            _("The wide bar is what came back by cancelling or moving, the inner one what somebody else took."),
            labels, words, shown, ("freed", "reused"), _("Month"),
        ),
    ]  # fmt: skip


def week_figure(weeks: Sequence[Document]) -> Figure:
    shown = weeks[-WEEKS:]
    labels = [formats.date_format(date.fromisoformat(one["week"]), "j/n") for one in shown]
    words = [_("week of %(day)s") % {"day": _day_words(one["week"])} for one in shown]
    title = _("Offered, booked and kept, by week")
    return _columns("semanas", title, _("Each week is named by its Monday."), labels, words, shown, HEADLINE, _("Week"))


def day_figure(days: Sequence[Document]) -> Figure:
    labels = [str(date.fromisoformat(one["day"]).day) for one in days]
    words = [_day_words(one["day"]) for one in days]
    title = _("Offered, booked and kept, by day")
    return _columns("dias", title, _("Days without sessions are left out."), labels, words, days, HEADLINE, _("Day"))


def kind_figure(kinds: Sequence[Document]) -> Figure:
    order = list(SessionKind)
    shown = sorted(kinds, key=lambda one: order.index(SessionKind(one["kind"])))
    names = [str(SessionKind(one["kind"]).label) for one in shown]
    return _rows("jornadas", _("By kind of session"), "", names, shown, HEADLINE, ("sessions", "sessions_held", *TABLE))


def procedure_figure(procedures: Sequence[Document]) -> Figure:
    shown = sorted(procedures, key=lambda one: (-exactness(one.get("booked")), one["code"]))
    note = _("A place can serve several procedures. So the offered places of procedures do not add up.")
    columns = ("offered", *USE, "wait_days_median", "lead_days_mean")
    return _rows(
        "tramites", _("By procedure"), note, [name_of(one) for one in shown], shown, ("booked", "kept"), columns
    )


def channel_figure(channels: Sequence[Document]) -> Figure:
    order = list(Channel)
    shown = sorted(channels, key=lambda one: order.index(Channel(one["channel"])))
    names = [str(Channel(one["channel"]).label).capitalize() for one in shown]
    note = _("How the appointment was made. Web and telephone share the same places.")
    return _rows("vias", _("By way of booking"), note, names, shown, ("booked", "kept"), (*USE, "lead_days_mean"))


def office_rows(offices: Iterable[Document]) -> tuple[list[str], list[tuple[Document, list[str]]]]:
    """The table of all offices of a month: its heading, and each office with its numbers."""
    codes = ("offered", "booked", "kept", "no_show", "cancelled", "wait_days_median", "capacity_opened")
    return [str(BY_CODE[code].name) for code in codes], [(one, [of(one, code) for code in codes]) for one in offices]


def held_rows(held: Document) -> list[tuple[str, str, str]]:
    """Kinds of sessions, how many were planned and how many were held."""
    return [
        (str(kind.label), number(held["kinds"][kind]["sessions"]), number(held["kinds"][kind]["sessions_held"]))
        for kind in SessionKind
        if kind in held["kinds"]
    ]


def record_rows(records: Iterable[Document]) -> list[tuple[str, str, str]]:
    """``Most kept``, the number, and its month."""
    titles = {
        "kept": _("Most appointments kept in a month"),
        "booked": _("Most appointments booked in a month"),
        "offered": _("Most places offered in a month"),
        "sessions_held": _("Most sessions held in a month"),
    }
    return [(titles[one["measure"]], number(one["value"]), month_words(one["month"])) for one in records]


def year_words(held: Document) -> str:
    until = date.fromisoformat(held["until"])
    return _("From 1 January to %(day)s.") % {"day": formats.date_format(until, _("F j, Y"))}


def exactness(value: int | str | None) -> int:
    """For sorting and drawing: what is only known to be few counts as half of that."""
    return value if isinstance(value, int) else FEW // 2 if value else 0


def _columns(slug, title, words, labels, row_names, rows, codes, first) -> Figure:
    plot = _plot(slug, title, words, labels, rows, codes)
    return _figure(plot, plot.columns(), words, row_names, rows, codes, first)


def _lines(slug, title, words, labels, row_names, rows, codes, first, columns=()) -> Figure:
    unit = " %" if BY_CODE[codes[0]].of is Of.SHARE else ""
    series = [Series(str(BY_CODE[code].name), [one.get(code) for one in rows], SHADES.get(code, 1)) for code in codes]
    plot = Plot(title, words, labels, series, unit, slug)
    return _figure(plot, plot.lines(), words, row_names, rows, columns or codes, first, is_lines=True)


def _rows(slug, title, words, names, rows, codes, columns) -> Figure:
    plot = _plot(slug, title, words or title, names, rows, codes)
    texts = [" / ".join(of(one, code) for code in codes) for one in rows]
    return _figure(plot, plot.rows(texts), words, names, rows, columns, "")


def _plot(slug, title, words, labels, rows, codes) -> Plot:
    series = [
        Series(str(BY_CODE[code].name), [exactness(one.get(code)) for one in rows], SHADES.get(code, 1))
        for code in codes
    ]
    return Plot(title, words, labels, series, slug=slug)


def _figure(plot, drawing, words, row_names, rows, columns, first, *, is_lines=False) -> Figure:
    body = [(name, [of(one, code) for code in columns]) for name, one in zip(row_names, rows, strict=True)]
    heading = [first or pgettext("figures", "Part"), *(str(BY_CODE[code].name) for code in columns)]
    return Figure(plot.title, words, drawing, plot.keys if len(plot.keys) > 1 else [], heading, body, is_lines)


def _month_label(text: str) -> str:
    return f"{int(text[5:])}/{text[2:4]}"


def _day_words(text: str) -> str:
    return formats.date_format(date.fromisoformat(text), "MONTH_DAY_FORMAT")
