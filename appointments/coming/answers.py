"""When people are asked whether they come, and what they say. The clock is judged when read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from appointments.enums import AppointmentStatus
from appointments.models import Appointment, ComingHow, ComingKind, ComingNote
from appointments.notifications.reminders import ASKING_DAYS, due_at
from mexitel.accounts.models import User
from mexitel.audit.services import record

# From so many days before (at ten in the morning there) nobody has to wait for an answer any more.
DECIDED_DAYS = 3


def asks(appointment: Appointment, *, now: datetime) -> bool:
    """Whether the person can say that they come: from the first reminder until it begins."""
    if appointment.status != AppointmentStatus.BOOKED or appointment.starts_at <= now:
        return False
    return due_at(appointment.session, max(ASKING_DAYS)) <= now


def have_said(appointments: Iterable[Appointment]) -> set[UUID]:
    """Those of whom it was said for the time that they have now."""
    times = {one.pk: one.starts_at for one in appointments}
    notes = ComingNote.objects.filter(appointment__in=times, kind=ComingKind.COMING)
    return {pk for pk, starts_at in notes.values_list("appointment_id", "starts_at") if times[pk] == starts_at}


def coming_state(appointments: Sequence[Appointment], *, now: datetime) -> str:
    """``ask`` while somebody of a party may still say it, ``said`` when all have, ``""`` outside the time for it."""
    asked = [one for one in appointments if asks(one, now=now)]
    if not asked:
        return ""
    return "said" if len(have_said(asked)) == len(asked) else "ask"


@transaction.atomic
def say_coming(
    appointments: Sequence[Appointment], *, how: str, now: datetime, by: User | None = None, words: str = ""
) -> list[Appointment]:
    """Note it for each that still stands, once; returns those. A release of the same moment waits for this, or this for
    it (releasing.py). ``by`` is the member of staff who was told.
    """
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True).select_related("session")
    locked = rows.filter(pk__in=[one.pk for one in appointments]).order_by("pk")
    standing = [one for one in locked if asks(one, now=now)]
    ComingNote.objects.bulk_create(
        [
            ComingNote(
                appointment=one, starts_at=one.starts_at, kind=ComingKind.COMING, how=how, at=now, by=by, words=words
            )
            for one in standing
        ],
        ignore_conflicts=True,
    )
    return standing


def note_call(appointment: Appointment, *, outcome: str, by: User, now: datetime, words: str = "") -> None:
    """What came of a call of the office: ``coming`` or one of CALLED. ``words`` stay with the appointment alone."""
    if outcome == ComingKind.COMING:
        say_coming([appointment], how=ComingHow.PHONE, now=now, by=by, words=words)
    else:
        ComingNote.objects.create(
            appointment=appointment, starts_at=appointment.starts_at, kind=outcome, how=ComingHow.PHONE, at=now, by=by,
            words=words,
        )  # fmt: skip
    detail = {"appointment": str(appointment.pk), "outcome": str(outcome)}
    office = appointment.consulate_id
    record(actor=by, action="coming.call", target=appointment.account, now=now, office_id=office, detail=detail)
