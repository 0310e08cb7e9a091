"""What becomes of a proposal: accepted with one tap, by phone or by the clerk; another time; a call and its outcome."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.db import transaction

from appointments.closing.acts import ClosingError
from appointments.closing.equivalents import Equivalent, Equivalents
from appointments.closing.offers import OFFERS, ORIGIN, hold_for
from appointments.enums import AppointmentStatus, Channel
from appointments.errors import HoldExpired
from appointments.models import Appointment, Hold, Orphan, OrphanCall
from appointments.models.closure import CallOutcome, OrphanState
from appointments.services import confirm_hold
from consulates.models import Slot
from mexitel.accounts.models import User
from mexitel.audit.services import record


class NotOnTheList(ClosingError):
    """This person has a new time, or cancelled, in the meantime."""

    code = "not_on_the_list"


class NoOffer(ClosingError):
    """Nothing is held for this person now."""

    code = "no_offer"


class SeatGone(ClosingError):
    """Somebody else took those seats."""

    code = "seat_gone"


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    OVER = "over"


@dataclass(frozen=True)
class Offer:
    """What a link opens: the hold, whom it is for, and whether it can still be accepted."""

    hold: Hold
    appointments: list[Appointment]
    orphans: list[Orphan]
    state: OfferState


def offer_of(hold_id: UUID, *, now: datetime) -> Offer | None:
    """None when nobody knows it any more (a day after it ended)."""
    hold = Hold.objects.filter(pk=hold_id, origin=ORIGIN).select_related("account", "procedure").first()
    if hold is None:
        return None
    found = Appointment.objects.for_pages().select_related("session__consulate").filter(pk__in=hold.replaces)
    appointments = sorted(found, key=lambda one: hold.replaces.index(one.pk))
    orphans = list(Orphan.objects.filter(appointment__in=hold.replaces).select_related("closure").order_by("pk"))
    return Offer(hold, appointments, orphans, _state(hold, appointments, now=now))


def as_offered(offer: Offer) -> list[Appointment]:
    """The appointments as they would be: at the times that are held, for pages and messages. Never saved."""
    slots = Slot.objects.select_related("session__consulate").in_bulk(set(offer.hold.slot_ids))
    shown = []
    for appointment, slot_id in zip(offer.appointments, offer.hold.slot_ids, strict=True):
        slot, moved = slots[slot_id], copy(appointment)
        moved.session, moved.consulate = slot.session, slot.session.consulate
        moved.slot_id, moved.starts_at, moved.status = slot.pk, slot.starts_at, AppointmentStatus.BOOKED
        shown.append(moved)
    return shown


def _state(hold: Hold, appointments: Sequence[Appointment], *, now: datetime) -> OfferState:
    if hold.outcome == "confirmed":
        return OfferState.ACCEPTED
    statuses = {one.status for one in appointments}
    if AppointmentStatus.ORPHANED not in statuses:
        return OfferState.CANCELLED if statuses == {AppointmentStatus.CANCELLED} else OfferState.MOVED
    if hold.is_open(now=now):
        return OfferState.OPEN
    return OfferState.OVER


def accept(
    hold_id: UUID,
    *,
    now: datetime,
    channel: str = Channel.WEB,
    agent: User | None = None,
    client: tuple[str, str] = ("", ""),
) -> Offer:
    """The proposal is the new time. Accepting again changes nothing and says the same.

    Raises BookingRefused or a BookingError (HoldExpired when it ran out, SlotClosed ...), NoOffer when nobody knows it.
    """
    offer = offer_of(hold_id, now=now)
    if offer is None:
        raise NoOffer
    if offer.state == OfferState.ACCEPTED:
        return offer
    if offer.state != OfferState.OPEN:
        raise HoldExpired
    # The link is the proof: whoever has the mailbox may answer for it.
    confirm_hold(
        account=offer.hold.account,
        hold_id=hold_id,
        people=[],
        today=now.date(),
        now=now,
        channel=channel,
        client=client,
        agent_id=agent.pk if agent else None,
    )
    with transaction.atomic():
        record(
            actor=agent or "link",
            action="closure.accept",
            target=("appointments.hold", hold_id),
            now=now,
            office_id=offer.orphans[0].consulate_id if offer.orphans else None,
            detail={"appointments": [str(one.pk) for one in offer.appointments]},
        )
    accepted = offer_of(hold_id, now=now)
    return accepted or offer


def party_of(orphan: Orphan) -> list[Orphan]:
    """Those on the same list who were booked together and still need a time."""
    mates = Orphan.objects.standing().filter(
        closure=orphan.closure_id,
        session_id=orphan.session_id,
        appointment__party_id=orphan.appointment.party_id,
        appointment__status=AppointmentStatus.ORPHANED,
    )
    return list(
        mates.select_related("closure", "appointment__account", "appointment__procedure")
        .select_related("appointment__session__consulate")
        .order_by("starts_at", "pk")
    )


def alternatives(party: Sequence[Orphan], *, now: datetime, limit: int = 8) -> list[Equivalent]:
    """For the clerk to read out: the best places for the whole party."""
    first = party[0].appointment
    return Equivalents(first.procedure, near=first.session, now=now).find(len(party), limit=limit)


def book_for(party: Sequence[Orphan], chosen: Equivalent, *, by: User, channel: str, now: datetime) -> None:
    """The clerk books what the person chose, on the phone or at the window. Raises SeatGone or NotOnTheList, and what
    ``accept`` raises.
    """
    if not party:
        raise NotOnTheList
    ids = [orphan.pk for orphan in party]
    with transaction.atomic():
        # What was held for them is given up for what they chose.
        Orphan.objects.filter(pk__in=ids, state=OrphanState.UNREACHABLE).update(
            state=OrphanState.TO_CALL, ended_at=None, changed_at=now
        )
        Orphan.objects.filter(pk__in=ids).exclude(state__in=[OrphanState.TO_CALL, OrphanState.NO_SEAT]).update(
            state=OrphanState.TO_CALL, changed_at=now
        )
        Orphan.objects.filter(pk__in=ids).update(hold_id=None, offer_until=None)
        code = hold_for(list(party), chosen, now=now, tell=False)
        if code != "ok":
            transaction.set_rollback(True)
    if code != "ok":
        raise SeatGone(code)
    held = Orphan.objects.filter(hold_id__isnull=False).get(pk=ids[0])
    accept(cast(UUID, held.hold_id), now=now, channel=channel, agent=by)


def note_call(orphan: Orphan, *, outcome: str, note: str, by: User, now: datetime) -> None:
    """Who called, when, what came of it: for everybody who was booked together. Raises NotOnTheList."""
    state = {CallOutcome.REACHED: OrphanState.REACHED, CallOutcome.UNREACHABLE: OrphanState.UNREACHABLE}.get(
        CallOutcome(outcome), OrphanState.TO_CALL
    )
    with transaction.atomic():
        party = party_of(orphan)
        if orphan.pk not in {one.pk for one in party}:
            raise NotOnTheList
        found = Orphan.objects.standing().filter(pk__in=[one.pk for one in party])
        ended = now if state == OrphanState.UNREACHABLE else None
        if state == OrphanState.TO_CALL:
            found.filter(state=OrphanState.UNREACHABLE).update(state=state, ended_at=None, changed_at=now)
            found.filter(state=OrphanState.TO_OFFER).update(state=state, changed_at=now)
            # An offer that stands stands on.
            found.update(handled_by_id=by.pk, changed_at=now)
        else:
            found.filter(state=OrphanState.TO_OFFER).update(state=OrphanState.TO_CALL, changed_at=now)
            found.update(state=state, ended_at=ended, handled_by_id=by.pk, changed_at=now)
        OrphanCall.objects.bulk_create(
            OrphanCall(orphan=one, at=now, by=by, outcome=outcome, note=note[:200]) for one in party
        )
        record(
            actor=by,
            action="closure.call",
            target=orphan.closure,
            now=now,
            office_id=orphan.consulate_id,
            detail={"appointments": [str(one.appointment_id) for one in party], "outcome": outcome},
        )


def offer_again(orphan: Orphan, *, by: User, now: datetime) -> None:
    """Look for seats once more for somebody who was offered some in vain. Raises NotOnTheList."""
    with transaction.atomic():
        ids = [one.pk for one in party_of(orphan)]
        if orphan.pk not in ids:
            raise NotOnTheList
        found = Orphan.objects.open().filter(pk__in=ids, hold_id=None)
        found.exclude(state=OrphanState.TO_OFFER).update(state=OrphanState.TO_OFFER, changed_at=now)
        found.update(offers=OFFERS - 1, look_at=now)
        record(actor=by, action="closure.offer_again", target=orphan.closure, now=now, office_id=orphan.consulate_id,
               detail={"orphans": ids})  # fmt: skip
