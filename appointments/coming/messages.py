"""What whoever did not answer is told when their place was released: kindly, and with the way back."""

from datetime import datetime

from appointments.coming.releasing import RELEASED_BY
from appointments.links import public_url
from appointments.notifications.handlers import load, tell


def released(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"appointment"}"""
    found = [one for one in load([payload["appointment"]]) if one.cancelled_by == RELEASED_BY and one.starts_at > now]
    for one in found:
        tell(
            "coming.released", [one], about=[str(one.pk)], now=now, with_calendar=True,
            way_back=public_url("coming_back", one.pk),
        )  # fmt: skip
