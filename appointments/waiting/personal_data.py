"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from django.db import transaction

from appointments.models import EndReason, WaitingEntry, WaitingPerson
from appointments.waiting.joining import end, locked, told_of
from appointments.waiting.words import when_words, where_words
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Every place in the list: what was waited for, for whom, what was offered and why others were served."""
    entries = WaitingEntry.objects.filter(account=user).select_related("procedure").order_by("pk")
    return {"waiting_list": [_entry(entry) for entry in entries]}


def forget(user: User, now: datetime) -> None:
    """What waits ends; who it was for goes. What stays says that somebody waited, and what was offered."""
    for entry_id in WaitingEntry.objects.filter(account=user, ended_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            entry = locked(entry_id)
            if entry.ended_at is None:
                end(entry, EndReason.LEFT, now=now)
    WaitingPerson.objects.filter(entry__account=user).delete()
    WaitingEntry.objects.filter(account=user).update(near="", front_reason="", front_at=None, call_reference="")


def _entry(entry: WaitingEntry) -> dict:
    people = entry.people.select_related("applicant").order_by("position")
    told = [told_of(person) for person in people]
    return {
        "ticket": entry.code,
        "procedure": entry.procedure.name_es,
        "where": where_words(entry),
        "when": when_words(entry),
        "until": entry.last_day.isoformat(),
        "joined_at": entry.joined_at.isoformat(),
        "ended_at": entry.ended_at.isoformat() if entry.ended_at else None,
        "end": entry.end_reason or None,
        "people": [" ".join(filter(None, [one.given_names, one.surname_1, one.surname_2])) for one in told],
        "offers": [
            {"made_at": offer.made_at.isoformat(), "for": offer.starts_at.isoformat(), "outcome": offer.outcome or None}
            for offer in entry.offers.order_by("made_at")
        ],
        "served_before_me": [
            {"day": skip.day.isoformat(), "code": skip.code, "times": skip.times}
            for skip in entry.skips.order_by("day")
        ],
    }
