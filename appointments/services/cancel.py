from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from appointments.enums import Channel
from appointments.errors import raise_for
from appointments.services.hold import IdempotencyKey, ask, request_for
from mexitel.accounts.models import User
from mexitel.audit.services import record


def cancel_appointments(
    *,
    account: User,
    appointment_ids: Sequence[UUID],
    now: datetime,
    by: str = "booker",
    channel: str = Channel.WEB,
    key: IdempotencyKey | None = None,
    agent_id: int | None = None,
    call_reference: str = "",
) -> None:
    """Cancel all of them or none; their permits are free at once, their seats after the rest of DESIGN 4.8.

    ``agent_id`` is the member of staff who does it for the account, in the call ``call_reference``. Cancelling what is
    cancelled changes nothing. Raises UnknownAppointment or NotCancellable (it has begun).
    """
    ids = list(appointment_ids)
    request = request_for(
        account,
        "cancel",
        channel=channel,
        key=key,
        appointments=ids,
        by=by,
        agent=agent_id,
        call_reference=call_reference,
    )
    with transaction.atomic():
        answer = ask(request, key=key, now=now)
        if answer.ok and agent_id is not None:
            detail = {"call": call_reference, "appointments": [str(pk) for pk in ids]}
            record(actor=User(pk=agent_id), action="appointment.cancel", target=account, now=now, detail=detail)
    raise_for(answer)
