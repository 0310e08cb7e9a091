"""Joining the list, leaving it, and the few things that change a place in it. Each is one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from appointments.claim import claim_one
from appointments.coming.owed import REASON, is_owed
from appointments.demand.counting import count_waiting
from appointments.drafts import as_typed, entry_of, fits, from_typed
from appointments.enums import Channel
from appointments.errors import raise_for
from appointments.family import LARGEST_FAMILY, LARGEST_PARTY, is_one_family
from appointments.guards import BookingAttempt, run_guards
from appointments.models import (
    Applicant,
    ApplicantClaim,
    EndReason,
    Hold,
    OfferOutcome,
    WaitingEntry,
    WaitingOffer,
    WaitingPerson,
)
from appointments.notifications.telling import number_of
from appointments.services import Entry
from appointments.services.hold import request_for
from appointments.waiting.days import seed_of
from appointments.waiting.errors import (
    NobodyChosen,
    NotOneFamily,
    NotWaiting,
    PersonBooked,
    PersonDoesNotFit,
    TooManyPeople,
    Unreachable,
    WaitsAlready,
    WrongNumber,
)
from appointments.waiting.keys import give_back, keys_of, take_keys
from appointments.waiting.order import day_of, drawn_place, new_code
from consulates.calendars import to_utc
from consulates.models import Procedure
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.browsers import NOTHING

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class Wanted:
    """What the first page asks. ``offices`` are ids; with ``here`` they are those within ``miles`` of it."""

    procedure: Procedure
    offices: tuple[int, ...]
    time_zone: str
    last_day: date
    weekdays: tuple[int, ...] = EVERY_DAY
    from_hour: int = 0
    to_hour: int = 24
    near: str = ""
    here: tuple[float, float] | None = None
    miles: int | None = None


def join(
    *,
    account: User,
    wanted: Wanted,
    people: Sequence[Applicant],
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    agent: User | None = None,
    call_reference: str = "",
) -> WaitingEntry:
    """A place in the list for saved people of the account. Asked again for the same, the place that there is.

    Raises BookingRefused (a guard said no) or a WaitingError: WaitsAlready, PersonBooked, PersonDoesNotFit,
    NobodyChosen, TooManyPeople, NotOneFamily, WrongNumber, Unreachable.
    """
    run_guards(BookingAttempt("join", account, channel, party=len(people), client=client, now=now))
    told = _checked(account, wanted, people, now=now)
    standing = _standing(account, wanted, people, now=now)
    if standing is not None:  # a second tap
        return standing
    seed = seed_of(day_of(now), now=now)  # outside: two who join first wait for nobody
    with transaction.atomic():
        code = new_code()
        entry = WaitingEntry.objects.create(
            account=account,
            procedure=wanted.procedure,
            procedure_group=wanted.procedure.group,
            code=code,
            offices=sorted(wanted.offices),
            near=wanted.near[:120],
            latitude=wanted.here[0] if wanted.here else None,
            longitude=wanted.here[1] if wanted.here else None,
            miles=wanted.miles,
            weekdays=sorted(wanted.weekdays),
            from_hour=wanted.from_hour,
            to_hour=wanted.to_hour,
            last_day=wanted.last_day,
            party=1 if wanted.procedure.min_applicants > 1 else len(people),
            time_zone=wanted.time_zone,
            channel=channel,
            agent_id=agent.pk if agent else None,
            call_reference=call_reference,
            joined_at=now,
            join_day=day_of(now),
            drawn=drawn_place(seed, code),
            until=to_utc(wanted.last_day + timedelta(days=1), time(0), wanted.time_zone),
        )
        WaitingPerson.objects.bulk_create(
            WaitingPerson(
                entry=entry, position=place, applicant=person, identity_hash=person.identity_hash, told=as_told(one)
            )
            for place, (person, one) in enumerate(zip(people, told, strict=True), start=1)
        )
        if not take_keys(entry, keys_of(account, [bytes(person.identity_hash) for person in people]), now=now):
            raise WaitsAlready
        if is_owed(account, entry.procedure_group, now=now):  # the office released a place of theirs
            to_the_front(entry, None, REASON, now)
        if agent is not None:
            record(actor=agent, action="waiting.join", target=entry, now=now, detail={"call": call_reference})
    return entry


def leave(*, entry: WaitingEntry, now: datetime, agent: User | None = None, channel: str = Channel.WEB) -> None:
    """The person needs it no more; what was held for them goes to the next. A second tap changes nothing."""
    with transaction.atomic():
        found = locked(entry.pk)
        if not found.is_live(now=now):
            return
        end(found, EndReason.LEFT, now=now, channel=channel)
        if agent is not None:
            record(actor=agent, action="waiting.leave", target=found, now=now)


def stay(*, entry: WaitingEntry, now: datetime) -> None:
    """Somebody who did not answer for long says that they still wait. Raises NotWaiting."""
    with transaction.atomic():
        found = locked(entry.pk)
        if not found.is_live(now=now):
            raise NotWaiting
        WaitingEntry.objects.filter(pk=found.pk).update(paused_at=None, awake_at=now)


def without_booked(*, entry: WaitingEntry, now: datetime) -> None:
    """Those who have an appointment meanwhile leave the party; the others keep its place. Raises NotWaiting."""
    with transaction.atomic():
        found = locked(entry.pk)
        people = list(found.people.order_by("position"))
        booked = booked_people(found, people, now=now)
        rest = [one for one in people if one.pk not in {person.pk for person in booked}]
        if not found.is_live(now=now) or not rest or found.is_together:
            raise NotWaiting
        found.people.filter(pk__in=[person.pk for person in booked]).delete()
        WaitingEntry.objects.filter(pk=found.pk).update(party=len(rest))


def to_the_front(entry: WaitingEntry, by: User | None, reason: str, now: datetime) -> None:
    """Somebody from whom a place was taken wrongly, or by the office, is the next. Raises NotWaiting.

    ``by`` is who decided, None for a rule; ``reason`` is kept, and said to nobody but staff. Those brought earlier stay
    before them.
    """
    with transaction.atomic():
        found = locked(entry.pk)
        if not found.is_live(now=now):
            raise NotWaiting
        if found.front_at is None:
            WaitingEntry.objects.filter(pk=found.pk).update(front_at=now, front_reason=reason[:200], paused_at=None)
            record(actor=by, action="waiting.front", target=found, now=now, reason=reason)


def bring_to_the_front(account: User, group: str, *, reason: str, now: datetime, by: User | None = None) -> bool:
    """``to_the_front`` for whatever the account waits for in that group of procedures; whether it waits."""
    entry = WaitingEntry.objects.live(now=now).filter(account=account, procedure_group=group).first()
    if entry is None:
        return False
    to_the_front(entry, by, reason, now)
    return True


def end(entry: WaitingEntry, why: EndReason, *, now: datetime, channel: str = Channel.WEB) -> None:
    """The entry is over, and with it its open offer. The caller has its row locked."""
    open_offer = entry.offers.filter(outcome="").first()
    if open_offer is not None and why != EndReason.BOOKED:
        outcome = let_go(entry, open_offer, OfferOutcome.WITHDRAWN, now=now, channel=channel)
        why = EndReason.BOOKED if outcome == OfferOutcome.ACCEPTED else why
    WaitingEntry.objects.filter(pk=entry.pk).update(ended_at=now, end_reason=why)
    count_waiting(entry, why, now=now)
    give_back(entry, now=now)


def let_go(
    entry: WaitingEntry, offer: WaitingOffer, outcome: OfferOutcome, *, now: datetime, channel: str
) -> OfferOutcome:
    """The seats of an open offer go on, with ``outcome``; ACCEPTED when it was accepted at the same moment."""
    raise_for(claim_one(request_for(entry.account, "release", channel=channel, hold=offer.hold_id), now=now))
    # The claim has waited for whoever was confirming.
    if Hold.objects.filter(pk=offer.hold_id, outcome="confirmed").exists():
        outcome = OfferOutcome.ACCEPTED
    offer.outcome, offer.ended_at = outcome, now
    offer.save(update_fields=["outcome", "ended_at"])
    return outcome


def locked(entry_id: UUID) -> WaitingEntry:
    """The row, to oneself until the transaction ends. Always before what the claim locks."""
    found = WaitingEntry.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("account", "procedure").get(pk=entry_id)


def booked_people(entry: WaitingEntry, people: Sequence[WaitingPerson], *, now: datetime) -> list[WaitingPerson]:
    claims = ApplicantClaim.objects.filter(
        applicant__in=[one.applicant_id for one in people if one.applicant_id],
        procedure_group=entry.procedure_group,
        until__gt=now,
    )
    booked = set(claims.values_list("applicant_id", flat=True))
    return [one for one in people if one.applicant_id in booked]


def as_told(entry: Entry) -> str:
    return json.dumps(as_typed(entry))


def told_of(person: WaitingPerson) -> Entry:
    """Whom an offer is for. As they are saved now while that is the same person, else as they were told."""
    saved = person.applicant
    if saved is not None and saved.removed_at is None and bytes(saved.identity_hash) == bytes(person.identity_hash):
        return entry_of(saved)
    return from_typed(json.loads(person.told) | {"applicant_id": None})


def _checked(account: User, wanted: Wanted, people: Sequence[Applicant], *, now: datetime) -> list[Entry]:
    if not people:
        raise NobodyChosen
    least, most = wanted.procedure.min_applicants, wanted.procedure.max_applicants
    if least > 1 and not least <= len(people) <= most:
        raise WrongNumber({"least": least, "most": most})
    if len(people) > LARGEST_FAMILY:
        raise TooManyPeople
    if not can_be_told(account):
        raise Unreachable
    claims = ApplicantClaim.objects.filter(
        applicant__in=people, procedure_group=wanted.procedure.group, until__gt=now
    ).first()
    if claims is not None:
        raise PersonBooked({"applicant": claims.applicant_id})
    told = [entry_of(person) for person in people]
    for entry in told:
        if not any(fits(entry, procedure=wanted.procedure, day=day) for day in (day_of(now), wanted.last_day)):
            raise PersonDoesNotFit({"applicant": entry.applicant_id})
    if len(told) > LARGEST_PARTY and not is_one_family(told, day=day_of(now)):
        raise NotOneFamily
    return told


def _standing(account: User, wanted: Wanted, people: Sequence[Applicant], *, now: datetime) -> WaitingEntry | None:
    """The account's place for the same people and procedure."""
    mine = WaitingEntry.objects.live(now=now).filter(account=account, procedure=wanted.procedure).first()
    if mine is None or set(mine.people.values_list("applicant", flat=True)) != {person.pk for person in people}:
        return None
    return mine


def can_be_told(account: User) -> bool:
    """Whether a message can arrive: a mailbox that does not send ours back, or a phone."""
    return bool(account.email and not account.email_bounced_at) or bool(number_of(account))
