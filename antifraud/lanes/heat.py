"""How hot a release is: holds asked for at one office within a minute. Counted in Redis; without it nothing is hot."""

from functools import lru_cache

from django.core.cache import cache

from consulates.models import Slot

WINDOW_SECONDS = 60
# Holds a minute at one office: from here a device that was never seen works a little, and from there every device.
WARM, HOT = 30, 90


@lru_cache(maxsize=50_000)
def _office_of(slot_id: int) -> int:
    """A slot never changes its office, so each process asks once. Raises Slot.DoesNotExist, which is not remembered."""
    return Slot.objects.values_list("consulate_id", flat=True).get(pk=slot_id)


def heat_at(slot_id: int) -> int:
    """Count this attempt, and say how many there were at its office within the minute. 0 while Redis is away."""
    try:
        key = f"heat:{_office_of(slot_id)}"
    except Slot.DoesNotExist:
        return 0
    try:
        return cache.incr(key)
    except ValueError:  # the first of its minute, or Redis is away
        return int(cache.add(key, 1, WINDOW_SECONDS))
