from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from appointments.enums import Channel
from appointments.errors import raise_for
from appointments.services.hold import IdempotencyKey, ask, request_for
from mexitel.accounts.models import User


def cancel_appointments(
    *,
    account: User,
    appointment_ids: Sequence[UUID],
    now: datetime,
    by: str = "booker",
    channel: str = Channel.WEB,
    key: IdempotencyKey | None = None,
) -> None:
    """Cancel all of them or none; their permits are free at once, their seats after the rest of DESIGN 4.8.

    Cancelling what is cancelled changes nothing. Raises UnknownAppointment or NotCancellable (it has begun).
    """
    request = request_for(account, "cancel", channel=channel, key=key, appointments=list(appointment_ids), by=by)
    raise_for(ask(request, key=key, now=now))
