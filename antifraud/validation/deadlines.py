"""What the clock does: remind once, and give back to a person what nobody answered. No answer cancels nothing."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from antifraud.models import Case, CaseState, IdentityRequest, RequestState, Standing
from antifraud.models.validation import STANDS, WAITING, AskedBy
from antifraud.validation.answers import locked, to_the_window
from antifraud.validation.clock import is_night
from antifraud.validation.returning import back_to_a_person, back_when_answered
from mexitel.outbox.services import publish

BY_MESSAGE = (AskedBy.SMS, AskedBy.MAIL)


def send_due_reminders(*, now: datetime) -> int:
    """One for each request, by day there; returns how many. Running twice, or at once, sends nothing twice."""
    due = IdentityRequest.objects.open(now=now).filter(remind_at__lte=now, reminded_at=None, asked_by__in=BY_MESSAGE)
    return _each(due, _remind, now=now)


def end_deadlines(*, now: datetime) -> int:
    """Whatever ran out, and whatever nobody needs any more; returns how many. May run twice."""
    over = Q(appointment__until__lte=now) | ~Q(appointment__status__in=STANDS)
    closed = Q(case__closed_at__isnull=False, state=RequestState.OPEN)
    done = IdentityRequest.objects.filter(Q(state=RequestState.OPEN, until__lte=now) | over | closed, state__in=WAITING)
    return _each(done, _end, now=now)


def return_answered(*, now: datetime) -> int:
    """Cases that wait for people of whom none is asked any more, whoever made them wait; returns how many."""
    asked = IdentityRequest.objects.filter(state=RequestState.OPEN).values("case")
    idle = Case.objects.filter(state=CaseState.ASKED).exclude(pk__in=asked)
    return sum(_return(key, now) for key in idle.order_by("pk").values_list("pk", flat=True))


def end_requests(case: Case) -> int:
    """For whoever closes a case: nobody is asked any more. What the window looks at stays on its list."""
    return IdentityRequest.objects.filter(case=case, state=RequestState.OPEN).update(state=RequestState.ENDED)


def _each(found, act: Callable[[IdentityRequest, datetime], bool], *, now: datetime) -> int:
    return sum(_one(key, act, now) for key in found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _return(case_id: int, now: datetime) -> bool:
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    back_when_answered(case, now=now)
    return case.state == CaseState.OPEN


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
    """The window is the default when nobody answered; a reviewer may decide otherwise, and may have done so already."""
    if request.state not in WAITING:
        return False
    if _is_moot(request, now):
        request.state = RequestState.ENDED
        request.save(update_fields=["state"])
        back_when_answered(request.case, now=now)
        return True
    if request.state != RequestState.OPEN or request.until > now:
        return False
    request.lapsed_at = now
    to_the_window(request, "no_answer", now=now)
    back_to_a_person(request.case, now=now)
    return True


def _is_moot(request: IdentityRequest, now: datetime) -> bool:
    """Nobody comes, the day is over, or a person decided: what the window looks at outlives its case."""
    appointment = request.appointment
    if appointment.status not in STANDS or appointment.until <= now:
        return True
    asked = request.case.appointments.filter(appointment=appointment, standing=Standing.ASKED)
    return request.state == RequestState.OPEN and (request.case.is_closed or not asked.exists())
