"""Rule sets: every weight, threshold, cap and window of the engine, as immutable numbered data.

A published set never changes: a change is a new number, so that any past score can be computed again, bit for bit.
Points are multiples of an eighth of a bit, which binary fractions hold exactly: sums are exact in any order.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

FOLDER = Path(__file__).parent / "data"
EIGHTH = 0.125


class UnknownRuleSet(LookupError):
    """No rule set of that number has been published."""


class UnsoundRuleSet(ValueError):
    """The data cannot be a rule set; the text says where."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """``signals``: per code its numbers; ``caps``: bits at most per evidence group; ``links``: weights of edges;
    ``windows``: days that a fact counts; ``threshold``: bits at which a case opens.
    """

    number: int
    threshold: float
    caps: Mapping[str, float]
    signals: Mapping[str, Mapping[str, float]]
    links: Mapping[str, float]
    windows: Mapping[str, float]

    def __getitem__(self, code: str) -> Mapping[str, float]:
        return self.signals[code]


def from_data(data: Mapping[str, Any]) -> RuleSet:
    """The rule set in decoded JSON. Raises UnsoundRuleSet when a part lacks or a cap is not in eighths of a bit."""
    try:
        rules = RuleSet(
            number=int(data["number"]),
            threshold=float(data["threshold"]),
            caps=MappingProxyType(dict(data["caps"])),
            signals=MappingProxyType({code: MappingProxyType(dict(part)) for code, part in data["signals"].items()}),
            links=MappingProxyType(dict(data["links"])),
            windows=MappingProxyType(dict(data["windows"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnsoundRuleSet(f"{type(error).__name__}: {error}") from error
    for name, bits in [("threshold", rules.threshold), *rules.caps.items()]:
        if bits % EIGHTH:
            raise UnsoundRuleSet(f"{name} is not in eighths of a bit")
    return rules


class Published(Protocol):
    """The table in which a portal publishes its own sets (antifraud/oversight/published.py)."""

    def by_number(self, number: int) -> RuleSet | None: ...

    def in_force(self, now: datetime) -> RuleSet | None: ...


_tables: list[Published] = []


def read_also(table: Published) -> None:
    """From now on ``ruleset`` and ``in_force`` ask ``table`` too."""
    _tables[:] = [table]


def newest() -> int:
    """The number of the last rule set that came with the code. Which one a portal judges by is people's decision."""
    return max(int(path.stem.removeprefix("ruleset-")) for path in FOLDER.glob("ruleset-*.json"))


def ruleset(number: int) -> RuleSet:
    """The published rule set of that number, from its file, else from the portal's table. Raises UnknownRuleSet."""
    rules = _from_file(number) or next((found for table in _tables if (found := table.by_number(number))), None)
    if rules is None:
        raise UnknownRuleSet(number)
    return rules


def in_force(now: datetime) -> RuleSet:
    """The rule set by which the live side judges at ``now``; one that came with the code is read from its file."""
    found = next((found for table in _tables if (found := table.in_force(now))), None)
    return ruleset(found.number if found else 1)


@cache
def _from_file(number: int) -> RuleSet | None:
    try:
        return from_data(json.loads((FOLDER / f"ruleset-{number}.json").read_text()))
    except OSError:
        return None
