"""Rule sets in plain words: what each number of one means, and what differs between two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from antifraud.evidence import sentences
from antifraud.oversight.soundness import GROUP_OF_LETTER, Change, changes

GROUPS: Mapping[str, Promise] = {
    "contact": lazy("Contact"),
    "device": lazy("Device and network"),
    "pace": lazy("Pace"),
    "inventory": lazy("What is done to the places"),
    "applicants": lazy("Who attends"),
    "outcome": lazy("What came of it"),
    "staff": lazy("By telephone and at the window"),
    "person": lazy("What speaks for the person"),
}
NUMBERS: Mapping[str, Promise] = {
    "bits": lazy("bits"),
    "each": lazy("bits for each one"),
    "cap": lazy("bits at most"),
    "kin": lazy("bits within a family"),
    "from": lazy("counts from"),
    "usual": lazy("share among everybody"),
    "usual_late": lazy("share among everybody, later"),
    "suspect": lazy("share among brokers"),
    "seconds": lazy("seconds"),
    "limit": lazy("limit"),
    "late": lazy("bits for a later one"),
    "circles": lazy("groups from"),
    "families": lazy("families from"),
    "applicants": lazy("people from"),
    "common": lazy("share from which a surname is common"),
    "half_life": lazy("days until it weighs half"),
    "share": lazy("share from which it counts"),
}
SECTIONS: Mapping[str, Promise] = {
    "caps": lazy("Bits at most, by group"), "links": lazy("Links between accounts"), "windows": lazy("Days that count"),
    "threshold": lazy("Bits at which a case opens"),
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One difference: ``what`` it is about, ``about`` the sentence of its evidence, and both numbers as text."""

    what: str
    about: str
    old: str
    new: str
    stricter: bool | None


def meaning(path: Sequence[str]) -> str:
    """The number at ``path``, as its label."""
    section, *rest = path
    if section == "signals":
        return str(NUMBERS.get(rest[1], rest[1]))
    if section == "caps":
        return str(GROUPS.get(rest[0], rest[0]))
    return " ".join(rest).replace("_", " ") or str(SECTIONS[section])


def sentence(code: str) -> str:
    """What a person would read, with an ellipsis where numbers stand."""
    try:
        said = sentences(code)["en" if (get_language() or "es").startswith("en") else "es"]
    except KeyError:
        return ""
    return re.sub(r"\{\w+\}", "…", said)


def group_of(code: str) -> str:
    return GROUP_OF_LETTER.get(code[:1], "staff")


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Said]:
    """Every changed number, in words."""
    return [_said(change) for change in changes(old, new)]


def _said(change: Change) -> Said:
    section, *rest = change.path
    what = f"{rest[0]} · {meaning(change.path)}" if section == "signals" else meaning(change.path)
    if section in ("caps", "links", "windows"):
        what = f"{SECTIONS[section]}: {what}"
    about = sentence(rest[0]) if section == "signals" else ""
    return Said(what, about, _number(change.old), _number(change.new), _is_stricter(change))


def _is_stricter(change: Change) -> bool | None:
    """Whether more is suspected than before; None where it cannot be said of one number alone."""
    if change.old is None or change.new is None:
        return None
    up, name = change.new > change.old, change.path[-1]
    if change.path[0] == "threshold" or name in ("from", "limit", "usual", "usual_late"):
        return not up
    return up if name in ("bits", "each", "cap") or change.path[0] == "caps" else None


def _number(value: float | None) -> str:
    return _("none") if value is None else f"{value:g}"
