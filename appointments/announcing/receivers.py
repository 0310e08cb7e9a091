"""Facts about releases that whoever asked must hear of. The task compares, so that a lost signal is made good."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from appointments.announcing import telling
from consulates.signals import release_announced, release_cancelled


@receiver([release_announced, release_cancelled])
def tell_who_asked(*, release_id: int, at: datetime, **kwargs: Any) -> None:
    telling.tend(now=at, release_id=release_id)
