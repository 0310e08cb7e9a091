"""Facts about releases that whoever stands in a queue must hear of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from appointments.queueing.telling import tell_joined
from consulates.signals import release_cancelled


@receiver(release_cancelled)
def tell_everybody_who_joined(*, release_id: int, at: datetime, **kwargs: Any) -> None:
    """A process that dies before this loses nothing: the task compares (appointments/queueing/tending.py)."""
    tell_joined(release_id, now=at)
