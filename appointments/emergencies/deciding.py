"""What the officer does: take a request, give it back, say yes, ask for a second signature, or say no with a why."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from appointments.emergencies.asking import locked, log_event
from appointments.emergencies.errors import AnsweredAlready, NotYours, SameSigner
from appointments.emergencies.grants import Signatures, give_seats, locked_rule, seats_granted
from appointments.emergencies.people import people_of, still_saved
from appointments.models import Appointment, EmergencyRequest, EmergencyStatus
from appointments.models.emergency import WAITING
from consulates.models import Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

TAKEN_FOR = timedelta(minutes=45)
ORIGIN = "emergency"


@transaction.atomic
def take_request(*, request_id: UUID, officer: User, now: datetime) -> None:
    """The request is this officer's for 45 minutes, judged when read; taking it again begins them anew. One statement,
    so that of two officers one has it. Raises NotYours.
    """
    free = Q(taken_by=None) | Q(taken_until__lte=now) | Q(taken_by=officer)
    taken = EmergencyRequest.objects.filter(free, pk=request_id, status=EmergencyStatus.OPEN).update(
        taken_by=officer, taken_until=now + TAKEN_FOR, updated_at=now
    )
    if not taken:
        raise NotYours
    office = EmergencyRequest.objects.values_list("consulate_id", flat=True).get(pk=request_id)
    record(actor=officer, action="emergency.take", target=_target(request_id), now=now, office_id=office)


@transaction.atomic
def leave_request(*, request_id: UUID, officer: User, now: datetime) -> None:
    """Another officer may take it at once. Nothing happens when it is not this officer's."""
    mine = EmergencyRequest.objects.filter(pk=request_id, status=EmergencyStatus.OPEN, taken_by=officer)
    if mine.update(taken_by=None, taken_until=None, updated_at=now):
        record(actor=officer, action="emergency.leave", target=_target(request_id), now=now)


def is_deciding(request: EmergencyRequest, officer: User, *, now: datetime) -> bool:
    """Whether words, names and proof are shown to this officer."""
    mine = request.taken_by_id == officer.pk and request.taken_until is not None and request.taken_until > now
    return mine and request.status == EmergencyStatus.OPEN


@transaction.atomic
def grant_request(
    *, request_id: UUID, slot: Slot, pool: str, officer: User, reason: str, answer: str, now: datetime
) -> EmergencyRequest:
    """Yes: the people have their appointments at ``slot``, on seats of ``pool``. When the office's daily number is used
    up, nothing is given and the request waits for a second person (its status then is ``to_sign``).

    Raises NotYours, AnsweredAlready, or a BookingError that leaves all as it was.
    """
    request = _decidable(request_id, officer, now=now)
    rule = locked_rule(request.consulate)
    if seats_granted(request.consulate, now=now) + request.seats > rule.daily_grants:
        request.status = EmergencyStatus.TO_SIGN
        request.proposal = {"slot": slot.pk, "pool": pool, "reason": reason}
        request.proposed_by, request.answer, request.updated_at = officer, answer, now
        request.save()
        record(
            actor=officer,
            action="emergency.propose",
            target=request,
            now=now,
            office_id=request.consulate_id,
            reason=reason,
        )
        return request
    request.answer = answer
    return _give(request, slot, pool, Signatures(officer, reason), now=now)


@transaction.atomic
def countersign(*, request_id: UUID, slot: Slot, pool: str, signer: User, now: datetime) -> EmergencyRequest:
    """The second signature: another person gives the seat that a colleague proposed, at the same or another time.

    Raises AnsweredAlready, SameSigner or a BookingError.
    """
    request = locked(request_id)
    if request.status != EmergencyStatus.TO_SIGN or request.proposed_by is None:
        raise AnsweredAlready
    if request.proposed_by == signer:
        raise SameSigner
    signatures = Signatures(request.proposed_by, (request.proposal or {})["reason"], countersigned_by=signer)
    record(actor=signer, action="emergency.sign", target=request, now=now, office_id=request.consulate_id)
    return _give(request, slot, pool, signatures, now=now)


@transaction.atomic
def do_not_sign(*, request_id: UUID, signer: User, reason: str, now: datetime) -> None:
    """Back to the officers, without an owner. Raises AnsweredAlready or SameSigner."""
    request = locked(request_id)
    if request.status != EmergencyStatus.TO_SIGN:
        raise AnsweredAlready
    if request.proposed_by == signer:
        raise SameSigner
    request.status, request.updated_at = EmergencyStatus.OPEN, now
    request.proposal = request.proposed_by = request.taken_by = request.taken_until = None
    request.answer = ""
    request.save()
    record(
        actor=signer,
        action="emergency.not_signed",
        target=request,
        now=now,
        office_id=request.consulate_id,
        reason=reason,
    )


@transaction.atomic
def refuse_request(*, request_id: UUID, officer: User, why: str, answer: str, now: datetime) -> EmergencyRequest:
    """No, with a why of the list and the officer's own words to the person. Raises NotYours or AnsweredAlready."""
    request = _decidable(request_id, officer, now=now)
    request.why, request.answer = why, answer
    _close(request, EmergencyStatus.REFUSED, officer, now=now)
    record(
        actor=officer,
        action="emergency.refuse",
        target=request,
        now=now,
        office_id=request.consulate_id,
        detail={"why": why},
    )
    publish(kind="appointment.emergency_refused", payload={"request": str(request.pk)}, now=now)
    return request


def _decidable(request_id: UUID, officer: User, *, now: datetime) -> EmergencyRequest:
    request = locked(request_id)
    if request.status not in WAITING:
        raise AnsweredAlready
    if request.status != EmergencyStatus.OPEN or request.taken_by != officer:
        raise NotYours
    return request


def _give(
    request: EmergencyRequest, slot: Slot, pool: str, signatures: Signatures, *, now: datetime
) -> EmergencyRequest:
    appointments = give_seats(
        account=request.account,
        slot=slot,
        procedure=request.procedure,
        people=still_saved(request, people_of(request)),
        pool=pool,
        signatures=signatures,
        origin=ORIGIN,
        channel=request.channel,
        now=now,
        request=request,
        call_reference=request.call_reference,
    )
    request.party_id = Appointment.objects.values_list("party_id", flat=True).get(pk=appointments[0])
    _close(request, EmergencyStatus.GRANTED, signatures.author, now=now)
    record(
        actor=signatures.author,
        action="emergency.grant",
        target=request,
        now=now,
        office_id=request.consulate_id,
        reason=signatures.reason,
        detail={"pool": pool, "slot": slot.pk, "appointments": [str(pk) for pk in appointments]},
    )
    publish(kind="appointment.emergency_granted", payload={"request": str(request.pk)}, now=now)
    return request


def _close(request: EmergencyRequest, status: EmergencyStatus, officer: User, *, now: datetime) -> None:
    request.status, request.place = status, None
    request.closed_at = request.updated_at = now
    request.decided_by, request.decided_on = officer, local_day(now, request.consulate.time_zone)
    request.proposal = request.proposed_by = None
    request.save()
    log_event(request, f"emergency_{status.value}", now=now)


def _target(request_id: UUID) -> tuple[str, UUID]:
    return (EmergencyRequest._meta.label_lower, request_id)
