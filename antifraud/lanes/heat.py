"""How hot a release is: holds asked for at one office within a minute. Counted in Redis; without it nothing is hot.

Each process tells Redis at most once a second for each office, so that a crowd pays nothing for being counted.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from time import monotonic

from django.conf import settings
from django.core.cache import cache

from consulates.models import Slot

WINDOW_SECONDS = 60
TELL_EVERY_SECONDS = 1.0


class Heat(StrEnum):
    """By ``settings.HOLD_HEAT``: in a warm release a new device works a little, in a hot one every device."""

    COOL = "cool"
    WARM = "warm"
    HOT = "hot"


@dataclass
class Told:
    """What this process knows of an office: ``known`` as of ``at`` (None: Redis is away), and its own since then."""

    at: float = -TELL_EVERY_SECONDS
    known: int | None = 0
    since: int = 0


_told: dict[int, Told] = {}
_lock = threading.Lock()


def heat_at(slot_id: int) -> Heat:
    """Count this attempt at the slot's office. Cool where no limits are set, and while Redis is away."""
    if not settings.HOLD_HEAT:
        return Heat.COOL
    warm, hot = settings.HOLD_HEAT
    try:
        asked = _count(_office_of(slot_id))
    except Slot.DoesNotExist:
        return Heat.COOL
    return Heat.HOT if asked > hot else Heat.WARM if asked > warm else Heat.COOL


@lru_cache(maxsize=50_000)
def _office_of(slot_id: int) -> int:
    """A slot never changes its office, so each process asks once. Raises Slot.DoesNotExist, which is not remembered."""
    return Slot.objects.values_list("consulate_id", flat=True).get(pk=slot_id)


def _count(office_id: int) -> int:
    with _lock:
        told = _told.setdefault(office_id, Told())
        told.since += 1
        if monotonic() - told.at < TELL_EVERY_SECONDS:
            return 0 if told.known is None else told.known + told.since
        added, told.since, told.at = told.since, 0, monotonic()
    told.known = _add(f"heat:{office_id}", added)
    return told.known or 0


def _add(key: str, number: int) -> int | None:
    """The count of the last minute with ``number`` more; None while Redis is away."""
    try:
        return cache.incr(key, number)
    except ValueError:  # the first of its minute, or Redis is away
        return number if cache.add(key, number, WINDOW_SECONDS) else None
