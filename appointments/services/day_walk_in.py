"""Somebody comes without an appointment, and a time of today is free: they book like everybody, at the counter."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from appointments.enums import Channel
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.identities import identity_hash
from appointments.models import Appointment
from appointments.models.attendance import AttendanceState
from appointments.services.applicants import Entry
from appointments.services.callers import register_caller
from appointments.services.confirm import confirm_hold
from appointments.services.day import take_step
from appointments.services.hold import Wish, hold_seats, release_hold
from consulates.models import Pool, Seat, Session, Slot
from mexitel.accounts.models import User
from mexitel.audit.services import record


@dataclass(frozen=True)
class FreeTime:
    slot_id: int
    starts_at: datetime
    free: int


def free_times(session: Session, *, now: datetime) -> list[FreeTime]:
    """Times of the session that have not begun and have a public place; the claim gives no time that has begun."""
    slots = Slot.objects.open_to_all(now=now).filter(session=session)
    seats = Seat.objects.free(now=now).public(now=now).filter(slot__in=slots).order_by("slot__starts_at")
    found = seats.values("slot_id", "slot__starts_at").annotate(free=Count("pk"))
    return [FreeTime(one["slot_id"], one["slot__starts_at"], one["free"]) for one in found]


def walk_in(
    *,
    session: Session,
    slot_id: int,
    procedure_id: int,
    entry: Entry,
    phone: str,
    reason: str,
    agent: User,
    now: datetime,
) -> Appointment:
    """Register the person, book through hold and confirm, and note that they are here; counted on their own scopes.

    Raises CallerError, BookingRefused or a BookingError; then no seat is kept.
    """
    person = identity_hash(
        given_names=entry.given_names,
        surname_1=entry.surname_1,
        surname_2=entry.surname_2,
        birth_date=entry.birth_date,
    )
    caller = register_caller(phone=phone, reason=reason, agent=agent, now=now, person=person)
    wishes = [Wish(slot_id, 1)]
    held = hold_seats(
        account=caller,
        wishes=wishes,
        procedure_id=procedure_id,
        now=now,
        channel=Channel.COUNTER,
        agent_id=agent.pk,
        pools=(Pool.PUBLIC,),
        origin="walk_in",
    )
    try:
        [booked] = _confirm(caller, held.hold_id, session, entry, agent, now)
    except (BookingError, BookingRefused):
        release_hold(account=caller, hold_id=held.hold_id, now=now, channel=Channel.COUNTER)
        raise
    with transaction.atomic():
        take_step(appointment_id=booked, to=AttendanceState.ARRIVED, by=agent, now=now, walk_in=True)
        appointment = Appointment.objects.get(pk=booked)
        office, detail = session.consulate_id, {"session": session.pk}
        record(
            actor=agent,
            action="walk_in.book",
            target=appointment,
            now=now,
            office_id=office,
            reason=reason,
            detail=detail,
        )
    return appointment


def _confirm(caller: User, hold_id: UUID, session: Session, entry: Entry, agent: User, now: datetime) -> list[UUID]:
    return confirm_hold(
        account=caller,
        hold_id=hold_id,
        people=[[entry]],
        today=session.date,
        now=now,
        channel=Channel.COUNTER,
        agent_id=agent.pk,
    )
