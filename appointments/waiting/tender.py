"""Freed seats are offered to those who wait, in the order of the list. Run every few seconds by a task, in as many
workers as there are, and killed anywhere: each offer is one transaction, and nothing that must be true waits for it.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from appointments.claim import claim_one
from appointments.drafts import fits
from appointments.enums import Channel
from appointments.family import LARGEST_PARTY, is_one_family
from appointments.models import Hold, Skip, WaitingOffer, WaitingOfferSeat
from appointments.models.waiting import MOST_OFFERS_OF_A_SEAT
from appointments.services.hold import request_for
from appointments.waiting import days
from appointments.waiting.fitting import (
    OFFER_LENGTH,
    Chosen,
    Freed,
    FreedSlot,
    best,
    is_awake,
    reaches,
    suits,
)
from appointments.waiting.joining import can_be_told, locked, told_of
from appointments.waiting.keys import keys_of, take_keys
from appointments.waiting.order import OFFER_LETTERS, day_of, new_code
from appointments.waiting.seats import Candidate, candidates, resting
from appointments.waiting.settling import settle, settle_locked
from consulates.models import Seat
from mexitel.outbox.services import publish

logger = logging.getLogger(__name__)

ORIGIN = "waiting"
# What the claim says, as the person is told. Whatever else it says means that the seats are somebody's by now.
SAID = {"lock_full": Skip.FULL_PERMITS, "blocked": Skip.BLOCKED, "applicant_booked": Skip.APPLICANT_BOOKED}
SKIPPED = """
INSERT INTO appointments_waitingskip AS mine (entry_id, day, code, times, last_at)
SELECT entry, %(day)s, code, 1, %(now)s FROM unnest(%(entries)s::uuid[], %(codes)s::text[]) AS skips (entry, code)
WHERE EXISTS (SELECT FROM appointments_waitingentry WHERE id = entry)
ORDER BY entry
ON CONFLICT (entry_id, day, code) DO UPDATE SET times = mine.times + 1, last_at = excluded.last_at
"""


RETURNED = """
INSERT INTO appointments_waitingreturn (seat_id, visible_at, why, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


class SeatsGone(Exception):
    """The seats that were chosen are somebody's, or had their three offers."""


class EntryGone(Exception):
    """Whoever stood there left the list in the meantime."""


@dataclass
class Passed:
    """Somebody whose turn it was and who was offered nothing, and why, where it is not the seats."""

    candidate: Candidate
    why: Skip | None = None


@dataclass
class Tender:
    """One walk along the list. ``slots`` lose the seats that are offered."""

    slots: list[FreedSlot]
    now: datetime
    passed: list[Passed] = field(default_factory=list)
    offered: int = 0

    @property
    def is_over(self) -> bool:
        return not any(slot.seats for slot in self.slots)

    def take_out(self, seat_ids: Sequence[int]) -> None:
        for slot in self.slots:
            slot.seats = [seat for seat in slot.seats if seat.seat_id not in seat_ids]


def tend(*, now: datetime) -> dict[str, int]:
    """Everything that the list needs done: outcomes written down, ends, offers, seats that go to the public."""
    days.commit_ahead(now=now)
    done = settle(now=now) | {"days": days.tend(now=now)}
    slots = resting(now=now)
    waiting = candidates(slots, now=now) if slots else []
    done["returned"] = note_returns(slots, waiting, now=now)
    done["offered"] = offer_all(Tender(slots, now), waiting)
    return done


def offer_all(tender: Tender, waiting: Sequence[Candidate]) -> int:
    """Each in turn takes the best seats that suit, as long as there are any."""
    for candidate in waiting:
        if tender.is_over:
            break
        with suppress(EntryGone):
            tender.passed.append(Passed(candidate, _serve(tender, candidate)))
    return tender.offered


def _serve(tender: Tender, candidate: Candidate) -> Skip | None:
    """The offer is made, or the reason why not; None when no seats suit."""
    now = tender.now
    for _attempt in range(3):
        had = {seat for seat, _at in candidate.had}
        chosen = best(candidate.wish, tender.slots, without=candidate.freed | had, now=now)
        if chosen is None:
            return None
        barred = _barred(candidate, chosen, now=now)
        if barred is not None:
            return barred
        try:
            refused = offer(candidate, chosen, tender.passed, now=now)
        except SeatsGone:
            tender.take_out(chosen.seat_ids)
            continue
        if refused is not None:
            return refused
        tender.take_out(chosen.seat_ids)
        tender.offered += 1
        return Skip.HAS_OFFER
    return None


def _barred(candidate: Candidate, chosen: Chosen, *, now: datetime) -> Skip | None:
    """What is known without asking the claim."""
    entry = candidate.entry
    if candidate.has_offer:
        return Skip.HAS_OFFER
    if entry.paused_at is not None:
        return Skip.PAUSED
    if candidate.is_booked:
        return Skip.APPLICANT_BOOKED
    if not is_awake(now, entry.time_zone):
        return Skip.ASLEEP
    if not can_be_told(entry.account):
        return Skip.UNREACHABLE
    day, people = chosen.parts[0][0].day, [told_of(person) for person in candidate.people]
    if not all(fits(person, procedure=entry.procedure, day=day) for person in people):
        return Skip.DOES_NOT_FIT
    if len(people) > LARGEST_PARTY and not is_one_family(people, day=day):  # one of them is no minor any more
        return Skip.DOES_NOT_FIT
    return None


def offer(candidate: Candidate, chosen: Chosen, passed: Sequence[Passed], *, now: datetime) -> Skip | None:
    """Hold ``chosen`` for the entry and tell them; who stood before them is noted with the reason.

    Returns why they cannot have it, or None. Raises SeatsGone or EntryGone. One transaction: the entry's row first,
    then what the claim locks; of two workers the second finds the offer of the first.
    """
    with transaction.atomic():
        entry = locked(candidate.entry.pk)
        settle_locked(entry, now=now)
        entry.refresh_from_db(fields=["ended_at", "paused_at"])
        if not entry.is_live(now=now) or entry.paused_at:
            raise EntryGone
        if entry.offers.filter(outcome="").exists():
            return Skip.HAS_OFFER
        identities = [bytes(person.identity_hash) for person in candidate.people]
        if not take_keys(entry, keys_of(entry.account, identities), now=now):
            transaction.set_rollback(True)
            return Skip.ANOTHER_ENTRY
        expires_at = now + OFFER_LENGTH
        answer = claim_one(_request(candidate, chosen, expires_at), now=now)
        if not answer.ok:
            transaction.set_rollback(True)
            if answer.code not in SAID:
                raise SeatsGone
            return SAID[answer.code]
        hold = Hold.objects.get(pk=answer.facts["hold"])
        if hold.origin != ORIGIN:  # they are choosing the same time themselves just now
            transaction.set_rollback(True)
            return Skip.HAS_OFFER
        made = WaitingOffer.objects.create(
            entry=entry,
            code=new_code(OFFER_LETTERS),
            hold_id=hold.pk,
            session_id=chosen.session_id,
            starts_at=chosen.starts_at,
            made_at=now,
            expires_at=expires_at,
        )
        _note_turns(made, hold.seat_ids)
        _note_skips(chosen, passed, now=now)
        publish(kind="waiting.offered", payload={"offer": str(made.pk)}, now=now)
    return None


def _request(candidate: Candidate, chosen: Chosen, expires_at: datetime) -> dict:
    entry = candidate.entry
    return request_for(
        entry.account,
        "hold",
        channel=Channel.WEB,
        slots=[{"slot": slot.slot_id, "seats": len(seats)} for slot, seats in chosen.parts],
        procedure=entry.procedure_id,
        expires_at=expires_at,
        pools=sorted(candidate.wish.pools),
        origin=ORIGIN,
        resting=chosen.seat_ids,
        supersedes=None,
        replaces=[],
        agent=None,
    )


def _note_turns(made: WaitingOffer, seat_ids: Sequence[int]) -> None:
    """Their rows are locked by the claim, so that nobody else counts at the same time. Raises SeatsGone at a fourth."""
    for seat in Seat.objects.filter(pk__in=seat_ids).order_by("pk"):
        turn = WaitingOfferSeat.objects.filter(seat_id=seat.pk, visible_at=seat.visible_at).count() + 1
        if turn > MOST_OFFERS_OF_A_SEAT:
            raise SeatsGone
        WaitingOfferSeat.objects.create(
            offer=made, entry_id=made.entry_id, seat_id=seat.pk, visible_at=seat.visible_at, turn=turn
        )


def _note_skips(chosen: Chosen, passed: Sequence[Passed], *, now: datetime) -> None:
    """Everybody before them who waits for the same procedure at the same place."""
    slot = chosen.parts[0][0]
    skips = [
        (one.candidate.entry.pk, str(_why(one, chosen, now=now))) for one in passed if reaches(one.candidate.wish, slot)
    ]
    if skips:
        _write_skips(skips, now=now)


def _write_skips(skips: Sequence[tuple], *, now: datetime) -> None:
    entries, codes = zip(*sorted(skips), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(SKIPPED, {"entries": list(entries), "codes": list(codes), "day": day_of(now), "now": now})


def _why(one: Passed, chosen: Chosen, *, now: datetime) -> Skip:
    """Why these seats did not go to somebody who stood before."""
    candidate = one.candidate
    if not all(suits(candidate.wish, slot) for slot, _seats in chosen.parts):
        return Skip.DOES_NOT_FIT
    if one.why is not None:
        return one.why
    if candidate.freed & set(chosen.seat_ids):
        return Skip.FREED_IT
    if any((seat.seat_id, seat.visible_at) in candidate.had for _slot, seats in chosen.parts for seat in seats):
        return Skip.DECLINED_BEFORE
    if candidate.has_offer:
        return Skip.HAS_OFFER
    if not is_awake(now, candidate.entry.time_zone):
        return Skip.ASLEEP
    return Skip.NOT_ENOUGH if candidate.wish.party > len(chosen.seat_ids) else Skip.DOES_NOT_FIT


def note_returns(slots: Sequence[FreedSlot], waiting: Sequence[Candidate], *, now: datetime) -> int:
    """Seats that the public sees before another offer could end, though somebody waits for such a one: the first of
    them reads why. Each seat once; how many.
    """
    return sum(
        _note_return(slot, seat, waiting, now=now)
        for slot in slots
        for seat in slot.seats
        if seat.until < now + OFFER_LENGTH and seat.turns < MOST_OFFERS_OF_A_SEAT
    )


def _note_return(slot: FreedSlot, seat: Freed, waiting: Sequence[Candidate], *, now: datetime) -> bool:
    def waits(one: Candidate) -> bool:
        had_it = seat.seat_id in one.freed or (seat.seat_id, seat.visible_at) in one.had
        return not had_it and one.entry.paused_at is None and reaches(one.wish, slot) and suits(one.wish, slot)

    first = next(filter(waits, waiting), None)
    if first is None:
        return False
    why = Skip.CANNOT_END_IN_TIME if is_awake(now, slot.time_zone) else Skip.ASLEEP
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RETURNED, [seat.seat_id, seat.visible_at, str(why), now])
        is_new = cursor.rowcount == 1
        if is_new:
            _write_skips([(first.entry.pk, str(why))], now=now)
        return is_new
