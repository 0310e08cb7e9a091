"""How hot a release is: holds asked for at one office within a minute. Counted in Redis; without it nothing is hot."""

from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache

from consulates.models import Slot

WINDOW_SECONDS = 60


@lru_cache(maxsize=50_000)
def _office_of(slot_id: int) -> int:
    """A slot never changes its office, so each process asks once. Raises Slot.DoesNotExist, which is not remembered."""
    return Slot.objects.values_list("consulate_id", flat=True).get(pk=slot_id)


class Heat(StrEnum):
    """By ``settings.HOLD_HEAT``: in a warm release a new device works a little, in a hot one every device."""

    COOL = "cool"
    WARM = "warm"
    HOT = "hot"


def heat_at(slot_id: int) -> Heat:
    """Count this attempt at the slot's office. Cool where no limits are set, and while Redis is away."""
    if not settings.HOLD_HEAT:
        return Heat.COOL
    warm, hot = settings.HOLD_HEAT
    asked = _count(slot_id)
    return Heat.HOT if asked > hot else Heat.WARM if asked > warm else Heat.COOL


def _count(slot_id: int) -> int:
    try:
        key = f"heat:{_office_of(slot_id)}"
    except Slot.DoesNotExist:
        return 0
    try:
        return cache.incr(key)
    except ValueError:  # the first of its minute, or Redis is away
        return int(cache.add(key, 1, WINDOW_SECONDS))
