"""This room's part of "download my data" and "delete my account" (settings.PERSONAL_DATA_PROVIDERS and kin)."""

import json
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from appointments.models import Applicant, Attendee, BookingDraft, Caller, Recovery
from appointments.selectors import own_appointments
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Saved people and every appointment with who attends, ready for JSON."""
    caller = Caller.objects.filter(account=user).first()
    return {
        "registered_by_telephone": caller and _caller(caller),
        "contact_changes_asked_by_telephone": [
            {"contact": one.contact, "from": one.effective_at.isoformat(), "outcome": one.outcome or None}
            for one in Recovery.objects.filter(account=user).order_by("created_at")
        ],
        "people": [_person(one) for one in Applicant.objects.filter(account=user, removed_at=None).order_by("pk")],
        "appointments": [
            {
                "reference": appointment.reference,
                "procedure": appointment.procedure.name_es,
                "office": appointment.consulate.name_es,
                "starts_at": appointment.starts_at.isoformat(),
                "time_zone": appointment.session.time_zone,
                "state": appointment.status,
                "booked_at": appointment.created_at.isoformat(),
                "attendees": [_person(one) for one in appointment.attendees.all()],
                "corrections": [
                    {"at": one.at.isoformat(), "of": one.fields, "before": json.loads(one.before or "null")}
                    for one in appointment.corrections.all()
                ],
                "said_before_it": [
                    {"what": one.kind, "how": one.how, "at": one.at.isoformat(), "words": one.words}
                    for one in appointment.coming_notes.all()
                ],
            }
            for appointment in own_appointments(user)
            .prefetch_related("corrections", "coming_notes")
            .order_by("starts_at")
        ],
    }


def before_deletion(user: User, now: datetime) -> list[str]:
    """What somebody with appointments to come should know first."""
    count = own_appointments(user).upcoming(now=now).count()
    if not count:
        return []
    text = ngettext(
        "You have %(count)d appointment to come. It stays yours: take your receipt. Without the account you can no"
        " longer move or cancel it here. If you do not need it, cancel it first.",
        "You have %(count)d appointments to come. They stay yours: take your receipts. Without the account you can no"
        " longer move or cancel them here. If you do not need them, cancel them first.",
        count,
    )
    return [text % {"count": count}]


def forget(user: User, now: datetime) -> None:
    """Drop saved people and what was typed. Appointments keep their own copy until their retention ends."""
    BookingDraft.objects.filter(account=user).delete()
    Applicant.objects.filter(account=user).delete()
    Caller.objects.filter(account=user).delete()
    Recovery.objects.filter(account=user).delete()


def _caller(caller: Caller) -> dict[str, Any]:
    return {"stated_phone": caller.phone or None, "reason": caller.reason, "at": caller.created_at.isoformat()}


def _person(person: Applicant | Attendee) -> dict[str, Any]:
    return {
        "given_names": person.given_names,
        "surname_1": person.surname_1,
        "surname_2": person.surname_2,
        "birth_date": person.birth_date,
        "curp": person.curp or None,
        "guardian": person.guardian_name or None,
        "wheelchair": person.wheelchair,
        "sign_language": person.sign_language,
        "interpreter": person.interpreter or None,
        "priority": person.priority,
    }
