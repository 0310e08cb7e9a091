"""What a check of a file found: what would be made, and every error with its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from .reader import Row, Unreadable


class Wrong(ValueError):
    """A cell that cannot be used; the text is the sentence."""


@dataclass(frozen=True)
class Problem:
    """``line`` is None when the whole file is meant."""

    line: int | None
    sentence: str


@dataclass
class Check:
    """``made`` are the rows that are fine, with their lines, ready to be saved."""

    rows: int = 0
    made: list[tuple[int, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        return bool(self.made) and not self.problems

    def refuse(self, line: int | None, sentence: str) -> None:
        self.problems.append(Problem(line, sentence))


def look_at_columns(columns: Sequence[str], *, needed: Sequence[str], known: Sequence[str]) -> None:
    """Raises Unreadable when one is missing or nobody knows what it means."""
    missing = [name for name in needed if name not in columns]
    if missing:
        sentence = _("These columns are missing: %(names)s. The first line names the columns.")
        raise Unreadable("missing_columns", sentence % {"names": ", ".join(missing)})
    strange = [name or "?" for name in columns if name not in known]
    if strange:
        sentence = _("These columns are unknown: %(names)s. Correct their names or leave them out.")
        raise Unreadable("unknown_columns", sentence % {"names": ", ".join(strange)[:200]})


def needed(row: Row, column: str) -> str:
    if not row[column]:
        raise Wrong(_("“%(column)s” is empty.") % {"column": column})
    return row[column]


def whole_number(row: Row, column: str, least: int, most: int) -> int:
    text = needed(row, column)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
        sentence = _("“%(column)s” must be a whole number from %(least)s to %(most)s, not “%(text)s”.")
        raise Wrong(sentence % {"column": column, "least": least, "most": most, "text": text[:40]})
    return int(text)


def day(row: Row, column: str) -> date:
    text = needed(row, column)
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    sentence = _("“%(column)s” must be a day such as 2026-12-31, not “%(text)s”.")
    raise Wrong(sentence % {"column": column, "text": text[:40]})


def clock(row: Row, column: str) -> time:
    text = needed(row, column)
    for form in ("%H:%M", "%H:%M:%S"):
        try:
            return datetime.strptime(text, form).time().replace(second=0)
        except ValueError:
            continue
    sentence = _("“%(column)s” must be an hour such as 09:30, not “%(text)s”.")
    raise Wrong(sentence % {"column": column, "text": text[:40]})
