"""What waits for a member of staff now, for their first page. Each room says its own kinds of work here; rooms above
register theirs from their app's ``ready``, so nothing here imports them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext
from django_scopes import scope

from .access import Access, offices_together
from .roles import NEVER_PRACTISED, May

SHOWN = 5  # of one kind; the rest is a link to its page


@dataclass(frozen=True)
class Asked:
    """Whose work, and when. ``practice``: of the practice office alone, or of the real ones alone."""

    access: Access
    now: datetime
    practice: bool = False

    def of(self, rows: QuerySet, office: str = "consulate") -> QuerySet:
        """Those of the offices that count here; ``office`` is the path to the office."""
        return rows.filter(**{f"{office}__is_practice": self.practice})


@dataclass(frozen=True)
class Line:
    """``text`` is the link's own; ``note`` says how it stands, ``urgent`` that it is late. No citizen's name."""

    text: str
    href: str
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Kind:
    """``find`` asks one query and runs in the scope of the offices in which one of ``may`` holds."""

    place: int
    title: Promise
    may: tuple[May, ...]
    find: Callable[[Asked], Iterable[Line]]


KINDS: list[Kind] = []


def kind_of_work(place: int, title: Promise, *may: May) -> Callable[[Callable], Callable]:
    """Register a kind. Kinds of the same ``title`` stand together, all in the order of ``place``."""

    def register(find: Callable[[Asked], Iterable[Line]]) -> Callable[[Asked], Iterable[Line]]:
        KINDS.append(Kind(place, title, may, find))
        return find

    return register


def work_of(asked: Asked) -> dict[str, list[Line]]:
    """Titles with what waits below each; what this person may not do, and what is empty, is left out."""
    found: dict[str, list[Line]] = {}
    for kind in sorted(KINDS, key=lambda kind: kind.place):
        held = [one for one in kind.may if asked.access.may(one) and not (asked.practice and one in NEVER_PRACTISED)]
        if not held:
            continue
        with scope(consulate=offices_together(asked.access, held)):
            lines = [line for line in kind.find(asked) if line.href]
        if lines:
            found.setdefault(str(kind.title), []).extend(lines)
    return found


def first_few(lines: Iterable[Line], href: str) -> list[Line]:
    """The first ones, and behind them how many more stand on the page ``href``; all where no page has them together."""
    lines = list(lines)
    more = len(lines) - SHOWN
    if more <= 0 or not href:
        return lines
    text = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
    return [*lines[:SHOWN], Line(text, href, urgent=any(line.urgent for line in lines[SHOWN:]))]


def address(name: str, *arguments: Any) -> str:
    """ "" where the page does not exist."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
