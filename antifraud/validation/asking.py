"""Ask people whether they themselves wanted their appointments: a reviewer, or the machine when the case is strong."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from antifraud.models import (
    Case,
    CaseKind,
    CaseState,
    Decision,
    IdentityRequest,
    RequestState,
    Standing,
)
from antifraud.models.validation import AskedBy
from antifraud.validation.clock import Times, times_for
from antifraud.validation.contacts import ways_to
from antifraud.validation.people import accounts_of_one_family, are_one_family
from antifraud.validation.returning import set_standing, tell
from antifraud.validation.tokens import token_for, token_hash
from antifraud.validation.ways import Way, choose
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

# Above so many bits, and with one of these signs, nobody has to look before people are asked (fairness guide, 3.4).
STRONG_BITS = 12.0
TELLING_GROUPS = frozenset({"contact", "pace", "outcome"})
TELLING_CODES = frozenset({"D1", "D2", "D3", "E2", "E3", "E4"})


@transaction.atomic
def ask_people(*, case: Case, appointment_ids: Iterable[UUID], by: User | None, now: datetime) -> list[IdentityRequest]:
    """One request for each appointment of the case that is to come; who is asked already is not asked twice.

    ``by`` is None for a machine. The case waits for answers when somebody can give one; an appointment whose person
    cannot be reached without its booker is validated at the window. Nothing happens in a closed case.
    """
    locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    appointments = [] if locked.is_closed else _to_ask(locked, appointment_ids, now=now)
    if not appointments:
        return []
    suspects = set(locked.accounts.values_list("account_id", flat=True)) | {one.account_id for one in appointments}
    ways = ways_to(appointments, suspects=suspects, now=now)
    families = accounts_of_one_family(locked.appointments.values_list("appointment_id", flat=True), now=now)
    made = [
        _ask(locked, one, choose(ways[one.pk], one_family=one.account_id in families), by=by, now=now)
        for one in appointments
    ]
    counts = Counter(one.asked_by for one in made)
    tell(locked, "asked", now=now, actor=by, appointments=len(made), by=dict(sorted(counts.items())))
    record(actor=by, action="validation.ask", target=locked, now=now, detail={"appointments": len(made)})
    if any(one.state == RequestState.OPEN for one in made):
        locked.state, locked.changed_at, locked.taken_by, locked.taken_until = CaseState.ASKED, now, None, None
        locked.save(update_fields=["state", "changed_at", "taken_by", "taken_until"])
    case.refresh_from_db()
    return made


def ask_strong(*, case: Case, now: datetime) -> list[IdentityRequest]:
    """By the machine itself, once, while no person has the case in hand or decided in it. Never a single family."""
    if not is_strong(case) or case.state != CaseState.OPEN or case.kind != CaseKind.BROKER:
        return []
    in_hand = case.taken_until is not None and case.taken_until > now
    if in_hand or case.requests.exists() or Decision.objects.filter(case=case).exists():
        return []
    ids = list(case.appointments.values_list("appointment_id", flat=True))
    if are_one_family(ids, now=now):
        return []
    return ask_people(case=case, appointment_ids=ids, by=None, now=now)


def ask_strong_cases(*, now: datetime) -> int:
    """Over all that wait; returns how many appointments were asked about."""
    waiting = Case.objects.waiting().free(now=now).filter(score__gte=STRONG_BITS, kind=CaseKind.BROKER, requests=None)
    return sum(len(ask_strong(case=case, now=now)) for case in waiting)


def is_strong(case: Case) -> bool:
    """Twelve bits, of which some speak of what a booker did and not only of a device or of strangers together."""
    return case.score >= STRONG_BITS and any(
        reason["points"] > 0 and (reason["group"] in TELLING_GROUPS or reason["code"] in TELLING_CODES)
        for reason in case.reasons
    )


def is_frozen(appointment_id: UUID) -> bool:
    """Whether its person is being asked: until they answer nobody corrects who attends. Moving and cancelling stay
    free; a freed seat rests as every seat does.
    """
    return IdentityRequest.objects.filter(appointment=appointment_id).waiting().exists()


def _to_ask(case: Case, appointment_ids: Iterable[UUID], *, now: datetime) -> Collection[Appointment]:
    """Whoever was left to the window can be asked anew; that request then ends."""
    asked = IdentityRequest.objects.filter(state=RequestState.OPEN).values("appointment")
    found = Appointment.objects.filter(
        pk__in=set(appointment_ids), status=AppointmentStatus.BOOKED, starts_at__gt=now
    ).filter(pk__in=case.appointments.values("appointment_id"))
    appointments = list(found.exclude(pk__in=asked).select_related("account", "session").order_by("starts_at", "pk"))
    earlier = IdentityRequest.objects.filter(appointment__in=appointments, state=RequestState.WINDOW)
    earlier.update(state=RequestState.ENDED)
    return appointments


def _ask(case: Case, one: Appointment, way: Way | None, *, by: User | None, now: datetime) -> IdentityRequest:
    times = times_for(now, one.starts_at, one.session.time_zone)
    if way is None or times is None:
        set_standing(case, one.pk, Standing.WINDOW)
        return IdentityRequest.objects.create(
            case=case, appointment=one, author=by, asked_by=AskedBy.WINDOW, state=RequestState.WINDOW,
            asked_at=now, send_at=now, until=one.starts_at,
        )  # fmt: skip
    set_standing(case, one.pk, Standing.ASKED)
    return _send(case, one, way, times, by=by, now=now)


def _send(case: Case, one: Appointment, way: Way, times: Times, *, by: User | None, now: datetime) -> IdentityRequest:
    by_message = way.asked_by != AskedBy.CALL
    key = uuid4()
    request = IdentityRequest.objects.create(
        id=key, case=case, appointment=one, author=by, asked_by=way.asked_by, source=way.source, contact=way.address,
        contact_of_id=way.account_id, language=way.language,
        token_hash=token_hash(token_for(key)) if by_message else None, asked_at=now, send_at=times.send_at,
        until=times.until, remind_at=times.remind_at if by_message else None,
    )  # fmt: skip
    if by_message:
        publish(kind="validation.asked", payload={"request": str(key)}, now=now, due_at=times.send_at)
    return request
