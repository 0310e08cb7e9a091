"""Planners take back, limit and publish while people book; each race with its guard taken away as a control."""

import threading
from collections import Counter
from datetime import time

import pytest
from django.db import transaction

from appointments.models import Appointment, Hold
from consulates.models import PlanAct, PlanBatch, Seat, Session
from consulates.models.planning import PlanBatchQuerySet
from consulates.planning import fitting, undoing
from consulates.planning.capacity import end_factor, keep_all
from consulates.planning.errors import TooLate, WorldChanged
from consulates.services import changes, publish_session
from consulates.services import sessions as supply
from consulates.services.changes import NewHours, change_hours
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory
from tests.factories.ledger import assert_books_balance
from tests.races.together import Aside, codes, errors, together

LOCKED = "FOR UPDATE OF seat SKIP LOCKED"


def planned(days=1, **changes):
    """An office, its planner, and the act that made ``days`` drafts."""
    office = ConsulateFactory()
    by, passport = planning.planner(office), make.procedure()
    plans = [planning.plan(office, passport, after=n, **changes) for n in range(days)]
    return office, by, planning.create(office, *plans, by=by)


def first_slot(session_id):
    return Session.objects.get(pk=session_id).slots.order_by("starts_at").first()


def offered():
    return Seat.objects.filter(withdrawn_at=None).count()


def hold_and_confirm(booker, at, attending):
    held = make.hold(booker, at)
    return make.confirm(booker, held, attending) if held.ok else held


def crowd(slots, size):
    """``size`` people who each book alone, spread over ``slots``."""

    def books(at):
        booker = make.account()
        people = make.people(booker, 1)
        return lambda: hold_and_confirm(booker, at, people)

    return [books(slots[place % len(slots)]) for place in range(size)]


def taken_back_in_a_crowd():
    office, by, made = planned(days=4)
    published = planning.publish(office, made.made, by=by)
    jobs = crowd([slot for pk in made.made for slot in Session.objects.get(pk=pk).slots.order_by("starts_at")[:2]], 16)
    results = together([*jobs[:8], lambda: planning.undo(published, by=by), *jobs[8:]])
    return made.made, results.pop(8), results


def test_whoever_books_while_it_is_taken_back_keeps_their_seat_and_is_counted(live_db):
    for _ in range(4):
        session_ids, outcome, results = taken_back_in_a_crowd()

        assert errors([outcome, *results]) == []
        assert set(codes(results)) <= {"ok", "busy", "full", "unknown_slot", "hold_expired"}
        booked = Appointment.objects.filter(status="booked", session__in=session_ids)
        assert booked.count() == codes(results).count("ok")
        for one in booked:
            assert Seat.objects.get(pk=one.seat_id, slot=one.slot_id).holder == one.pk
        seats = Seat.objects.filter(slot__session__in=session_ids)
        taken = Counter(seats.filter(until__gt=NOW).values_list("slot__session", flat=True))
        assert {pk: count for pk, count in outcome.kept.items() if count} == taken
        assert sorted([*outcome.kept, *outcome.taken_back]) == session_ids
        assert not seats.filter(slot__session__in=outcome.taken_back).exists()
        assert not seats.free(now=NOW).exists()
    assert_books_balance(now=NOW)


def hold_in_flight_while_it_is_taken_back():
    """Somebody has taken a seat and not committed when the planner takes the publication back."""
    office, by, made = planned()
    published = planning.publish(office, made.made, by=by)
    booker = make.account()
    with transaction.atomic():
        held = make.hold(booker, first_slot(made.made[0]))
        undoing_it = Aside(lambda: planning.undo(published, by=by))
        waited = undoing_it.waits_for_a_lock()
    return made.made[0], booker, held, undoing_it.end(), waited


def test_a_seat_in_flight_stays_and_nobody_waits_for_it(live_db):
    session_id, booker, held, outcome, waited = hold_in_flight_while_it_is_taken_back()

    assert not waited
    assert outcome.kept == {session_id: 1}
    assert make.confirm(booker, held).ok


def test_control_without_the_seats_locks_the_seat_is_taken_from_under_the_hold(live_db, monkeypatch):
    assert LOCKED in undoing.LOCK_SEATS
    monkeypatch.setattr(undoing, "LOCK_SEATS", undoing.LOCK_SEATS.replace(LOCKED, ""))
    _session_id, booker, held, outcome, _waited = hold_in_flight_while_it_is_taken_back()

    assert outcome.kept == {}
    assert not Seat.objects.filter(pk__in=Hold.objects.get().seat_ids).exists()
    assert make.confirm(booker, held).code == "hold_expired"


def test_whoever_comes_after_the_undo_is_asked_to_try_again_and_then_finds_nothing(live_db):
    office, by, made = planned()
    published = planning.publish(office, made.made, by=by)
    slot, booker = first_slot(made.made[0]), make.account()
    request = make.hold_request(booker, slot)
    with transaction.atomic():
        planning.undo(published, by=by)
        assert Aside(lambda: make.claim_one(request, now=NOW)).end().code == "busy"
    assert make.claim_one(request, now=NOW).code == "unknown_slot"


def an_act(act):
    """The act that is to be taken back, with its one draft."""
    office, by, made = planned()
    if act == PlanAct.EDIT:
        wider = planning.Proposal(act, [planning.plan(office, make.procedure(), windows=5)], made.made)
        return office, by, planning.save(office, wider, by=by)
    PlanBatch.objects.update(act=act)
    made.refresh_from_db()
    return office, by, made


@pytest.mark.parametrize("act", [PlanAct.CREATE, PlanAct.COPY, PlanAct.TEMPLATE, PlanAct.EDIT])
def test_what_is_published_and_booked_while_its_act_is_taken_back_stays(live_db, act):
    office, by, made = an_act(act)
    with transaction.atomic():
        planning.publish(office, made.made, by=by)
        undoing_it = Aside(lambda: planning.undo(made, by=by))
        assert undoing_it.waits_for_a_lock()
        [booked] = make.book(make.account(), first_slot(made.made[0]))

    assert undoing_it.end().changed == made.made
    assert Session.objects.get().status == "published"
    assert Seat.objects.filter(pk=Appointment.objects.get(pk=booked).seat_id, holder=booked).exists()


@pytest.mark.parametrize("act", [PlanAct.CREATE, PlanAct.EDIT])
def test_publishing_by_others_waits_for_the_undo_and_finds_what_it_left(live_db, act):
    """As campaigns and tours publish: without an act of the office's planner."""
    _office, by, made = an_act(act)
    session = Session.objects.get()
    with transaction.atomic():
        planning.undo(made, by=by)
        publishing = Aside(lambda: publish_session(session, opens_at=NOW, now=NOW))
        assert publishing.waits_for_a_lock()

    if act == PlanAct.CREATE:
        assert codes([publishing.end()]) == ["not_draft"]
        assert not Seat.objects.exists()
    else:
        assert publishing.end().seats == 8


def test_control_without_locks_a_booked_session_becomes_a_draft(live_db, monkeypatch):
    office, by, made = an_act(PlanAct.EDIT)
    read, published = threading.Event(), threading.Event()

    def unlocked(batch, *, status):
        found = list(Session.objects.filter(pk__in=batch.made, status=status).select_related("consulate"))
        read.set()
        published.wait(30)
        return found

    monkeypatch.setattr(undoing, "lock_office", lambda office: None)
    monkeypatch.setattr(undoing, "_sessions", unlocked)
    undoing_it = Aside(lambda: planning.undo(made, by=by))
    assert read.wait(30)
    planning.publish(office, made.made, by=by)
    make.book(make.account(), first_slot(made.made[0]))
    published.set()

    assert undoing_it.end().taken_back == made.made
    assert Session.objects.get().status == "draft"


def test_of_two_who_undo_at_once_one_is_too_late(live_db):
    office, by, made = planned(days=3)
    published = planning.publish(office, made.made, by=by)
    results = together([lambda: planning.undo(published, by=by)] * 4)

    assert [type(error) for error in errors(results)] == [TooLate] * 3
    assert Session.objects.filter(status="draft").count() == 3


def test_control_without_the_acts_locks_it_is_undone_twice(live_db, monkeypatch):
    _office, by, made = planned()
    read = threading.Barrier(2)
    judged = PlanBatch.can_be_undone

    def together_judged(batch, *, now):
        answer = judged(batch, now=now)
        read.wait(30)
        return answer

    monkeypatch.setattr(undoing, "lock_office", lambda office: None)
    monkeypatch.setattr(PlanBatchQuerySet, "select_for_update", lambda self, **_options: self.all())
    monkeypatch.setattr(PlanBatch, "can_be_undone", together_judged)

    assert errors(together([lambda: planning.undo(made, by=by)] * 2)) == []


def set_while_it_is_published():
    """A factor of a half that is not committed when a draft of the office is published."""
    office, by, _made = planned()
    draft = Session.objects.get()
    with transaction.atomic():
        planning.factor(office, "0.5", by=by)
        publishing = Aside(lambda: publish_session(draft, opens_at=NOW, now=NOW))
        waited = publishing.waits_for_a_lock()
    assert errors([publishing.end()]) == []
    return waited


def test_publishing_waits_for_a_factor_that_is_being_set(live_db):
    assert set_while_it_is_published()
    assert offered() == 4


def test_control_without_holding_still_the_factor_is_missed(live_db, monkeypatch):
    monkeypatch.setattr(supply, "hold_still", lambda session_ids: None)

    assert not set_while_it_is_published()
    assert offered() == 8


def test_a_factor_waits_for_what_is_being_published_and_is_shown_anew(live_db):
    office, by, _made = planned()
    wanted = planning.FactorPlan(office, planning.DAY, planning.DAY, planning.Decimal("0.5"), "health")
    shown = planning.seal_factor(wanted, planning.preview_factor(wanted, now=NOW), by=by)
    with transaction.atomic():
        publish_session(Session.objects.get(), opens_at=NOW, now=NOW)
        setting = Aside(lambda: planning.set_factor(wanted, shown=shown, by=by, now=NOW))
        assert setting.waits_for_a_lock()

    assert isinstance(setting.end(), WorldChanged)
    assert planning.factor(office, "0.5", by=by)[1].withdrawn == 4


def test_ending_a_factor_waits_for_what_is_being_published_under_it(live_db):
    office, by, _made = planned()
    made, _fitted = planning.factor(office, "0.5", by=by)
    with transaction.atomic():
        publish_session(Session.objects.get(), opens_at=NOW, now=NOW)
        ending = Aside(lambda: end_factor(factor=made, by=by, now=NOW))
        assert ending.waits_for_a_lock()

    assert ending.end().given_back == 4


def hours_that_change_while_it_is_set():
    session, more_windows = planning.published(), NewHours(time(9), time(11), 4, 30)
    change = transaction.atomic(lambda: change_hours(session, more_windows, since=NOW))
    with transaction.atomic():
        planning.factor(session.consulate, "0.5", by=planning.planner())
        changing = Aside(change)
        waited = changing.waits_for_a_lock()
    assert changing.end() is None
    return waited


def test_hours_that_change_wait_for_a_factor_that_is_being_set(live_db):
    assert hours_that_change_while_it_is_set()
    assert offered() == 8


def test_control_without_holding_still_changed_hours_miss_the_factor(live_db, monkeypatch):
    monkeypatch.setattr(changes, "hold_still", lambda session_ids: None)

    hours_that_change_while_it_is_set()
    assert offered() > 8


def hold_in_flight_while_a_factor_is_set():
    session = planning.published()
    booker, by = make.account(), planning.planner()
    with transaction.atomic():
        held = make.hold(booker, first_slot(session.pk))
        setting = Aside(lambda: planning.factor(session.consulate, "0", by=by))
        waited = setting.waits_for_a_lock()
    assert errors([setting.end()]) == []
    return waited, make.confirm(booker, held)


def test_a_seat_in_flight_is_not_withdrawn_by_a_factor(live_db):
    waited, confirmed = hold_in_flight_while_a_factor_is_set()

    assert not waited
    assert confirmed.ok
    assert offered() == 1


def test_control_without_the_seats_locks_a_factor_withdraws_a_taken_seat(live_db, monkeypatch):
    assert "FOR UPDATE SKIP LOCKED" in fitting.FIT
    monkeypatch.setattr(fitting, "FIT", fitting.FIT.replace("FOR UPDATE SKIP LOCKED", ""))
    waited, confirmed = hold_in_flight_while_a_factor_is_set()

    assert waited
    assert confirmed.code == "closed"


def limited_in_a_crowd():
    session = planning.published(windows=4)
    by, slots = planning.planner(), list(session.slots.order_by("starts_at"))
    jobs = crowd(slots, 12)
    results = together([*jobs[:6], lambda: planning.factor(session.consulate, "0.5", by=by), *jobs[6:]])
    made = results.pop(6)
    if isinstance(made, WorldChanged):  # so many had booked meanwhile that a number was another
        planning.factor(session.consulate, "0.5", by=by)
    return slots, results


def test_a_factor_among_many_who_book_leaves_nobody_without_their_seat(live_db):
    for _ in range(4):
        slots, results = limited_in_a_crowd()
        keep_all(now=NOW)

        assert errors(results) == []
        assert not Seat.objects.filter(until__gt=NOW, withdrawn_at__isnull=False).exists()
        for slot in slots:
            taken = slot.seats.filter(until__gt=NOW).count()
            assert slot.seats.filter(withdrawn_at=None).count() == max(2, taken)
        booked = Appointment.objects.filter(slot_id__in=[slot.pk for slot in slots])
        assert booked.count() == codes(results).count("ok")
    assert_books_balance(now=NOW)
