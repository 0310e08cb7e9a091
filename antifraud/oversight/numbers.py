"""Pure: the few formulas behind the figures."""

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

FEW = 20  # below this many a share tells nothing
SMALL = 5  # a public number below this could point at somebody
Z = 1.959964  # 95 %


class Share(NamedTuple):
    """``hits`` of ``of``, with the 95 % interval of Wilson; all 0 to 1. ``tells`` when there are enough."""

    hits: int
    of: int

    @property
    def tells(self) -> bool:
        return self.of >= FEW

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.of)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share; the whole range when nothing was tried."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


class Recall(NamedTuple):
    """What share of brokers' appointments stood in a case, with its 95 % interval; from the missed ones of a sample."""

    value: float
    low: float
    high: float


def recall(found: int, missed: Share, unflagged: int) -> Recall | None:
    """``found`` of brokers stood in cases; ``missed`` is the share of brokers' in a sample of ``unflagged``. None when
    there are too few to tell, or no broker at all.
    """
    if not missed.tells or not (found or missed.hits):
        return None
    low, high = missed.interval
    value, best, worst = (found / (found + share * unflagged) if found else 0.0 for share in (missed.value, low, high))
    return Recall(value, worst, best)


def robust_z(value: float, peers: Sequence[float], *, floor: float) -> float:
    """How far ``value`` stands from the median of ``peers``, in robust standard deviations (1.4826 MAD, at least
    ``floor``): a few who stand out do not hide each other.
    """
    middle = median(peers)
    spread = 1.4826 * median(abs(one - middle) for one in peers)
    return (value - middle) / max(spread, floor)


def shown(count: int) -> int | None:
    """A number for everybody: None where it is so small that it could point at somebody. Nothing at all is told."""
    return count if count == 0 or count >= SMALL else None
