from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from appointments.claim import Answer
from appointments.enums import Channel
from appointments.errors import NotOneFamily, UnknownHold, raise_for
from appointments.family import FAMILY, is_one_family
from appointments.guards import BookingAttempt, Verb, run_guards
from appointments.models import BookingDraft, Hold
from appointments.services.applicants import Entry, attendee_for_claim, save_applicant
from appointments.services.hold import IdempotencyKey, ask, request_for, seen_facts
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.browsers import NOTHING


def confirm_hold(
    *,
    account: User,
    hold_id: UUID,
    people: Sequence[Sequence[Entry]],
    today: date,
    now: datetime,
    channel: str = Channel.WEB,
    key: IdempotencyKey | None = None,
    client: tuple[str, str] = NOTHING,
    agent_id: int | None = None,
    call_reference: str = "",
) -> list[UUID]:
    """The hold becomes appointments; returns their ids in the order of its seats.

    ``people`` has one entry list per seat: the principal applicant first, then up to three who attend with
    them. It is empty when the hold moves appointments, because a move keeps its people. ``today`` is the date
    of the session, for whose sake ages are counted. Confirming a confirmed hold returns the same
    appointments. Raises BookingRefused or a BookingError (HoldExpired, ApplicantBooked, PeopleMissing,
    LockFull, BookerBlocked ...); the hold and the typed answers stay as they were.
    """
    hold = Hold.objects.filter(pk=hold_id, account=account).only("replaces", "origin", "outcome").first()
    if hold is None:
        raise UnknownHold
    verb: Verb = "move" if hold.replaces else "confirm"
    if hold.origin == FAMILY and not hold.outcome and not is_one_family([entries[0] for entries in people], day=today):
        raise NotOneFamily
    if hold.outcome != "confirmed":  # a second tap is answered as the first
        run_guards(
            BookingAttempt(
                verb=verb,
                account=account,
                channel=channel,
                party=len(people),
                client=client,
                now=now,
                hold=hold_id,
                people=people,
            )
        )
    with transaction.atomic():  # a person is saved only together with the appointment
        # Two tabs that save the same family in another order would deadlock on its rows.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        request = request_for(
            account,
            "confirm",
            channel=channel,
            key=key,
            hold=hold_id,
            agent=agent_id,
            call_reference=call_reference,
            people=[_person(account, entries, today=today, now=now) for entries in people],
            **seen_facts(client, [entries[0].fill_seconds for entries in people]),
        )
        answer = ask(request, key=key, now=now)
        if not answer.ok and not _must_be_kept(answer, key):
            transaction.set_rollback(True)
        elif answer.ok and agent_id is not None:
            _note_agent(account, verb, answer, agent_id=agent_id, call_reference=call_reference, now=now)
        elif answer.ok:
            BookingDraft.objects.filter(account=account).delete()
    raise_for(answer)
    return [UUID(appointment) for appointment in answer.facts["appointments"]]


def _note_agent(account: User, verb: str, answer: Answer, *, agent_id: int, call_reference: str, now: datetime) -> None:
    """What the caller typed on the web stays theirs; who booked or moved for them is on record with the deed."""
    detail = {"call": call_reference, "appointments": answer.facts["appointments"]}
    action = "appointment.move" if verb == "move" else "appointment.book"
    record(actor=User(pk=agent_id), action=action, target=account, now=now, detail=detail)


def _must_be_kept(refusal: Answer, key: IdempotencyKey | None) -> bool:
    """Whether the claim wrote the refusal under its key just now; then what was typed is saved with it."""
    return key is not None and refusal.code not in {"busy", "key_reused"} and "replayed" not in refusal.facts


def _person(account: User, entries: Sequence[Entry], *, today: date, now: datetime) -> dict:
    applicant = save_applicant(account=account, entry=entries[0], today=today, now=now)
    return {
        "applicant": applicant.pk,
        "attendees": [attendee_for_claim(entry, today=today) for entry in entries],
    }
