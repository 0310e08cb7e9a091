"""The waiting list against what it promises: exclusive offers, families whole or not at all, nobody overtaken by
somebody behind who fits, and no seat twice to one entry.
"""

from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.models import Appointment, Hold, OfferOutcome, WaitingEntry, WaitingOffer, WaitingOfferSeat
from appointments.waiting import tender as module
from appointments.waiting.answering import accept, decline
from appointments.waiting.fitting import OFFER_LENGTH, Freed, FreedSlot, Wish, best, can_be_offered, reaches, suits
from appointments.waiting.joining import leave
from appointments.waiting.seats import Candidate
from appointments.waiting.tender import Tender, offer_all
from consulates.models import Seat
from tests.appointments.waiting_scene import NOON, office_day, waits
from tests.factories import appointments as make

ZONE = "America/Denver"
START = NOON + timedelta(days=10)


def slot_at(number: int, rests: list[int], turns: list[int]) -> FreedSlot:
    """Half-hours of three sessions, four each; the gap of a day between sessions."""
    session, place = divmod(number, 4)
    starts = START + timedelta(days=session, minutes=30 * place)
    seats = [Freed(100 * number + at, NOON + timedelta(minutes=rest), turn) for at, (rest, turn) in enumerate(
        zip(rests, turns, strict=True))]  # fmt: skip
    return FreedSlot(
        number,
        session,
        session % 2,
        starts,
        starts + timedelta(minutes=30),
        ZONE,
        (31.0, -106.0),
        0.0,
        frozenset({1}),
        seats,
    )


@st.composite
def freed(draw) -> list[FreedSlot]:
    numbers = sorted(draw(st.sets(st.integers(0, 11), min_size=1, max_size=8)))
    slots = []
    for number in numbers:
        n = draw(st.integers(1, 3))
        rests = draw(st.lists(st.integers(15, 240), min_size=n, max_size=n))
        slots.append(slot_at(number, rests, draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))))
    return slots


@st.composite
def candidate(draw, number: int) -> Candidate:
    first = draw(st.integers(0, 12))
    wish = Wish(
        party=draw(st.integers(1, 3)), procedure_id=1, time_zone=ZONE, last_day=(START + timedelta(days=9)).date(),
        weekdays=frozenset(draw(st.sets(st.integers(1, 7), min_size=2))), from_hour=first,
        to_hour=draw(st.integers(13, 24)),
        offices=frozenset(draw(st.sets(st.integers(0, 1), min_size=1))),
    )  # fmt: skip
    return Candidate(
        entry=SimpleNamespace(pk=number, time_zone=ZONE), wish=wish, people=[], is_booked=False,  # type: ignore[arg-type]
        has_offer=draw(st.booleans()) and draw(st.booleans()),
        freed=draw(st.sets(st.sampled_from([100 * n for n in range(12)]), max_size=3)),
    )  # fmt: skip


@given(slots=freed(), data=st.data(), people=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_each_in_turn_takes_what_suits_whole_and_alone(slots, data, people):
    waiting = [data.draw(candidate(number)) for number in range(people)]
    given_out: dict[int, list[int]] = {}
    left = {seat.seat_id: (slot, seat) for slot in slots for seat in slot.seats}

    def take(one, chosen, _passed, *, now):
        given_out[one.entry.pk] = chosen.seat_ids
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "offer", take)
        patch.setattr(module, "_barred", lambda one, _chosen, *, now: "has_offer" if one.has_offer else None)
        offer_all(Tender(slots, NOON), waiting)

    for one in waiting:  # in the order of the list: what is left when it is their turn
        at_turn = [
            FreedSlot(**{**vars(slot), "seats": [seat for s, seat in left.values() if s is slot]}) for slot in slots
        ]
        mine = given_out.get(one.entry.pk)
        if mine is None:
            assert one.has_offer or best(one.wish, at_turn, without=one.freed, now=NOON) is None
            continue
        taken = [left.pop(seat_id) for seat_id in mine]  # KeyError: somebody else has it
        assert len(taken) == one.wish.party
        assert not set(mine) & one.freed
        assert len({slot.session_id for slot, _seat in taken}) == 1
        assert all(reaches(one.wish, slot) and suits(one.wish, slot) for slot, _seat in taken)
        assert all(can_be_offered(slot, seat, NOON) for slot, seat in taken)
        starts = sorted({slot.starts_at for slot, _seat in taken})
        assert all(later - earlier == timedelta(minutes=30) for earlier, later in pairwise(starts))


STEPS = st.lists(
    st.tuples(st.sampled_from(["join", "free", "wait", "decline", "accept", "leave", "cancel"]), st.integers(0, 5)),
    min_size=6,
    max_size=10,
)


@pytest.mark.django_db(transaction=False)
@given(steps=STEPS)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_offers_are_exclusive_and_the_first_who_fits_is_next(steps):
    with rolled_back():
        Walk().go(steps)


class rolled_back:
    """Each example on its own, inside the one transaction of the test."""

    def __enter__(self):
        from django.db import transaction

        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, kind, error, trace):
        from django.db import transaction

        if kind is None:
            transaction.set_rollback(True)
        self.atomic.__exit__(kind, error, trace)


class Walk:
    def __init__(self) -> None:
        self.at = NOON
        self.session = office_day(seats=2, slots=2, days=20, group="passport")

    def go(self, steps) -> None:
        for step, number in steps:
            self.at += timedelta(minutes=1)
            getattr(self, step)(number)
            expected = self.first_who_fits()
            before = set(WaitingOffer.objects.values_list("pk", flat=True))
            module.tend(now=self.at)
            made = list(WaitingOffer.objects.exclude(pk__in=before).order_by("made_at", "pk"))
            if expected is not None:
                assert expected in {one.entry_id for one in made}
            module.tend(now=self.at)  # again: nothing is done twice
            assert WaitingOffer.objects.count() == len(before) + len(made)
            self.check()

    def first_who_fits(self):
        """Judged by the rules alone, from the tables: who is next, if anybody is."""
        from appointments.waiting.seats import candidates, resting
        from appointments.waiting.settling import settle

        settle(now=self.at)
        slots = resting(now=self.at)
        for one in candidates(slots, now=self.at) if slots else []:
            busy = one.has_offer or one.is_booked or one.entry.paused_at
            seats = {seat for seat, _at in one.had} | one.freed
            if not busy and best(one.wish, slots, without=seats, now=self.at):
                return one.entry.pk
        return None

    def check(self) -> None:
        open_holds = Hold.objects.filter(pk__in=WaitingOffer.objects.filter(outcome="").values("hold_id"))
        held = [seat for hold in open_holds.open(now=self.at) for seat in hold.seat_ids]
        assert len(held) == len(set(held))
        for offer in WaitingOffer.objects.select_related("entry"):
            hold = Hold.objects.get(pk=offer.hold_id)
            assert len(hold.seat_ids) in {offer.entry.party, WaitingOfferSeat.objects.filter(offer=offer).count()}
            assert hold.expires_at <= min(one.visible_at for one in offer.seats.all())
        rows = list(WaitingOfferSeat.objects.values_list("entry", "seat_id", "visible_at"))
        assert len(rows) == len(set(rows))

    def join(self, number: int) -> None:
        waits(self.session, party=1 + number % 3 % 2, at=self.at - timedelta(days=number % 3))

    def free(self, number: int) -> None:
        for seat in Seat.objects.free(now=self.at).filter(slot__session=self.session)[: 1 + number % 2]:
            booker = make.account()
            booked = make.book(booker, seat.slot, now=self.at)
            taken = Seat.objects.get(holder=booked[0])
            make.cancel(booker, *booked, now=self.at)
            Seat.objects.filter(pk=taken.pk).update(visible_at=self.at + timedelta(minutes=25 + 40 * number))

    def wait(self, number: int) -> None:
        if self.at.hour < 23:
            self.at += OFFER_LENGTH

    def _open(self):
        found = WaitingOffer.objects.filter(outcome="", expires_at__gt=self.at).order_by("pk")
        return found.select_related("entry__account", "session").first()

    def decline(self, number: int) -> None:
        if offer := self._open():
            decline(offer, now=self.at)

    def accept(self, number: int) -> None:
        if offer := self._open():
            booked = accept(offer, now=self.at)
            assert len(booked) == offer.entry.party
            offer.refresh_from_db()
            assert offer.outcome == OfferOutcome.ACCEPTED

    def leave(self, number: int) -> None:
        if entry := WaitingEntry.objects.live(now=self.at).order_by("pk").first():
            leave(entry=entry, now=self.at)

    def cancel(self, number: int) -> None:
        if booked := Appointment.objects.filter(status="booked").select_related("account").first():
            make.cancel(booked.account, booked.pk, now=self.at)
