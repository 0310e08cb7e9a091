"""What the outbox asks for after a booking, a move, a cancellation, and when a reminder is due.

Each reloads what it is about, so that a message says what is true when it is sent: what has been cancelled in
between is not confirmed, and nothing is said once an appointment has begun. Running twice keeps one message
(``dedupe_key``).
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import translation

from appointments.calendar_file import NAME, calendar_file, content_type
from appointments.coming.tokens import coming_url
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Event, Reminder
from appointments.notifications.mail import mail_of
from appointments.notifications.reminders import ASKING_DAYS
from appointments.notifications.sms import text_of
from appointments.notifications.telling import News, tell_account
from appointments.selectors import helper_of
from appointments.visits import visits_of
from consulates.models import Slot
from consulates.selectors.notices import notices_of
from consulates.wording import moment
from mexitel.outbox.services import Attachment

# Counted up when a message must be sent again although one of the same event was sent.
VERSION = 1
# By a reviewer, and by an office that nobody answered: antifraud/redress and appointments/coming tell it.
TOLD_WITH_ITS_WHY = {"reviewer", "unanswered"}
# The outbox gives a mail up after two days, so that a later end needs no date of its own.
SOON = timedelta(days=2)


def booked(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"party": hold, "appointments": [...]}"""
    tell("appointment.booked", _standing(payload, now=now), about=[payload["party"]], now=now, with_calendar=True)


def moved(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"party": the hold that moved them, "appointments": [...]}; says the earlier time too."""
    appointments = _standing(payload, now=now)
    tell(
        "appointment.moved",
        appointments,
        about=[payload["party"]],
        now=now,
        with_calendar=True,
        earlier=lambda: _earlier_times(appointments),
    )


def cancelled(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"appointments": [...]}: those that this event cancelled, not those that were cancelled before it. What
    somebody else decided is told with its why by the room that decided.
    """
    found = [a for a in load(payload["appointments"]) if a.status == AppointmentStatus.CANCELLED and a.starts_at > now]
    found = [a for a in found if a.cancelled_by not in TOLD_WITH_ITS_WHY]
    latest = max((a.cancelled_at for a in found if a.cancelled_at), default=None)
    found = [a for a in found if a.cancelled_at == latest]
    tell(
        "appointment.cancelled",
        found,
        about=[str(a.pk) for a in found],
        now=now,
        with_calendar=True,
        by_booker=all(a.cancelled_by == "booker" for a in found),
    )


def reminder(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"appointments": [...], "days"}: those that still stand at the time for which it was due. The earlier ones ask
    whether the party comes.
    """
    due = Reminder.objects.filter(
        appointment__in=payload["appointments"], days_before=payload["days"], starts_at=F("appointment__starts_at")
    )
    still = {str(pk) for pk in due.values_list("appointment_id", flat=True)}
    appointments = [a for a in _standing(payload, now=now) if str(a.pk) in still]
    about = [str(payload["days"]), *(f"{a.pk} {a.starts_at.isoformat()}" for a in appointments)]
    if payload["days"] in ASKING_DAYS and appointments:
        tell("reminder.coming", appointments, about=about, now=now, coming=coming_url(appointments[0].party_id))
    else:
        tell("reminder", appointments, about=about, now=now)


def load(ids: Iterable[str]) -> list[Appointment]:
    found = Appointment.objects.for_pages().select_related("account", "session__consulate")
    return list(found.filter(pk__in=list(ids)).order_by("starts_at", "pk"))


def _standing(payload: dict, *, now: datetime) -> list[Appointment]:
    return [a for a in load(payload["appointments"]) if a.status == AppointmentStatus.BOOKED and a.starts_at > now]


def tell(
    kind: str,
    appointments: Sequence[Appointment],
    *,
    about: Sequence[str],
    now: datetime,
    with_calendar: bool = False,
    **more: object,
) -> None:
    """One mail and one text message to the account that booked, on the channels that it has."""
    # What is booked in the practice office is told to nobody: the contact may be a real person's.
    appointments = [a for a in appointments if not a.consulate.is_practice]
    if not appointments:
        return
    account = appointments[0].account
    key = f"{kind}:{VERSION}:{hashlib.sha256(' '.join(sorted(about)).encode()).hexdigest()[:40]}"
    ends = appointments[0].starts_at if appointments[0].starts_at - now < SOON else None
    with translation.override(account.language):
        visits = visits_of(appointments, now=now)
        words: dict[str, Any] = {name: value() if callable(value) else value for name, value in more.items()}
        if kind not in {"appointment.cancelled", "coming.released"}:  # whoever is not coming needs no warning
            words["notices"] = notices_of({a.consulate_id for a in appointments}, now)
            words["helper"] = helper_of(appointments[0])
        mail = mail_of(_template(kind), visits, **words)
        calendar = [Attachment(NAME, calendar_file(visits, now=now), content_type(visits))] if with_calendar else []
        news = News(mail, text_of(_template(kind), visits), calendar)
        tell_account(account, news, kind=kind, key=key, now=now, ends=ends)


def _template(kind: str) -> str:
    return kind.rpartition(".")[2]


def _earlier_times(appointments: Sequence[Appointment]) -> list[str]:
    """The times from which these were moved last, in words; each once."""
    latest: dict[UUID, int] = {}
    moves = Event.objects.filter(subject__in=[a.pk for a in appointments], kind="moved").order_by("at", "id")
    for subject, detail in moves.values_list("subject", "detail"):
        latest[subject] = detail["from_slot"]
    slots = Slot.objects.select_related("session").filter(pk__in=latest.values()).order_by("starts_at")
    return list(dict.fromkeys(moment(slot.starts_at, slot.session.time_zone) for slot in slots))
