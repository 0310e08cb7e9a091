"""The claim and the model of its rules agree after every step, whatever order the steps come in."""

from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import InternalError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appointments import models
from appointments.claim import claim_one
from consulates.models import Seat, Slot
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance
from tests.factories.resting import could_be_seen
from tests.model import rules
from tests.races.guards import rewrite

HOLD = make.HOLD_LENGTH
# Minutes; mostly short, so that much happens between two ends of a hold.
JUMPS = [1, 1, 4, 4, 9, 10, 20, 241, 60 * 24, 60 * 24 * 8]
whose = st.integers(0, 3)
places = st.integers(0, 3)
chosen = st.integers(0, 50)
owner_or_stranger = st.sampled_from([None] * 9 + [0, 1, 2, 3])


class Bookings(RuleBasedStateMachine):
    """Four bookers: two share a mailbox, two a phone. Four times in two sessions, and three procedures."""

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.now = NOW
        self.bookers = [
            make.account("eva.luna@gmail.com"),
            make.account("evaluna+2@googlemail.com"),
            make.account(phone="+12135550301"),
            make.account(phone="+12135550301"),
        ]
        self.people = [[make.person(booker) for _ in range(7)] for booker in self.bookers]
        passport, renewal, card = make.procedure(group="passport"), make.procedure(group="passport"), make.procedure()
        self.procedures = [passport.pk, renewal.pk, card.pk]
        sessions = [
            make.session(seats=6, slots=2, procedures=[passport, card], starts_at=NOW + timedelta(days=8)),
            make.session(seats=4, slots=2, procedures=[passport, renewal], starts_at=NOW + timedelta(days=9, hours=2)),
        ]
        self.slots = list(Slot.objects.filter(session__in=sessions).order_by("starts_at"))
        self.model = rules.Portal(
            {
                slot.pk: rules.Slot(
                    slot.session_id,
                    slot.starts_at,
                    slot.session.ends_at,
                    set(slot.session.procedures.values_list("pk", flat=True)),
                    [rules.Seat(seat.visible_at) for seat in slot.seats.order_by("unit")],
                )
                for slot in self.slots
            }
        )
        self.model.groups = dict(make.Procedure.objects.values_list("pk", "group"))

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    def scopes(self, booker):
        return make.scope_keys(self.bookers[booker])

    def ask(self, request):
        return claim_one(request, now=self.now)

    def copy_rests(self):
        """How long a seat rests is drawn by the database: the model takes it over once it lies in its bounds."""
        for slot in self.slots:
            for seat, row in zip(
                self.model.slots[slot.pk].seats, Seat.objects.filter(slot=slot).order_by("unit"), strict=True
            ):
                if row.visible_at != seat.visible_at:
                    place = {"starts_at": slot.starts_at, "time_zone": slot.session.time_zone}
                    assert could_be_seen(row.visible_at, freed=self.now, **place)
                seat.visible_at, seat.until = row.visible_at, row.until

    @rule(minutes=st.sampled_from(JUMPS))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    def pick(self, things, number):
        return list(things)[-1 - number % len(things)] if things else None

    def try_to_hold(self, booker, slots, procedure, *, supersedes=None, replaces=()):
        request = make.hold_request(
            self.bookers[booker],
            slots,
            now=self.now,
            procedure=procedure,
            supersedes=supersedes,
            replaces=list(replaces),
        )
        known = set(self.model.holds)
        answer = self.ask(request)
        name = answer.facts.get("hold", "none")
        expected = self.model.hold(
            name if name not in known else "again",
            booker,
            self.scopes(booker),
            [slot.pk for slot in slots],
            procedure,
            self.now + HOLD,
            self.now,
            supersedes,
            replaces,
        )
        assert answer.code == expected
        return name if answer.ok else None

    @rule(
        booker=whose,
        slot=places,
        seats=st.integers(1, 3),
        first=st.integers(0, 6),
        procedure=st.sampled_from([0, 0, 1, 2]),
    )
    def book(self, booker, slot, seats, first, procedure):
        """Hold and confirm in one go, so that walks get somewhere."""
        name = self.try_to_hold(booker, [self.slots[slot]] * seats, self.procedures[procedure])
        if name:
            self.confirm_for(booker, name, [(first + n) % 7 for n in range(seats)])

    @precondition(lambda self: self.model.appointments)
    @rule(which=chosen, to=places)
    def move(self, which, to):
        name = self.pick(self.model.appointments, which)
        one = self.model.appointments[name]
        held = self.try_to_hold(one.booker, [self.slots[to]], one.procedure, replaces=[name])
        if held:
            self.confirm_for(one.booker, held, [])

    @rule(
        booker=whose,
        slots=st.lists(places, min_size=1, max_size=4),
        procedure=st.integers(0, 2),
        old=st.none() | chosen,
    )
    def hold(self, booker, slots, procedure, old):
        supersedes = None if old is None else self.pick(self.model.holds, old)
        self.try_to_hold(booker, [self.slots[n] for n in slots], self.procedures[procedure], supersedes=supersedes)

    @precondition(lambda self: self.model.appointments)
    @rule(which=st.lists(chosen, min_size=1, max_size=2), to=places, by=owner_or_stranger)
    def hold_to_move(self, which, to, by):
        names = list(dict.fromkeys(self.pick(self.model.appointments, one) for one in which))
        first = self.model.appointments[names[0]]
        booker = first.booker if by is None else by
        self.try_to_hold(booker, [self.slots[to]] * len(names), first.procedure, replaces=names)

    @precondition(lambda self: self.model.holds)
    @rule(
        which=chosen,
        people=st.lists(st.integers(0, 6), min_size=1, max_size=4),
        exact=st.sampled_from([True, True, True, False]),
        by=owner_or_stranger,
    )
    def confirm(self, which, people, exact, by):
        name = self.pick(self.model.holds, which)
        hold = self.model.holds[name]
        booker = hold.booker if by is None else by
        if exact:
            people = [(people[0] + n) % 7 for n in range(len(hold.seats))]
        self.confirm_for(booker, name, people)

    def confirm_for(self, booker, name, people):
        attending = [self.people[booker][n] for n in people]
        answer = self.ask(make.confirm_request(self.bookers[booker], name, attending))
        assert answer.code == self.model.confirm(
            name,
            booker,
            self.scopes(booker),
            [person["applicant"] for person in attending],
            lambda: answer.facts.get("appointments", ["none"] * len(people)),
            self.now,
        )
        for one in answer.facts.get("appointments", ()):
            appointment = self.model.appointments[one]
            if not appointment.cancelled:
                self.model.slots[appointment.slot].seats[appointment.seat].holder = one

    @precondition(lambda self: self.model.holds)
    @rule(which=chosen, by=owner_or_stranger, verb=st.sampled_from(["extend", "release"]))
    def extend_or_release(self, which, by, verb):
        name = self.pick(self.model.holds, which)
        booker = self.model.holds[name].booker if by is None else by
        answer = self.ask(make.hold_only_request(self.bookers[booker], verb, name, now=self.now))
        if verb == "extend":
            assert answer.code == self.model.extend(name, booker, self.now + HOLD, self.now)
        else:
            assert answer.code == self.model.release(name, booker, self.now)

    @precondition(lambda self: self.model.appointments)
    @rule(which=st.lists(chosen, min_size=1, max_size=3), by=owner_or_stranger)
    def cancel(self, which, by):
        names = list(dict.fromkeys(self.pick(self.model.appointments, one) for one in which))
        booker = self.model.appointments[names[0]].booker if by is None else by
        answer = self.ask(make.cancel_request(self.bookers[booker], *names))
        assert answer.code == self.model.cancel(names, booker, self.now)

    @rule(booker=whose, scope=st.integers(0, 2), cap=st.sampled_from([0, 2, 5, 5, 8]))
    def caps_change(self, booker, scope, cap):
        """A reviewer blocks, an officer raises, and both end."""
        kind, key = self.pick(self.scopes(booker), scope)
        values = {"blocked_until": None, "override_cap": None, "override_until": None}
        if cap == 0:
            values["blocked_until"] = NOW + timedelta(days=99)
        elif cap != 5:
            values |= {"override_cap": cap, "override_until": NOW + timedelta(days=99)}
        if models.Scope.objects.filter(kind=kind, key=key).update(**values):
            self.model.caps[kind, key] = cap or 5
            (self.model.blocked.add if cap == 0 else self.model.blocked.discard)((kind, key))

    @rule(which=places, closed=st.sampled_from([True, False, False]))
    def slot_closes_or_opens(self, which, closed):
        Slot.objects.filter(pk=self.slots[which].pk).update(closed_at=self.now if closed else None)
        self.model.slots[self.slots[which].pk].closed = closed

    @invariant()
    def seats_agree(self):
        self.copy_rests()
        for slot in self.slots:
            rows = Seat.objects.filter(slot=slot).order_by("unit")
            modelled = self.model.slots[slot.pk].seats
            assert [str(row.holder) if row.holder else None for row in rows] == [seat.holder for seat in modelled]

    @invariant()
    def permits_agree(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, key, count(*) FROM appointments_permit p JOIN appointments_scope s ON s.id = p.scope_id"
                " WHERE until > %s GROUP BY kind, key",
                [self.now],
            )
            counted = {(kind, bytes(key)): n for kind, key, n in cursor.fetchall()}
        everybody = {scope for booker in range(4) for scope in self.scopes(booker)}
        assert {scope: counted.get(scope, 0) for scope in everybody} == {
            scope: self.model.in_use(scope, self.now) for scope in everybody
        }

    @invariant()
    def appointments_agree(self):
        rows = models.Appointment.objects.filter(account__in=self.bookers)
        assert {str(row.pk): (row.slot_id, row.status == "cancelled") for row in rows} == {
            name: (one.slot, one.cancelled) for name, one in self.model.appointments.items()
        }

    @invariant()
    def books_balance(self):
        assert_books_balance(now=self.now)


def walk(*, examples, steps, derandomize=True, shrink=True):
    run_state_machine_as_test(
        Bookings,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        ),
    )


@pytest.mark.model
def test_claim_agrees_with_its_model(db):
    walk(examples=25, steps=30)


@pytest.mark.model
@pytest.mark.long
def test_claim_agrees_with_its_model_for_long(db):
    walk(examples=300, steps=60, derandomize=False)


MUTANTS = {
    "one more fits": ("permits_refused", "active + p_n > cap", "active + p_n > cap + 1"),
    "the freer takes it back": ("lock_free_seats", "AND NOT EXISTS", "AND true OR NOT EXISTS"),
    "a moved-from seat stays taken": ("confirm_move", "PERFORM free_booked_seat(a, p_now);", ""),
    "a closed time is given": ("slot_barred", "slot.closed_at IS NOT NULL", "false"),
}


@pytest.mark.model
@pytest.mark.parametrize("mutant", MUTANTS)
def test_control_the_model_notices_a_changed_rule(live_db, owner_connection, mutant):
    with owner_connection.cursor() as cursor:
        rewrite(cursor, *MUTANTS[mutant])
    with transaction.atomic(), pytest.raises((AssertionError, InternalError, BaseExceptionGroup)):
        walk(examples=40, steps=30, shrink=False)
