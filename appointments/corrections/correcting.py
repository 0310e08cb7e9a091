"""One correction of one person: judged against who was booked, written beside it, told, and known to fairness."""

import json
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from appointments.corrections.typos import Named, larger_than_typos
from appointments.enums import Channel
from appointments.errors import BookingError, UnknownAppointment
from appointments.guards import BookingAttempt, run_guards
from appointments.models import Appointment, Attendee, Correction, Event
from appointments.services.applicants import Entry, columns_of
from consulates.calendars import zone
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

FIELDS = ("given_names", "surname_1", "surname_2", "birth_date", "curp")


class AnotherPerson(BookingError):
    """More than typing errors: ``facts["fields"]`` lists where. Another person means cancel and book."""

    code = "another_person"


class NotCorrectable(BookingError):
    """It has begun, is over or was cancelled."""

    code = "not_correctable"


def correct_attendee(
    *,
    account: User,
    appointment_id: UUID,
    position: int,
    entry: Entry,
    now: datetime,
    channel: str = Channel.WEB,
    agent_id: int | None = None,
    call_reference: str = "",
) -> bool:
    """Write what ``entry`` says of the ``position``-th person of an appointment; whether anything changed.

    ``entry`` was checked by a form, for the age on that day and the CURP. Two at once go one after the other, and each
    is measured against who was booked, so that many small corrections never add up to somebody else. Raises
    UnknownAppointment, NotCorrectable, AnotherPerson, or BookingRefused by a guard; a refusal changes nothing, and
    that somebody else was typed is noted once for an appointment.
    """
    run_guards(BookingAttempt(verb="correct", account=account, channel=channel, now=now, appointment=appointment_id))
    who = {"channel": channel, "agent": agent_id, "call": call_reference}
    with transaction.atomic():
        appointment, attendee = _locked(account, appointment_id, position, now=now)
        before, typed = named_of(attendee), _named(entry)
        changed = [name for name in FIELDS if getattr(before, name) != getattr(typed, name)]
        others = larger_than_typos(_as_booked(attendee) or before, typed)
        if others:
            _note_refused(appointment, position, who, now=now)
        elif changed:
            _write(appointment, attendee, entry, before, changed, who, now=now)
    if others:
        raise AnotherPerson({"fields": others})
    return bool(changed)


def named_of(attendee: Attendee) -> Named:
    born = date.fromisoformat(attendee.birth_date)
    return Named(attendee.given_names, attendee.surname_1, attendee.surname_2, born, attendee.curp)


def entry_of_attendee(attendee: Attendee) -> Entry:
    """Everything that is known of them, for a form."""
    return Entry(
        **named_of(attendee)._asdict(),
        guardian_name=attendee.guardian_name,
        wheelchair=attendee.wheelchair,
        sign_language=attendee.sign_language,
        interpreter=attendee.interpreter,
        priority=attendee.priority,
    )


def _named(entry: Entry) -> Named:
    return Named(*(getattr(entry, name) for name in FIELDS))


def _as_booked(attendee: Attendee) -> Named | None:
    first = (
        Correction.objects.filter(appointment=attendee.appointment_id, position=attendee.position)
        .exclude(before="")
        .order_by("pk")
        .first()
    )
    if first is None:
        return None
    facts = json.loads(first.before)
    return Named(**facts | {"birth_date": date.fromisoformat(facts["birth_date"])})


def _locked(account: User, appointment_id: UUID, position: int, *, now: datetime) -> tuple[Appointment, Attendee]:
    own = Appointment.objects.select_related("session").select_for_update(of=("self",), no_key=True)
    appointment = own.filter(pk=appointment_id, account=account).first()
    attendee = Attendee.objects.filter(appointment=appointment_id, position=position).first() if appointment else None
    if appointment is None or attendee is None:
        raise UnknownAppointment
    if not appointment.can_change(now=now):
        raise NotCorrectable
    return appointment, attendee


def _write(
    appointment: Appointment,
    attendee: Attendee,
    entry: Entry,
    before: Named,
    changed: list[str],
    who: dict,
    *,
    now: datetime,
) -> None:
    """Needs and the mark of priority stay: they are no matter of typing."""
    kept = entry_of_attendee(attendee)
    typed = replace(kept, **_named(entry)._asdict(), guardian_name=entry.guardian_name)
    day = appointment.starts_at.astimezone(zone(appointment.session.time_zone)).date()
    for name, value in columns_of(typed, today=day).items():
        setattr(attendee, name, value)
    attendee.save()
    made = Correction.objects.create(
        appointment=appointment,
        position=attendee.position,
        at=now,
        fields=changed,
        before=json.dumps(before._asdict() | {"birth_date": before.birth_date.isoformat()}),
        channel=who["channel"],
        by_id=who["agent"],
    )
    _log(appointment, {"position": attendee.position, "fields": changed}, who, now=now)
    if who["agent"] is not None:
        detail = {"appointment": str(appointment.pk), "fields": changed, "call": who["call"]}
        agent = User(pk=who["agent"])
        record(actor=agent, action="appointment.correct", target=appointment.account, now=now, detail=detail)
    publish(kind="appointment.corrected", payload={"correction": made.pk}, now=now)


def _note_refused(appointment: Appointment, position: int, who: dict, *, now: datetime) -> None:
    """Once for an appointment: whoever tries again and again did one thing. Nothing of what was typed is kept."""
    known = Event.objects.filter(subject=appointment.pk, kind="corrected", detail__refused=True)
    if not known.exists():
        _log(appointment, {"position": position, "refused": True}, who, now=now)


def _log(appointment: Appointment, detail: dict, who: dict, *, now: datetime) -> None:
    by = {name: who[name] for name in ("agent", "call") if who[name]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT log_event('corrected', %s, %s, %s, %s, %s)",
            [appointment.pk, appointment.account_id, who["channel"], json.dumps(detail | by), now],
        )
