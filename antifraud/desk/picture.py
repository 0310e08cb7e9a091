"""Pure: the links of a case as a drawing of at most fifty nodes, and as rows that say the same.

Accounts stand on a circle, those that share much side by side. Three or more that are all linked to each other by one
kind hang on one point that says it: one mailbox, one phone, one device. A line has a sentence.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antifraud.families import Sets

MOST_NODES = 50
SIZE = 640
MIDDLE = SIZE / 2
ROUND = 0.82  # of the half: room for the labels outside

# What a line of a kind says; kinds of hubs also by a word.
WHY: Mapping[str, Promise] = {
    "email": gettext_lazy("spellings of one mailbox"),
    "phone": gettext_lazy("one proven phone"),
    "stated": gettext_lazy("one phone that both named"),
    "device": gettext_lazy("one device"),
    "transfer": gettext_lazy("a place given up by one and taken by the other"),
    "trade": gettext_lazy("trades of places with each other"),
    "spin": gettext_lazy("a place held by one as soon as the other's hold ran out"),
    "applicant": gettext_lazy("the same person booked by both"),
    "agent_contact": gettext_lazy("one contact given to an agent"),
    "agent_release": gettext_lazy("booked through one agent as soon as places appeared"),
    "template": gettext_lazy("e-mail addresses built alike, in one hour"),
    "pace": gettext_lazy("one network, the same minutes and the same pace"),
    "sprint": gettext_lazy("one network and machine pace"),
    "pursued": gettext_lazy("trades with the same accounts"),
    "review": gettext_lazy("a reviewer linked them"),
}
CLASSES = {
    "email": "mail",
    "phone": "phone",
    "stated": "phone",
    "device": "device",
    "transfer": "trade",
    "trade": "trade",
    "spin": "trade",
}
NEAR = 90  # closer than this, two points with words cover each other


@dataclass(frozen=True)
class Row:
    """One link as a line of the table. ``a`` and ``b`` are labels; ``weight`` in the rule set's units."""

    a: str
    b: str
    kind: str
    why: str
    weight: float
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Node:
    x: float
    y: float
    label: str
    hub: str = ""  # the kind that all of its accounts share
    below: bool = False


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    title: str
    style: str


@dataclass(frozen=True)
class Picture:
    """``left_out`` accounts are only in the table."""

    nodes: list[Node]
    lines: list[Line]
    rows: list[Row]
    left_out: int


def why(kind: str) -> str:
    """Kinds that a newer engine makes are said by their own word."""
    return str(WHY.get(kind, kind))


def draw(links: Iterable[Any], labels: Mapping[str, str]) -> Picture:
    """``links`` have a, b, kind, weight, first_seen, expires_at; ``labels`` names the accounts that are shown."""
    known = [link for link in links if link.a in labels and link.b in labels]
    rows = [
        Row(labels[one.a], labels[one.b], one.kind, why(one.kind), one.weight, one.first_seen, one.expires_at)
        for one in sorted(known, key=lambda one: (-one.weight, one.kind, labels[one.a], labels[one.b]))
    ]
    hubs = _hubs(known)
    shown = _shown(known, list(labels), MOST_NODES - len(hubs))
    places = _on_circle(_side_by_side(known, shown))
    drawn = set(shown)
    nodes = [Node(*places[one], labels[one], below=places[one][1] > MIDDLE) for one in places]
    lines, in_hub = [], set()
    for kind, members in hubs:
        members = [one for one in members if one in drawn]
        if len(members) < 3:
            continue
        in_hub |= {(kind, one) for one in members}
        middle = _beside(_towards_middle([places[one] for one in members]), [(n.x, n.y) for n in nodes if n.hub])
        nodes.append(Node(*middle, why(kind), hub=CLASSES.get(kind, "other")))
        lines += [_line(places[one], middle, f"{labels[one]}: {why(kind)}", kind) for one in members]
    lines += [
        _line(places[one.a], places[one.b], f"{labels[one.a]} – {labels[one.b]}: {why(one.kind)}", one.kind)
        for one in known
        if {one.a, one.b} <= drawn and not {(one.kind, one.a), (one.kind, one.b)} <= in_hub
    ]
    return Picture(nodes, lines, rows, len(labels) - len(shown))


def _line(a: tuple[float, float], b: tuple[float, float], title: str, kind: str) -> Line:
    return Line(*a, *b, title, CLASSES.get(kind, "other"))


def _hubs(links: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Sets of three or more accounts that are all linked to each other by one kind, by kind."""
    found = []
    for kind in sorted({one.kind for one in links}):
        mine = [one for one in links if one.kind == kind]
        ids = sorted({end for one in mine for end in (one.a, one.b)})
        place = {one: number for number, one in enumerate(ids)}
        sets = Sets(len(ids))
        for one in mine:
            sets.join(place[one.a], place[one.b])
        for root in sorted({sets.find(number) for number in range(len(ids))}):
            members = {one for one in ids if sets.find(place[one]) == root}
            if len(members) > 2 and sum(one.a in members for one in mine) == len(members) * (len(members) - 1) // 2:
                found.append((kind, sorted(members)))
    return found[: MOST_NODES // 5]


def _shown(links: Sequence[Any], ids: list[str], room: int) -> list[str]:
    """Those with the heaviest links, when not all fit."""
    weight = dict.fromkeys(ids, 0.0)
    for one in links:
        weight[one.a] += one.weight
        weight[one.b] += one.weight
    return sorted(ids, key=lambda one: (-weight[one], ids.index(one)))[:room]


def _side_by_side(links: Sequence[Any], shown: Sequence[str]) -> list[str]:
    """Walk from each account to its heaviest neighbour that has no place yet."""
    near: dict[str, list[tuple[float, str]]] = {one: [] for one in shown}
    for one in links:
        if one.a in near and one.b in near:
            near[one.a].append((-one.weight, one.b))
            near[one.b].append((-one.weight, one.a))
    ordered: dict[str, None] = {}
    for start in shown:
        stack = [start]
        while stack:
            one = stack.pop()
            if one not in ordered:
                ordered[one] = None
                stack += [other for _weight, other in sorted(near[one], reverse=True)]
    return list(ordered)


def _on_circle(ids: Sequence[str]) -> dict[str, tuple[float, float]]:
    if len(ids) == 1:
        return {ids[0]: (MIDDLE, MIDDLE)}
    angles = [2 * math.pi * place / len(ids) - math.pi / 2 for place in range(len(ids))]
    reach = MIDDLE * ROUND
    return {
        one: (round(MIDDLE + reach * math.cos(angle), 1), round(MIDDLE + reach * math.sin(angle), 1))
        for one, angle in zip(ids, angles, strict=True)
    }


def _towards_middle(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The hub of these accounts: between them, drawn in a little so that it stands on no line of the circle."""
    x = sum(place[0] for place in places) / len(places)
    y = sum(place[1] for place in places) / len(places)
    return round(MIDDLE + (x - MIDDLE) * 0.6, 1), round(MIDDLE + (y - MIDDLE) * 0.6, 1)


def _beside(place: tuple[float, float], others: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The same place, or below it when another one stands there."""
    x, y = place
    while any(math.dist((x, y), other) < NEAR for other in others):
        y += NEAR
    return x, y


def summary(picture: Picture) -> str:
    """For whoever does not see the drawing."""
    return _("%(accounts)d accounts and %(links)d links; the table says the same.") % {
        "accounts": sum(not node.hub for node in picture.nodes), "links": len(picture.rows),
    }  # fmt: skip
