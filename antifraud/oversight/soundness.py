"""Pure: a rule set as canonical data, what makes it unsound, and how two differ, number by number."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from antifraud.evidence import GROUPS
from antifraud.evidence.contribution import Contribution
from antifraud.facts import Facts
from antifraud.rulesets import EIGHTH, UnsoundRuleSet, from_data

SHARES = frozenset({"usual", "usual_late", "suspect", "share"})  # between 0 and 1, both left out but for ``share``
GROUP_OF_LETTER = {
    "A": "contact", "B": "device", "C": "pace", "D": "inventory", "E": "applicants", "F": "outcome", "G": "staff",
    "X": "person",
}  # fmt: skip


class Place(NamedTuple):
    """Where a number stands: ("signals", "A1", "each"), ("caps", "pace"), ("threshold",)."""

    path: tuple[str, ...]
    value: float


class Change(NamedTuple):
    path: tuple[str, ...]
    old: float | None
    new: float | None


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the data, the same however it is spaced, ordered or its whole numbers are written."""
    text = json.dumps(_plain(data), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def places(data: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[Place]:
    """Every number but the rule set's own, in the order of the data."""
    for key, value in data.items():
        path = (*before, key)
        if isinstance(value, Mapping):
            yield from places(value, path)
        elif path != ("number",):
            yield Place(path, value)


def with_value(data: dict[str, Any], path: tuple[str, ...], value: float) -> None:
    """Write ``value`` at ``path`` of ``data``; a whole number as such."""
    *folders, name = path
    for folder in folders:
        data = data[folder]
    data[name] = _plain(float(value))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What is different, in the order of ``new``; what is gone comes last."""
    was, now = dict(places(old)), dict(places(new))
    found = [Change(path, was.get(path), value) for path, value in now.items() if was.get(path) != value]
    return found + [Change(path, value, None) for path, value in was.items() if path not in now]


def check(data: Mapping[str, Any]) -> None:
    """Raises UnsoundRuleSet, saying where: a share outside its range, evidence that would speak the wrong way, a cap
    that is not in eighths of a bit, or numbers with which some facts cannot be scored.
    """
    for path, value in places(data):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise UnsoundRuleSet(_("%(name)s is not a number") % {"name": name_of(path)})
        if path[0] == "signals":
            _check_signal(path, value)
        elif value < 0:
            raise UnsoundRuleSet(_("%(name)s is below zero") % {"name": name_of(path)})
        elif path[0] in ("caps", "threshold") and value % EIGHTH:
            raise UnsoundRuleSet(_("%(name)s is not in eighths of a bit (0.125)") % {"name": name_of(path)})
    rules = from_data(data)
    if rules.threshold <= 0:
        raise UnsoundRuleSet(_("%(name)s is not above zero") % {"name": "threshold"})
    try:
        for facts in _hard_facts():
            _try(facts, rules)
    except (ArithmeticError, ValueError, LookupError, TypeError) as error:
        raise UnsoundRuleSet(_("it cannot score (%(why)s)") % {"why": error}) from error


def _check_signal(path: tuple[str, ...], value: float) -> None:
    code, name = path[1], path[2]
    if name in SHARES and not (0 < value < 1 or (name == "share" and value == 1)):
        raise UnsoundRuleSet(_("%(name)s is not a share between 0 and 1") % {"name": name_of(path)})
    if name == "half_life" and value <= 0:
        raise UnsoundRuleSet(_("%(name)s is not above zero") % {"name": name_of(path)})
    if code.startswith("X") and name == "bits":
        if value > 0:
            said = _("%(name)s speaks for the person and cannot be above zero")
            raise UnsoundRuleSet(said % {"name": name_of(path)})
    elif value < 0:
        raise UnsoundRuleSet(_("%(name)s is below zero") % {"name": name_of(path)})


def _hard_facts() -> Iterator[Facts]:
    """Nothing at all, one of everything, and very much of everything."""
    for size in (0, 1, 400):
        values: dict[str, Any] = {
            one.name: bool(size) if one.type in (bool, "bool") else size
            for one in fields(Facts)
            if not one.name.startswith("usual")
        }
        yield Facts(**values)


def _try(facts: Facts, rules: Any) -> list[Contribution]:
    return [one for module in GROUPS.values() for one in module(facts, rules)]


def name_of(path: tuple[str, ...]) -> str:
    return ".".join(path)
