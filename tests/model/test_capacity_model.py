"""Whatever is set, ended, booked and given back: a share is never passed, a taken seat never withdrawn, and what
factors withheld comes back, no more and no less.
"""

from collections import Counter
from datetime import time, timedelta
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from consulates.calendars import offered_seats
from consulates.models import CapacityFactor, Seat, Session, Slot
from consulates.planning import factors, fitting
from consulates.planning.capacity import end_factor, keep_all
from consulates.planning.fitting import Fitted
from tests.factories import appointments as make
from tests.factories import ledger, planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = [pytest.mark.django_db, pytest.mark.model]
SHARES = ["0", "0.25", "0.34", "0.5", "0.75", "0.9", "1"]
chosen = st.integers(0, 50)


class Capacities(RuleBasedStateMachine):
    """Three days of one office. Of the first a time is closed, the second works at nine tenths of its own, and the
    publication of the last was taken back while somebody had a seat there.
    """

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.now = NOW
        self.office = ConsulateFactory()
        self.by = planning.planner(self.office)
        first = planning.published(self.office, windows=3, staff_seats=3, emergency_seats=2)
        second = planning.published(self.office, after=1, windows=4, capacity_factor=Decimal("0.9"))
        self.sessions = [
            first,
            second,
            planning.published(self.office, after=2, opens=time(12), closes=time(14), windows=2),
        ]
        self.undone = self.take_back(planning.plan(self.office, make.procedure(), after=2))
        closed = first.slots.order_by("starts_at")[2]
        Slot.objects.filter(pk=closed.pk).update(closed_at=NOW)
        Seat.objects.filter(slot=closed).update(withdrawn_at=NOW)
        self.slots = list(Slot.objects.filter(closed_at=None, consulate=self.office).order_by("pk"))
        self.bookers = [make.account() for _ in range(4)]
        self.booked: list[tuple[object, str]] = []
        self.before = self.withdrawn()

    def take_back(self, plan):
        made = planning.create(self.office, plan, by=self.by).made
        published = planning.publish(self.office, made, by=self.by)
        booker = make.account()
        [self.last_one] = make.book(booker, Session.objects.get(pk=made[0]).slots.first())
        self.last_booker = booker
        planning.undo(published, by=self.by)
        return Session.objects.get(pk=made[0])

    def teardown(self):
        """The end of every walk: without any factor everything is as it was."""
        for factor in CapacityFactor.objects.in_force():
            end_factor(factor=factor, by=self.by, now=self.now)
        keep_all(now=self.now)
        after = self.withdrawn()
        transaction.savepoint_rollback(self.savepoint)
        assert after == self.before

    def withdrawn(self):
        """But for the seat of whoever had one in the session that was taken back."""
        seats = Seat.objects.filter(slot__consulate=self.office, withdrawn_at__isnull=False)
        return set(seats.exclude(holder=self.last_one).values_list("pk", flat=True)) - {self.last_seat()}

    def last_seat(self):
        return ledger.rows("SELECT seat_id FROM appointments_appointment WHERE id = %s", self.last_one)[0][0]

    @rule(share=st.sampled_from(SHARES), first=st.integers(0, 2), more=st.integers(0, 2))
    def set(self, share, first, more):
        days = [planning.DAY + timedelta(days=number) for number in (first, first + more)]
        planning.factor(self.office, share, by=self.by, first=days[0], last=days[1], now=self.now)

    @precondition(lambda self: CapacityFactor.objects.in_force().exists())
    @rule(which=chosen)
    def end(self, which):
        found = list(CapacityFactor.objects.in_force())
        end_factor(factor=found[which % len(found)], by=self.by, now=self.now)

    @rule(who=st.integers(0, 3), where=chosen, seats=st.integers(1, 3), confirmed=st.booleans())
    def book(self, who, where, seats, confirmed):
        booker = self.bookers[who]
        held = make.hold(booker, self.slots[where % len(self.slots)], seats, now=self.now)
        if held.ok and confirmed:
            answer = make.confirm(booker, held, n=seats, now=self.now)
            self.booked += [(booker, pk) for pk in answer.facts.get("appointments", [])]

    @precondition(lambda self: self.booked)
    @rule(which=chosen)
    def cancel(self, which):
        booker, pk = self.booked.pop(which % len(self.booked))
        make.cancel(booker, pk, now=self.now)

    @rule()
    def cancel_the_last(self):
        make.cancel(self.last_booker, self.last_one, now=self.now)

    @rule(minutes=st.sampled_from([1, 12, 25, 241]))
    def pass_time(self, minutes):
        """The keeper comes every five minutes: before what rests is seen, and soon after a hold has run out."""
        self.now += timedelta(minutes=minutes)
        keep_all(now=self.now)
        assert keep_all(now=self.now) == Fitted(0, 0)

    @invariant()
    def what_is_offered_never_passes_the_lowest_share(self):
        """Reckoned anew, and not by the code under test."""
        spans = list(CapacityFactor.objects.filter(ended_at=None, consulate=self.office))
        taken, free = self.counts("taken"), self.counts("free")
        for session in [*self.sessions, self.undone]:
            own = [span.factor for span in spans if span.first <= session.date <= span.last]
            share = min([session.capacity_factor, *own])
            slots = [slot.pk for slot in self.slots if slot.session_id == session.pk]
            planned = offered_seats(session.windows, share, len(slots))
            assert sum(planned) <= share * session.windows * len(slots)
            for slot, most in zip(slots, planned, strict=True):
                assert free[slot] <= max(0, most - taken[slot])

    def counts(self, what):
        """Of each time: seats that somebody has, or that are seen to be free."""
        seats = Seat.objects.free(now=self.now) if what == "free" else Seat.objects.filter(until__gt=self.now)
        return Counter(seats.filter(slot__consulate=self.office).values_list("slot_id", flat=True))

    @invariant()
    def what_somebody_has_is_never_withdrawn(self):
        assert not Seat.objects.filter(until__gt=self.now, withdrawn_at__isnull=False).exists()


def walk(*, examples, steps, derandomize=True, phases=(Phase.generate, Phase.shrink)):
    run_state_machine_as_test(
        Capacities,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=phases,
        ),
    )


def test_factors_withhold_their_share_and_nothing_else():
    walk(examples=6, steps=20)


@pytest.mark.long
def test_factors_withhold_their_share_and_nothing_else_for_long():
    walk(examples=300, steps=50, derandomize=False)


MUTANTS = {
    "taken seats do not count": (fitting, "FIT", lambda sql: sql.replace("- coalesce(taken.seats, 0)", "")),
    "taken seats are withdrawn": (
        fitting,
        "FIT",
        lambda sql: sql.replace("AND (until IS NULL OR until <= %(now)s)", ""),
    ),
    "closed times have a share": (fitting, "SLOTS", lambda sql: sql.replace("AND slot.closed_at IS NULL", "")),
    "the first factor counts": (
        factors,
        "lowest",
        lambda _old: lambda own, day, spans: next((s.factor for s in spans if s.first <= day <= s.last), own),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_control_the_walk_notices_a_changed_rule(monkeypatch, mutant):
    module, name, change = MUTANTS[mutant]
    before = getattr(module, name)
    after = change(before)
    assert after != before
    monkeypatch.setattr(module, name, after)
    with transaction.atomic(), pytest.raises((AssertionError, BaseExceptionGroup)):
        walk(examples=20, steps=20, phases=[Phase.generate])
