"""What the clock does: remind once, and give back to a person what nobody answered. No answer cancels nothing."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from antifraud.models import Case, IdentityRequest, RequestState
from antifraud.models.validation import WAITING, AskedBy
from antifraud.validation.answers import locked, to_the_window
from antifraud.validation.clock import is_night
from antifraud.validation.returning import back_to_a_person, back_when_answered
from appointments.enums import AppointmentStatus
from mexitel.outbox.services import publish

BY_MESSAGE = (AskedBy.SMS, AskedBy.MAIL)


def send_due_reminders(*, now: datetime) -> int:
    """One for each request, by day there; returns how many. Running twice, or at once, sends nothing twice."""
    due = IdentityRequest.objects.open(now=now).filter(
        remind_at__lte=now, reminded_at=None, asked_by__in=BY_MESSAGE, tries=0
    )
    return _each(due, _remind, now=now)


def end_deadlines(*, now: datetime) -> int:
    """Whatever ran out, and whatever nobody needs any more; returns how many. May run twice."""
    over = Q(appointment__until__lte=now) | ~Q(appointment__status=AppointmentStatus.BOOKED)
    closed = Q(case__closed_at__isnull=False, state=RequestState.OPEN)
    done = IdentityRequest.objects.filter(Q(state=RequestState.OPEN, until__lte=now) | over | closed, state__in=WAITING)
    return _each(done, _end, now=now)


def end_requests(case: Case) -> int:
    """For whoever closes a case: nobody is asked any more. What the window looks at stays on its list."""
    return IdentityRequest.objects.filter(case=case, state=RequestState.OPEN).update(state=RequestState.ENDED)


def _each(found, act: Callable[[IdentityRequest, datetime], bool], *, now: datetime) -> int:
    return sum(_one(key, act, now) for key in found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _one(key: UUID, act: Callable[[IdentityRequest, datetime], bool], now: datetime) -> bool:
    return act(locked(key), now)


def _remind(request: IdentityRequest, now: datetime) -> bool:
    """A late run at night waits for the morning."""
    due = request.is_open(now=now) and request.reminded_at is None and request.remind_at is not None
    if not due or is_night(now, request.appointment.session.time_zone):
        return False
    request.reminded_at = now
    request.save(update_fields=["reminded_at"])
    publish(kind="validation.reminder", payload={"request": str(request.pk)}, now=now)
    return True


def _end(request: IdentityRequest, now: datetime) -> bool:
    """The window is the default when nobody answered; a reviewer may decide otherwise."""
    appointment, case = request.appointment, request.case
    if request.state not in WAITING:
        return False
    if appointment.status != AppointmentStatus.BOOKED or appointment.until <= now or case.is_closed:
        request.state = RequestState.ENDED
        request.save(update_fields=["state"])
        back_when_answered(case, now=now)
        return True
    if request.state == RequestState.OPEN and request.until <= now:
        request.lapsed_at = now
        to_the_window(request, "no_answer", now=now)
        back_to_a_person(case, now=now)
        return True
    return False
