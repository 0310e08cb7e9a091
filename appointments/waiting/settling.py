"""What became of offers and entries, written down after the fact. Every reader judges by the clock and the hold; this
only keeps it before holds are forgotten, and gives the next one their turn.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from appointments.models import (
    ApplicantClaim,
    EndReason,
    Hold,
    OfferOutcome,
    WaitingEntry,
    WaitingOffer,
    WaitingPerson,
)
from appointments.waiting.joining import booked_people, end, locked
from mexitel.outbox.services import publish

# Left without an answer: so many, and the entry stands behind the others of its day; so many, and it rests until the
# person says that they still wait. Otherwise three people who never look would keep every seat from everybody behind.
LEFT_TO_MOVE_BEHIND = 2
LEFT_TO_PAUSE = 4
AT_ONCE = 500


def settle(*, now: datetime) -> dict[str, int]:
    """Counts of what was written down."""
    return {"offers": settle_offers(now=now), "ended": end_entries(now=now)}


def settle_offers(*, now: datetime) -> int:
    closed = Hold.objects.filter(pk=OuterRef("hold_id"), closed_at__isnull=False)
    over = WaitingOffer.objects.filter(outcome="").filter(Q(expires_at__lte=now) | Q(Exists(closed)))
    entries = list(over.order_by("made_at").values_list("entry_id", flat=True)[:AT_ONCE])
    return sum(settle_entry(entry_id, now=now) for entry_id in entries)


def settle_entry(entry_id: UUID, *, now: datetime) -> bool:
    """The entry's open offer gets its outcome if it is over; whether it had one."""
    with transaction.atomic():
        return settle_locked(locked(entry_id), now=now)


def settle_locked(entry: WaitingEntry, *, now: datetime) -> bool:
    """As ``settle_entry``, under a lock that the caller has. An accepted offer ends the entry."""
    offer = entry.offers.filter(outcome="").first()
    if offer is None:
        return False
    hold = Hold.objects.filter(pk=offer.hold_id).first()
    outcome = outcome_of(offer, hold, now=now)
    if outcome is None:
        return False
    offer.outcome, offer.ended_at = outcome, (hold.closed_at if hold else None) or min(offer.expires_at, now)
    offer.save(update_fields=["outcome", "ended_at"])
    if outcome == OfferOutcome.ACCEPTED and entry.ended_at is None:
        end(entry, EndReason.BOOKED, now=now)
    if outcome == OfferOutcome.LAPSED and entry.ended_at is None:
        _left_without_answer(entry, now=now)
    return True


def outcome_of(offer: WaitingOffer, hold: Hold | None, *, now: datetime) -> OfferOutcome | None:
    """None while it can still be accepted."""
    if offer.outcome:
        return OfferOutcome(offer.outcome)
    if hold is not None and hold.outcome:
        return OfferOutcome.ACCEPTED if hold.outcome == "confirmed" else OfferOutcome.DECLINED
    return OfferOutcome.LAPSED if offer.expires_at <= now else None


def _left_without_answer(entry: WaitingEntry, *, now: datetime) -> None:
    left = entry.offers.filter(outcome=OfferOutcome.LAPSED)
    if entry.awake_at is not None:  # they said that they still wait: counted from there
        left = left.filter(made_at__gte=entry.awake_at)
    count = left.count()
    changed: dict[str, datetime] = {}
    if count and count % LEFT_TO_MOVE_BEHIND == 0:
        changed["moved_behind_at"] = now
    if count >= LEFT_TO_PAUSE:
        changed["paused_at"] = now
        publish(kind="waiting.paused", payload={"entry": str(entry.pk)}, now=now)
    if changed:
        WaitingEntry.objects.filter(pk=entry.pk).update(**changed)


def end_entries(*, now: datetime) -> int:
    """Those whose date came, and those whose people all have an appointment, or one of those who attend together."""
    booked = ApplicantClaim.objects.filter(
        applicant=OuterRef("applicant"), procedure_group=OuterRef("entry__procedure_group"), until__gt=now
    )
    people = WaitingPerson.objects.filter(entry=OuterRef("pk"))
    standing = WaitingEntry.objects.filter(ended_at=None)
    found = (
        standing.filter(until__lte=now)
        | standing.filter(~Exists(people.filter(~Exists(booked))))
        | standing.filter(Exists(people.filter(Exists(booked))), procedure__min_applicants__gt=1)
    )
    return sum(_end_one(pk, now=now) for pk in list(found.values_list("pk", flat=True)[:AT_ONCE]))


def _end_one(entry_id: UUID, *, now: datetime) -> bool:
    with transaction.atomic():
        entry = locked(entry_id)
        settle_locked(entry, now=now)
        entry.refresh_from_db()
        if entry.ended_at is not None:
            return False
        people = list(entry.people.all())
        booked = len(booked_people(entry, people, now=now))
        if people and booked >= (1 if entry.is_together else len(people)):
            end(entry, EndReason.BOOKED, now=now)
        elif entry.until <= now:
            end(entry, EndReason.OVER, now=now)
            publish(kind="waiting.over", payload={"entry": str(entry.pk)}, now=now)
        else:
            return False
        return True
