"""A person of the office releases what nobody confirmed; no task and no clock ever does."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from appointments.coming.answers import have_said
from appointments.coming.lists import Row
from appointments.coming.owed import REASON
from appointments.enums import Channel
from appointments.errors import BookingError
from appointments.models import Appointment, ComingHow, ComingKind, ComingNote
from appointments.services.cancel import cancel_appointments
from appointments.waiting.joining import bring_to_the_front
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

RELEASED_BY = "unanswered"


def release_rows(rows: Sequence[Row], *, by: User, now: datetime) -> list[Appointment]:
    """Each on its own: who says that they come, moves or cancels in this moment is left out. Returns the released."""
    return [row.appointment for row in rows if _release(row.appointment, by=by, now=now)]


def _release(one: Appointment, *, by: User, now: datetime) -> bool:
    """The claim locks the appointment; an answer that came before it is seen then, and takes all of this back."""
    try:
        with transaction.atomic():
            _cancel(one, by=by, now=now)
    except BookingError:
        return False
    return True


class _Answered(BookingError):
    code = "answered"


def _cancel(one: Appointment, *, by: User, now: datetime) -> None:
    cancel_appointments(
        account=one.account, appointment_ids=[one.pk], now=now, by=RELEASED_BY, channel=Channel.COUNTER, agent_id=by.pk
    )
    fresh = Appointment.objects.get(pk=one.pk)
    if fresh.cancelled_by != RELEASED_BY or fresh.starts_at != one.starts_at or have_said([fresh]):
        raise _Answered
    ComingNote.objects.create(
        appointment=fresh, starts_at=fresh.starts_at, kind=ComingKind.RELEASED, how=ComingHow.OFFICE, at=now, by=by
    )
    detail = {"appointment": str(one.pk)}
    record(actor=by, action="coming.release", target=one.account, now=now, office_id=one.consulate_id, detail=detail)
    bring_to_the_front(one.account, one.procedure_group, reason=REASON, by=by, now=now)
    publish(kind="coming.released", payload={"appointment": str(one.pk)}, now=now)
