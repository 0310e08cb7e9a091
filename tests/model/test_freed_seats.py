"""Freed seats: each is in exactly one place, its moment is written once, and it comes back with every worker dead.

A seat is booked, in an open hold (an offer of the waiting list or a won draw is one), left over by a hold that nobody
confirmed, resting, with the office's next draw, or for everybody. The walk keeps by itself what a booker freed and
until when a seat rests, and nothing else.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from appointments.claim import claim_one
from appointments.drawing import running
from appointments.models import Appointment, DrawWin, FreedSeat, Hold, WaitingOffer
from appointments.waiting import tender
from appointments.waiting.answering import accept, decline
from consulates.models import FreedIntoDraw, FreedPolicy, Seat, Slot
from tests.appointments.waiting_scene import NOON, office_day, waits
from tests.factories import appointments as make
from tests.factories.draws import applied, draw
from tests.factories.resting import could_be_seen
from tests.races.guards import rewrite

MINUTE = timedelta(minutes=1)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
JUMPS = [1, 4, 10, 21, 35, 90, 245, 60 * 25]


class Walk:
    """Three bookers and three who wait; four seats of a day that is far off and two of one that is near. The office of
    the far one puts freed seats into its draws, and the next comes on the second day.
    """

    def __init__(self):
        self.now = NOON
        self.bookers = [make.account() for _ in range(3)]
        far, near = office_day(seats=2, slots=2, days=12), office_day(seats=2, days=3)
        near.procedures.set(far.procedures.all())
        self.slots = list(Slot.objects.filter(session__in=[far, near]).order_by("starts_at"))
        for _ in range(3):
            waits(far, at=NOON - DAY)
        FreedPolicy.objects.create(
            consulate=far.consulate, into_draws=True, changed_at=NOON - DAY, changed_by=self.bookers[0]
        )
        drawn = make.session(consulate=far.consulate, procedures=far.procedures.all(), starts_at=NOON + 20 * DAY)
        self.draw = draw(drawn, opens_at=NOON + 23 * HOUR)
        for _ in range(3):
            applied(self.draw, now=NOON)
        self.seats = {seat.pk: seat for seat in self.rows()}
        self.holds = set()
        self.freed = {}  # (seat, booker): until when it is not theirs
        self.seen = Counter()

    def go(self, steps):
        for step, number in steps:
            getattr(self, step)(number)
            self.each_is_in_one_place_and_its_moment_is_written_once()
            self.offers_end_before_it_and_are_not_for_who_freed_it()

    def rows(self):
        return list(Seat.objects.filter(slot__in=self.slots).select_related("slot").order_by("pk"))

    def pick(self, things, number):
        things = list(things)
        return things[number % len(things)] if things else None

    # What happens

    def time_passes(self, number):
        """And no worker runs."""
        self.now += self.pick(JUMPS, number) * MINUTE

    def worker_runs(self, number):
        tender.tend(now=self.now)

    def draw_comes(self, number):
        """Its lists are closed and it is drawn, unless its worker is dead; run again, what was not accepted goes on."""
        self.now = max(self.now, self.draw.opens_at)
        if number % 5:
            running.tend(now=self.now)
            self.now += 10 * SECOND
            running.tend(now=self.now)

    def takes(self, number):
        """The hold of a seat, by somebody for whom it is."""
        booker = number % 3
        held = make.hold(self.bookers[booker], self.pick(self.slots, number // 3), now=self.now)
        if not held.ok or held.facts["hold"] in self.holds:  # asked for again, it is the same hold
            return None
        self.holds.add(held.facts["hold"])
        [seat] = Seat.objects.filter(holder=held.facts["hold"])
        before = self.seats[seat.pk]
        assert self.freed.get((seat.pk, booker), self.now) <= self.now, "who freed it has it back"
        assert before.visible_at <= self.now, "seen before its moment"
        assert before.until is None or before.until <= self.now, "taken while it was somebody's"
        expires = Hold.objects.get(pk=held.facts["hold"]).expires_at
        assert expires + MINUTE <= seat.until <= expires + 10 * MINUTE
        return held

    def books(self, number):
        if held := self.takes(number):
            assert make.confirm(self.bookers[number % 3], held, now=self.now).ok

    def lets_go(self, number):
        open_holds = Hold.objects.open(now=self.now).filter(account__in=self.bookers).order_by("created_at", "pk")
        if hold := self.pick(open_holds, number):
            release = make.hold_only_request(hold.account, "release", hold.pk, now=self.now)
            assert claim_one(release, now=self.now).ok

    def booked(self):
        return Appointment.objects.upcoming(now=self.now).filter(status="booked").order_by("created_at", "pk")

    def cancels(self, number):
        if one := self.pick(self.booked(), number):
            assert make.cancel(one.account, one.pk, now=self.now).ok
            self.frees(one)

    def moves(self, number):
        one = self.pick(self.booked(), number)
        if one is None:
            return
        to = self.pick([slot for slot in self.slots if slot.pk != one.slot_id], number)
        held = make.hold(one.account, to, now=self.now, procedure=one.procedure_id, replaces=[one.pk])
        if held.ok and make.confirm(one.account, held, [], now=self.now).ok:
            self.frees(one)

    def frees(self, appointment):
        """What must be so of a seat that is freed now."""
        seat = Seat.objects.get(pk=appointment.seat_id)
        place = {"starts_at": appointment.starts_at, "time_zone": appointment.session.time_zone}
        goes = self.draw.consulates.get() == appointment.consulate and self.now < self.draw.opens_at - 5 * MINUTE
        assert could_be_seen(seat.visible_at, freed=self.draw.opens_to_all_at if goes else self.now, **place)
        self.seats[seat.pk] = seat
        if appointment.account in self.bookers:
            self.freed[seat.pk, self.bookers.index(appointment.account)] = self.now + DAY

    def open_offers(self):
        return WaitingOffer.objects.filter(outcome="", expires_at__gt=self.now).select_related("entry__account")

    def answers(self, number):
        if offer := self.pick(self.open_offers().order_by("pk"), number):
            (accept if number % 3 else decline)(offer, now=self.now)

    def comes_back_with_every_worker_dead(self, number):
        """At the later of its two moments a stranger has it, though nothing ran in between."""
        coming = [
            (seat, max(seat.visible_at, seat.until or seat.visible_at))
            for seat, places in self.places()
            if places in (["rests"], ["left over"], ["with the draw"])
        ]
        seat, then = self.pick(coming, number) or (None, None)
        if seat is None or then >= seat.slot.starts_at:
            return
        with transaction.atomic():
            Seat.objects.filter(slot=seat.slot_id).exclude(pk=seat.pk).update(withdrawn_at=self.now)
            stranger = make.account()
            assert not make.hold(stranger, seat.slot, now=then - SECOND).ok
            assert make.hold(stranger, seat.slot, now=then).ok
            transaction.set_rollback(True)

    # What must be so

    def each_is_in_one_place_and_its_moment_is_written_once(self):
        for seat, places in self.places():
            assert len(places) == 1, (seat.pk, places)
            assert seat.visible_at == self.seats[seat.pk].visible_at
            self.seats[seat.pk] = seat
            self.seen.update(places)
        wins = DrawWin.objects.filter(release=self.draw).values_list("hold_id", flat=True)
        for seat in Seat.objects.filter(slot__in=self.slots, holder__in=wins):
            assert FreedIntoDraw.objects.filter(seat=seat, sealed_at__isnull=False, visible_at=seat.visible_at).exists()
            self.seen["drawn"] += 1

    def places(self):
        """Asked of the rows of each place by itself; a place that has it twice is there twice."""
        rows, now = self.rows(), self.now
        booked = Counter(Appointment.objects.filter(status="booked", until__gt=now).values_list("seat_id", flat=True))
        held = Counter(seat for hold in Hold.objects.open(now=now) for seat in hold.seat_ids)
        assert not FreedIntoDraw.objects.filter(offers_until__gt=self.draw.opens_at).exists()
        drawn = set(FreedIntoDraw.objects.standing(now=now).values_list("seat", flat=True))
        free = set(Seat.objects.free(now=now).filter(slot__in=self.slots).values_list("pk", flat=True))
        for seat in rows:
            taken = booked[seat.pk] + held[seat.pk]
            left_over = not taken and seat.until is not None and seat.until > now
            unseen = not taken and not left_over and seat.visible_at > now
            where = {
                "booked": booked[seat.pk],
                "held": held[seat.pk],
                "left over": left_over,
                "public": seat.pk in free,
            }
            where |= {"with the draw": unseen and seat.pk in drawn, "rests": unseen and seat.pk not in drawn}
            yield seat, list(Counter(where).elements())

    def offers_end_before_it_and_are_not_for_who_freed_it(self):
        for offer in self.open_offers():
            hold = Hold.objects.get(pk=offer.hold_id)
            for seat in Seat.objects.filter(holder=hold.pk):
                self.seen["offered"] += 1
                assert hold.expires_at <= seat.visible_at
                into = FreedIntoDraw.objects.filter(seat=seat, visible_at=seat.visible_at)
                assert not into.filter(offers_until__lt=hold.expires_at).exists()
                barred = FreedSeat.objects.filter(seat_id=seat.pk, scope_id__in=hold.scope_ids, until__gt=self.now)
                assert not barred.exists()


VERBS = ["time_passes", "worker_runs", "takes", "books", "books", "lets_go", "cancels", "cancels", "moves", "answers"]
VERBS += ["draw_comes", "comes_back_with_every_worker_dead"]


def walk(*, examples, steps):
    seen = Counter()

    @given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 23)), min_size=steps, max_size=steps))
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @example([("books", 3), ("cancels", 0), ("draw_comes", 1)])
    def one(chosen):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT setseed(0.5)")  # how long seats rest, the same in each run
            walked = Walk()
            walked.go(chosen)
            seen.update(walked.seen)
            transaction.set_rollback(True)

    one()
    return seen


@pytest.mark.model
def test_freed_seats_are_in_one_place_and_come_back(db):
    seen = walk(examples=6, steps=25)
    assert {"booked", "held", "left over", "rests", "public", "offered", "with the draw", "drawn"} <= set(seen)


@pytest.mark.model
@pytest.mark.long
def test_freed_seats_are_in_one_place_and_come_back_for_long(db):
    walk(examples=80, steps=60)


MUTANTS = {
    "who freed it has it back": ("lock_free_seats", "freed.until > p_now", "false"),
    "it is seen at once": ("free_booked_seat", "visible_at = seen", "visible_at = p_now"),
    "it is offered past the draw": ("free_booked_seat", "least(rested, drawn.opens_at)", "seen - interval '1s'"),
    "a moved-from seat stays taken": ("confirm_move", "PERFORM free_booked_seat(a, p_now);", ""),
}


@pytest.mark.model
@pytest.mark.parametrize("mutant", MUTANTS)
def test_control_the_walk_notices_a_changed_rule(live_db, owner_connection, mutant):
    with owner_connection.cursor() as cursor:
        rewrite(cursor, *MUTANTS[mutant])
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        walk(examples=30, steps=25)
