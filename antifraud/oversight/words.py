"""Rule sets in plain words: what each number of one means, and what differs between two."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from antifraud.evidence import sentences
from antifraud.oversight.soundness import GROUP_OF_LETTER, Change, changes, places

GROUPS: Mapping[str, Promise] = {
    "contact": gettext_lazy("Contact"),
    "device": gettext_lazy("Device and network"),
    "pace": gettext_lazy("Pace"),
    "inventory": gettext_lazy("What is done to the places"),
    "applicants": gettext_lazy("Who attends"),
    "outcome": gettext_lazy("What came of it"),
    "staff": gettext_lazy("By telephone and at the window"),
    "person": gettext_lazy("What speaks for the person"),
}
NUMBERS: Mapping[str, Promise] = {
    "bits": gettext_lazy("bits"),
    "each": gettext_lazy("bits for each one"),
    "cap": gettext_lazy("bits at most"),
    "kin": gettext_lazy("bits within a family"),
    "from": gettext_lazy("counts from"),
    "usual": gettext_lazy("share among everybody"),
    "usual_late": gettext_lazy("share among everybody, later"),
    "suspect": gettext_lazy("share among brokers"),
    "seconds": gettext_lazy("seconds"),
    "limit": gettext_lazy("limit"),
    "late": gettext_lazy("bits for a later one"),
    "circles": gettext_lazy("groups from"),
    "families": gettext_lazy("families from"),
    "applicants": gettext_lazy("people from"),
    "common": gettext_lazy("share from which a surname is common"),
    "half_life": gettext_lazy("days until it weighs half"),
    "share": gettext_lazy("share from which it counts"),
}
SECTIONS: Mapping[str, Promise] = {
    "caps": gettext_lazy("Bits at most, by group"),
    "links": gettext_lazy("Links between accounts"),
    "windows": gettext_lazy("Days that count"),
    "threshold": gettext_lazy("Bits at which a case opens"),
}


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


Path = tuple[str, ...]


def in_groups(paths: Iterable[Path]) -> Iterator[tuple[str, list[tuple[str, str, list[Path]]]]]:
    """The numbers of a rule set in reading order: each group's title, with its codes, what each says and where its
    numbers stand. What has no code stands under an empty one.
    """
    codes: dict[str, list[Path]] = {}
    rest: dict[str, list[Path]] = {}
    for path in paths:
        where = codes.setdefault(path[1], []) if path[0] == "signals" else rest.setdefault(path[0], [])
        where.append(path)
    for section in ("threshold", "caps"):
        yield str(SECTIONS[section]), [("", "", rest[section])]
    for group, title in GROUPS.items():
        yield str(title), [(code, sentence(code), own) for code, own in codes.items() if group_of(code) == group]
    for section in ("links", "windows"):
        yield str(SECTIONS[section]), [("", "", rest[section])]


def weights(data: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str, list[tuple[str, str]]]]]]:
    """The same with each number's label and value, to be read."""
    values = dict(places(data))
    return [
        (title, [(code, said, [(meaning(path), _number(values[path])) for path in own]) for code, said, own in codes])
        for title, codes in in_groups(values)
    ]


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
