from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from appointments.claim import Answer
from appointments.enums import Channel
from appointments.errors import NotOneFamily, UnknownHold, raise_for
from appointments.family import FAMILY, is_one_family
from appointments.guards import BookingAttempt, Verb, run_guards
from appointments.models import Hold
from appointments.services.applicants import Entry, person_for_claim
from appointments.services.hold import IdempotencyKey, ask, request_for, seen_facts
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.browsers import NOTHING


class Booked(list[UUID]):
    """Appointments in the order of the hold's seats. ``references`` are theirs when they were made just now; empty when
    they stood already, moved or answered before.
    """

    def __init__(self, appointments: Iterable[UUID] = (), references: Sequence[str] = ()) -> None:
        super().__init__(appointments)
        self.references = references


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
    held: Hold | None = None,
) -> Booked:
    """The hold becomes appointments; returns their ids in the order of its seats.

    ``people`` has one entry list per seat: the principal applicant first, then up to three who attend with
    them. It is empty when the hold moves appointments, because a move keeps its people. ``today`` is the date
    of the session, for whose sake ages are counted. ``held`` is the hold, where the caller has just read it.
    Confirming a confirmed hold returns the same appointments. The claim saves who is new in the account, and what was
    corrected, together with the appointments: beside the guards this is one round trip. Raises BookingRefused or a
    BookingError (HoldExpired, ApplicantBooked, PeopleMissing, LockFull, BookerBlocked ...); the hold and the typed
    answers stay as they were, and nobody is saved.
    """
    held = held or Hold.objects.filter(pk=hold_id, account=account).only("replaces", "origin", "outcome").first()
    if held is None:
        raise UnknownHold
    verb: Verb = "move" if held.replaces else "confirm"
    if held.origin == FAMILY and not held.outcome and not is_one_family([entries[0] for entries in people], day=today):
        raise NotOneFamily
    if held.outcome != "confirmed":  # a second tap is answered as the first
        run_guards(
            BookingAttempt(
                verb=verb,
                account=account,
                channel=channel,
                party=len(people),
                client=client,
                now=now,
                hold=hold_id,
                origin=held.origin,
                people=people,
            )
        )
    request = request_for(
        account,
        "confirm",
        channel=channel,
        key=key,
        hold=hold_id,
        agent=agent_id,
        call_reference=call_reference,
        people=[person_for_claim(entries, today=today) for entries in people],
        **seen_facts(client, [entries[0].fill_seconds for entries in people]),
    )
    if agent_id is None:
        answer = ask(request, key=key, now=now)
    else:
        with transaction.atomic():  # who booked or moved for somebody is on record with the deed
            answer = ask(request, key=key, now=now)
            if answer.ok:
                _note_agent(account, verb, answer, agent_id=agent_id, call_reference=call_reference, now=now)
    raise_for(answer)
    return Booked(map(UUID, answer.facts["appointments"]), answer.facts.get("references", ()))


def _note_agent(account: User, verb: str, answer: Answer, *, agent_id: int, call_reference: str, now: datetime) -> None:
    detail = {"call": call_reference, "appointments": answer.facts["appointments"]}
    action = "appointment.move" if verb == "move" else "appointment.book"
    record(actor=User(pk=agent_id), action=action, target=account, now=now, detail=detail)
