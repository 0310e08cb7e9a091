"""Pure: one piece of evidence, and the arithmetic that the groups share."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class Contribution(NamedTuple):
    """Bits for (above zero) or against the suspicion; ``evidence`` fills the placeholders of the code's sentences."""

    code: str
    points: float
    evidence: tuple[tuple[str, float | str], ...] = ()


def contribution(code: str, points: float, **evidence: float | str) -> Contribution:
    return Contribution(code, points, tuple(evidence.items()))


def lift(hits: int, tries: int, *, usual: float, suspect: float) -> float:
    """How many bits ``hits`` of ``tries`` speak for somebody who shows it at the rate ``suspect`` and not ``usual``.

    The log-likelihood ratio, base 2, of two binomials: a few hits among many tries speak against. Rates in (0, 1).
    """
    if usual >= suspect:
        return 0.0
    return hits * math.log2(suspect / usual) + (tries - hits) * math.log2((1 - suspect) / (1 - usual))


def up_to_power(share: float) -> float:
    """``share`` rounded up to a power of two, so that a single booking more or less changes no score."""
    power = 1.0
    while power / 2 >= share and power > 1 / 1024:
        power /= 2
    return power if share else 0.0


def custom(rule: Mapping[str, float], share: float, name: str = "usual") -> float:
    """How often people do a thing: as the history shows, never below the rule's ``least``; the rule's own guess before.

    ``share`` is that of people tied to nobody, 0 while too few are known.
    """
    return max(rule.get(f"{name}_least", rule[name]), share) if share else rule[name]
