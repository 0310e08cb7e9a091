"""Pure: one piece of evidence, and the arithmetic that the groups share."""

import math
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
