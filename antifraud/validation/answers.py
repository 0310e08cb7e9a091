"""What somebody answers: behind the link, or to an agent who calls. Each answer is given once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from antifraud.models import Case, IdentityRequest, RequestState, Standing
from antifraud.models.validation import MOST_TRIES, MOST_TRIES_IN_ALL, AskedBy
from antifraud.validation.errors import NotInHand, Over, TooManyTries, WrongData
from antifraud.validation.people import Told, knows, principal_of
from antifraud.validation.reports import hand_over
from antifraud.validation.returning import (
    URGENT,
    back_to_a_person,
    back_when_answered,
    set_standing,
    tell,
)
from mexitel.accounts.models import User
from mexitel.audit.services import record


@dataclass(frozen=True)
class Charge:
    """What somebody says of a charge, if they want: "yes", "no" or nothing, how many dollars, and how."""

    said: str = ""
    dollars: int | None = None
    how: str = ""


NOT_SAID = Charge()


def say_yes(
    *, request_id: UUID, told: Told, now: datetime, charge: Charge = NOT_SAID, by: User | None = None
) -> IdentityRequest:
    """The person asked for the appointment, and knows the data of who attends. ``by`` is the agent who heard it.

    Raises Over, NotInHand, WrongData (counted: five behind the link, ten in all), or TooManyTries.
    """
    most = MOST_TRIES if by is None else MOST_TRIES_IN_ALL
    with transaction.atomic():
        request = _answerable(request_id, by=by, now=now)
        if request.tries >= most:
            raise TooManyTries
        right = knows(told, principal_of(request.appointment_id))
        if right:
            request.identified = True
            _settle(request, RequestState.CONFIRMED, charge, by=by, now=now)
        else:
            request.tries += 1
            request.save(update_fields=["tries"])
    if right:
        return request
    if request.tries >= most:
        raise TooManyTries
    raise WrongData(most - request.tries)


@transaction.atomic
def say_no(
    *, request_id: UUID, now: datetime, told: Told | None = None, charge: Charge = NOT_SAID, by: User | None = None
) -> IdentityRequest:
    """They did not ask for it: an urgent matter for a person; the appointment stands until one decides.

    The data are not needed, since a wrong number has none to give; whether they were right is kept. Raises Over or
    NotInHand.
    """
    request = _answerable(request_id, by=by, now=now)
    request.identified = told is not None and knows(told, principal_of(request.appointment_id))
    _settle(request, RequestState.DENIED, charge, by=by, now=now)
    return request


@transaction.atomic
def choose_call(*, request_id: UUID, now: datetime) -> None:
    """The person would rather be called, at the number that we wrote to. Raises Over, also for an e-mail."""
    request = _answerable(request_id, by=None, now=now)
    if request.asked_by != AskedBy.SMS:
        raise Over
    request.asked_by = AskedBy.CALL
    request.save(update_fields=["asked_by"])
    tell(request.case, "chose_call", now=now, appointment=str(request.appointment_id))


@transaction.atomic
def choose_window(*, request_id: UUID, now: datetime, by: User | None = None, why: str = "chose_window") -> None:
    """The person shows ID on the day, or the agent found nobody at the number. Raises Over or NotInHand."""
    request = _answerable(request_id, by=by, now=now)
    to_the_window(request, why, by=by, now=now)
    back_when_answered(request.case, now=now)
    if by is not None:
        record(actor=by, action="validation.window", target=request, now=now, detail={"why": why})


def to_the_window(request: IdentityRequest, why: str, *, now: datetime, by: User | None = None) -> None:
    """The caller has locked the case and the request."""
    request.state, request.asked_by = RequestState.WINDOW, AskedBy.WINDOW
    request.taken_by = request.taken_until = None
    request.save(update_fields=["state", "asked_by", "taken_by", "taken_until", "lapsed_at"])
    set_standing(request.case, request.appointment_id, Standing.WINDOW)
    tell(request.case, why, now=now, actor=by, appointment=str(request.appointment_id))


def locked(request_id: UUID) -> IdentityRequest:
    """The request with its appointment and its case, to oneself: case first, as everywhere here."""
    case_id = IdentityRequest.objects.values_list("case_id", flat=True).get(pk=request_id)
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    found = IdentityRequest.objects.select_for_update(of=("self",), no_key=True)
    request = found.select_related("appointment__session").get(pk=request_id)
    request.case = case
    return request


def _answerable(request_id: UUID, *, by: User | None, now: datetime) -> IdentityRequest:
    request = locked(request_id)
    if not request.is_open(now=now):
        raise Over
    if by is not None and not request.is_with(by.pk, now=now):
        raise NotInHand
    return request


def _settle(request: IdentityRequest, state: RequestState, charge: Charge, *, by: User | None, now: datetime) -> None:
    request.state, request.answered_at, request.answered_to = state, now, by
    request.charged, request.charged_dollars, request.charged_how = charge.said, charge.dollars, charge.how
    request.taken_by = request.taken_until = None
    request.save()
    denied = state == RequestState.DENIED
    set_standing(request.case, request.appointment_id, Standing.WINDOW if denied else Standing.VALIDATED)
    tell(
        request.case, state.value, now=now, actor=by, appointment=str(request.appointment_id),
        asked_by=request.asked_by, identified=request.identified, urgent=denied,
    )  # fmt: skip
    if by is not None:
        record(actor=by, action="validation.answer", target=request, now=now, detail={"answer": state.value})
    hand_over(request, now=now)
    if denied:
        back_to_a_person(request.case, now=now, within=URGENT)
    back_when_answered(request.case, now=now)
