"""What the person does: write, say for whom, add proof, send, withdraw. An agent asks for a caller in one act."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from appointments.emergencies import clock
from appointments.emergencies.errors import AnsweredAlready, PeopleMissing, TooManyOpen, TooManyProofs
from appointments.emergencies.people import MOST_PEOPLE, as_text
from appointments.enums import Channel
from appointments.models import EmergencyProof, EmergencyRequest, EmergencyStatus, GrantRule
from appointments.models.emergency import MOST_OPEN, MOST_PROOFS, TARGET_HOURS
from appointments.services import Entry
from consulates.models import Consulate, Procedure
from consulates.planning.world import decided
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

# Longer than the longest target with every holiday between.
LOOKS_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Plea:
    """What the first page asks: where, what, why and until when."""

    consulate: Consulate
    procedure: Procedure
    kind: str
    words: str
    needed_by: date


def keep_draft(*, account: User, plea: Plea, now: datetime, channel: str = Channel.WEB) -> EmergencyRequest:
    """The account's one draft, begun or changed; its people and files stay."""
    told = {**vars(plea), "updated_at": now}
    begun = told | {"channel": channel, "created_at": now}
    draft, _created = EmergencyRequest.objects.update_or_create(
        account=account, status=EmergencyStatus.DRAFT, defaults=told, create_defaults=begun
    )
    return draft


@transaction.atomic
def keep_people(*, request: EmergencyRequest, people: Sequence[Entry], now: datetime) -> None:
    """Raises AnsweredAlready when it was sent meanwhile."""
    draft = locked(request.pk)
    if draft.status != EmergencyStatus.DRAFT:
        raise AnsweredAlready
    draft.people, draft.seats, draft.updated_at = as_text(list(people)), len(people), now
    draft.save(update_fields=["people", "seats", "updated_at"])


@transaction.atomic
def add_proof(
    *, request: EmergencyRequest, name: str, content: bytes, media: EmergencyProof.Media, now: datetime
) -> EmergencyProof:
    """Sealed in the database. Raises TooManyProofs, or AnsweredAlready once nobody reads it any more."""
    held = locked(request.pk)
    if held.status != EmergencyStatus.DRAFT and not held.is_waiting:
        raise AnsweredAlready
    taken = set(held.proofs.values_list("place", flat=True))
    place = next((place for place in range(1, MOST_PROOFS + 1) if place not in taken), None)
    if place is None:
        raise TooManyProofs
    EmergencyRequest.objects.filter(pk=held.pk).update(updated_at=now)
    return EmergencyProof.objects.create(
        request=held, place=place, name=name, media=media, size=len(content), content=content, created_at=now
    )


@transaction.atomic
def remove_proof(*, request: EmergencyRequest, proof_id: UUID) -> None:
    """At once and for good; nothing happens when it is gone already."""
    if not locked(request.pk).closed_at:
        EmergencyProof.objects.filter(pk=proof_id, request=request).delete()


@transaction.atomic
def send_request(*, request: EmergencyRequest, now: datetime) -> EmergencyRequest:
    """The draft goes to the office's officers and its clock begins. A second tap changes nothing.

    Raises TooManyOpen (two wait already) or PeopleMissing.
    """
    account = User.objects.select_for_update(no_key=True).only("pk").get(pk=request.account_id)
    found = locked(request.pk)
    if found.status != EmergencyStatus.DRAFT:
        return found
    if not 1 <= found.seats <= MOST_PEOPLE:
        raise PeopleMissing
    taken = set(account.emergencies.waiting().values_list("place", flat=True))
    place = next((place for place in range(1, MOST_OPEN + 1) if place not in taken), None)
    if place is None:
        raise TooManyOpen
    found.status, found.place, found.asked_at, found.updated_at = EmergencyStatus.OPEN, place, now, now
    found.answer_by = _answer_by(found.consulate, found.needed_by, now)
    found.save()
    log_event(found, "emergency_asked", now=now)
    publish(kind="appointment.emergency_asked", payload={"request": str(found.pk)}, now=now)
    return found


@transaction.atomic
def ask_emergency(
    *,
    account: User,
    plea: Plea,
    people: Sequence[Entry],
    agent: User,
    now: datetime,
    channel: str = Channel.PHONE,
    call_reference: str = "",
) -> EmergencyRequest:
    """An agent asks for somebody who called or stands at the window; it counts on the caller's account alone.

    A draft that the caller keeps on the web stays as it is. Raises TooManyOpen or PeopleMissing.
    """
    if not 1 <= len(people) <= MOST_PEOPLE:
        raise PeopleMissing
    User.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    taken = set(EmergencyRequest.objects.filter(account=account).waiting().values_list("place", flat=True))
    place = next((place for place in range(1, MOST_OPEN + 1) if place not in taken), None)
    if place is None:
        raise TooManyOpen
    request = EmergencyRequest.objects.create(
        account=account,
        **vars(plea),
        people=as_text(list(people)),
        seats=len(people),
        status=EmergencyStatus.OPEN,
        place=place,
        channel=channel,
        agent_id=agent.pk,
        call_reference=call_reference,
        created_at=now,
        updated_at=now,
        asked_at=now,
        answer_by=_answer_by(plea.consulate, plea.needed_by, now),
    )
    log_event(request, "emergency_asked", now=now)
    record(actor=agent, action="emergency.ask", target=request, now=now, office_id=plea.consulate.pk)
    publish(kind="appointment.emergency_asked", payload={"request": str(request.pk)}, now=now)
    return request


@transaction.atomic
def withdraw(*, request: EmergencyRequest, now: datetime) -> None:
    """The person needs it no more: its files go at once. Raises AnsweredAlready."""
    found = locked(request.pk)
    if found.status == EmergencyStatus.WITHDRAWN:
        return
    found.proofs.all().delete()
    if found.status == EmergencyStatus.DRAFT:
        found.delete()
        return
    if not found.is_waiting:
        raise AnsweredAlready
    found.status, found.place, found.closed_at, found.updated_at = EmergencyStatus.WITHDRAWN, None, now, now
    found.words = found.people = ""
    found.proposal = found.proposed_by = found.taken_by = found.taken_until = None
    found.save()
    log_event(found, "emergency_withdrawn", now=now)


def target_hours(consulate: Consulate) -> int:
    rule = GrantRule.objects.filter(consulate=consulate).first()
    return rule.target_hours if rule else TARGET_HOURS


def locked(request_id: UUID) -> EmergencyRequest:
    """The row, to oneself until the transaction ends."""
    found = EmergencyRequest.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("consulate", "procedure", "account").get(pk=request_id)


def log_event(request: EmergencyRequest, kind: str, *, now: datetime, **detail: object) -> None:
    """One line in the ledger of the demand side; ids and codes only."""
    facts = {"office": request.consulate_id, "kind": request.kind, "seats": request.seats, **detail}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT log_event(%s, %s, %s, %s, %s, %s)",
            [kind, request.pk, request.account_id, request.channel, json.dumps(facts), now],
        )


def _answer_by(office: Consulate, needed_by: date, now: datetime) -> datetime:
    today = now.date()
    holidays = decided(office, first=today - timedelta(days=1), last=today + LOOKS_AHEAD)
    rests = {day for day, is_closed in holidays.items() if is_closed}
    return clock.answer_by(now, needed_by, hours=target_hours(office), zone_name=office.time_zone, rests=rests)
