"""Agents call whoever takes no message: one agent at a time, three calls, never at night."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from antifraud.models import IdentityRequest
from antifraud.models.validation import AskedBy
from antifraud.validation.answers import locked, to_the_window
from antifraud.validation.clock import is_night
from antifraud.validation.errors import NightThere, NotInHand, Over
from antifraud.validation.returning import back_when_answered
from mexitel.accounts.models import User
from mexitel.audit.services import record

TAKEN_FOR = timedelta(minutes=20)
AGAIN_AFTER = timedelta(hours=3)
MOST_CALLS = 3
BY_PHONE = (AskedBy.CALL, AskedBy.SMS)


@transaction.atomic
def take_call(*, request_id: UUID, by: User, now: datetime) -> IdentityRequest:
    """The call is this agent's for 20 minutes, and the number is shown. One statement, so that of two one has it.

    Raises Over (also where we have no number), NotInHand (a colleague's) or NightThere.
    """
    request = IdentityRequest.objects.select_related("case", "appointment__session").get(pk=request_id)
    if not request.is_open(now=now) or request.asked_by not in BY_PHONE:
        raise Over
    if is_night(now, request.appointment.session.time_zone):
        raise NightThere
    free = Q(taken_by=None) | Q(taken_until__lte=now) | Q(taken_by=by)
    mine = IdentityRequest.objects.open(now=now).filter(free, pk=request_id)
    if not mine.update(taken_by=by, taken_until=now + TAKEN_FOR):
        raise NotInHand
    record(actor=by, action="validation.number", target=request, now=now)
    return request


@transaction.atomic
def nobody_answered(*, request_id: UUID, by: User, now: datetime) -> int:
    """Called in vain: again after three hours; after the third time it is left to the window, and a reviewer sees it.

    Returns how many calls there were. Raises Over or NotInHand.
    """
    request = locked(request_id)
    if not request.is_open(now=now):
        raise Over
    if not request.is_with(by.pk, now=now):
        raise NotInHand
    request.calls += 1
    request.call_after, request.taken_by, request.taken_until = now + AGAIN_AFTER, None, None
    request.save(update_fields=["calls", "call_after", "taken_by", "taken_until"])
    record(actor=by, action="validation.no_answer", target=request, now=now, detail={"calls": request.calls})
    if request.calls >= MOST_CALLS:
        to_the_window(request, "not_reached", now=now, by=by)
        back_when_answered(request.case, now=now)
    return request.calls
