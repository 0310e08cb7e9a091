"""Acts are taken back within ten minutes, but nothing of what somebody holds or has changed since."""

from datetime import time, timedelta

import pytest

from appointments.closing import acts
from appointments.closing.acts import Reason
from appointments.models import Appointment
from consulates.models import PlanAct, Seat, Session, Slot
from consulates.planning.capacity import end_factor, keep_all
from consulates.planning.errors import TooLate
from consulates.services.changes import NewHours
from mexitel.audit.models import AuditLine
from tests.closing.scene import colleague
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db
REASON = Reason("No hay luz.", "There is no light.")


@pytest.fixture
def office():
    return ConsulateFactory()


@pytest.fixture
def by(office):
    return planning.planner(office)


@pytest.fixture
def three(office, by):
    """The act that published three days."""
    passport = make.procedure()
    batch = planning.create(office, *(planning.plan(office, passport, after=n) for n in range(3)), by=by)
    return planning.publish(office, batch.made, by=by)


def slots_of(session_id):
    return list(Slot.objects.filter(session=session_id).order_by("starts_at"))


@pytest.mark.parametrize(("after", "works"), [("9:59", True), ("10:00", False)])
def test_an_act_can_be_taken_back_for_ten_minutes_exactly(office, by, after, works):
    batch = planning.create(office, planning.plan(office, make.procedure()), by=by)
    minutes, seconds = map(int, after.split(":"))
    now = NOW + timedelta(minutes=minutes, seconds=seconds)

    assert batch in type(batch).objects.can_be_undone(now=now) or not works
    if works:
        assert planning.undo(batch, by=by, now=now).taken_back == batch.made
    else:
        assert not type(batch).objects.can_be_undone(now=now).exists()
        with pytest.raises(TooLate):
            planning.undo(batch, by=by, now=now)
    assert Session.objects.exists() is not works


def test_a_second_undo_is_too_late_and_changes_nothing(office, by, three):
    planning.undo(three, by=by)
    with pytest.raises(TooLate):
        planning.undo(three, by=by)

    assert AuditLine.objects.filter(action="plan.undo").count() == 1
    three.refresh_from_db()
    assert (three.undone_by, three.undone_at) == (by, NOW)


@pytest.mark.parametrize("act", [PlanAct.CREATE, PlanAct.COPY, PlanAct.TEMPLATE])
def test_sessions_that_were_made_are_gone_unless_published_since(office, by, act):
    passport = make.procedure()
    made = planning.create(office, *(planning.plan(office, passport, after=n) for n in range(3)), by=by, act=act)
    planning.publish(office, made.made[:1], by=by)
    outcome = planning.undo(made, by=by)

    assert (outcome.taken_back, outcome.changed) == (made.made[1:], made.made[:1])
    assert list(Session.objects.values_list("pk", "status")) == [(made.made[0], "published")]


def test_what_a_later_act_changed_is_left_alone_though_it_took_its_moment_first(office, by):
    passport = make.procedure()
    made = planning.create(office, planning.plan(office, passport), by=by)
    wider = planning.Proposal(PlanAct.EDIT, [planning.plan(office, passport, windows=5)], made.made)
    planning.save(office, wider, by=by, now=NOW - timedelta(seconds=1))

    assert planning.undo(made, by=by).changed == made.made
    assert Session.objects.get().windows == 5


def test_publishing_gives_drafts_back_without_a_slot_but_for_those_with_a_holder(three, by, office):
    booked_day, held_day, free_day = three.made
    booked = make.book(make.account(), slots_of(booked_day)[0], 2)
    make.hold(make.account(), slots_of(held_day)[1])
    outcome = planning.undo(three, by=by)

    assert (outcome.taken_back, outcome.kept, outcome.changed) == ([free_day], {booked_day: 2, held_day: 1}, [])
    assert slots_of(free_day) == []
    assert Session.objects.get(pk=free_day).status == "draft"
    assert Appointment.objects.filter(pk__in=booked, status="booked").count() == 2
    assert not Seat.objects.free(now=NOW).exists()
    three.refresh_from_db()
    assert three.outcome["kept"] == {str(booked_day): 2, str(held_day): 1}


def test_a_hold_in_a_session_that_stays_is_confirmed(three, by):
    booker = make.account()
    held = make.hold(booker, slots_of(three.made[0])[0])
    planning.undo(three, by=by)

    assert make.confirm(booker, held).ok


def test_what_is_given_back_in_an_undone_session_is_not_offered_again(three, by):
    booker = make.account()
    booked = make.book(booker, slots_of(three.made[0])[0], 2)
    planning.undo(three, by=by)
    make.cancel(booker, *booked)
    assert keep_all(now=NOW).withdrawn == 2

    made, _fitted = planning.factor(three.consulate, "0.5", by=by)
    assert end_factor(factor=made, by=by, now=NOW).given_back == 0
    assert not Seat.objects.filter(withdrawn_at=None).exists()


def test_a_session_in_which_somebody_had_a_seat_stays_with_its_history(three, by):
    booker = make.account()
    booked = make.book(booker, slots_of(three.made[0])[0])
    make.cancel(booker, *booked)
    outcome = planning.undo(three, by=by)

    assert outcome.kept == {three.made[0]: 0}
    assert Slot.objects.filter(pk=Appointment.objects.get().slot_id).exists()


@pytest.mark.parametrize("reopened", [False, True])
def test_a_session_whose_people_were_orphaned_stays_with_them(three, by, office, reopened):
    day = Session.objects.get(pk=three.made[0])
    make.book(make.account(), slots_of(day.pk)[0], 2)
    manager, later = colleague("office_manager", office), NOW + timedelta(minutes=1)
    for windows in [1, 2] if reopened else [1]:
        new = NewHours(time(9, 30), time(11), windows, 30) if windows == 1 else NewHours(time(9), time(11), 2, 30)
        closure = acts.close_hours(session=day, new=new, reason=REASON, by=manager, now=later)
        acts.carry_out(closure.pk, now=later)
        day.refresh_from_db()
    assert Appointment.objects.filter(status="orphaned").count() == 2
    outcome = planning.undo(three, by=by, now=later)

    assert day.pk in outcome.kept
    assert set(Appointment.objects.values_list("slot_id", flat=True)) <= {slot.pk for slot in slots_of(day.pk)}


def test_a_factor_in_between_keeps_nothing(three, by, office):
    planning.factor(office, "0.5", by=by)

    assert planning.undo(three, by=by).taken_back == three.made
    assert not Slot.objects.exists()


def test_a_changed_draft_becomes_what_it_was_and_a_deleted_one_comes_back(office, by):
    passport, card = make.procedure(), make.procedure()
    made = planning.create(office, planning.plan(office, passport, staff_seats=2), by=by)
    wider = planning.Proposal(PlanAct.EDIT, [planning.plan(office, card, windows=5)], made.made)
    changed = planning.save(office, wider, by=by)
    assert planning.undo(changed, by=by).taken_back == made.made
    session = Session.objects.get()
    assert (session.windows, session.staff_seats, list(session.procedures.all())) == (2, 2, [passport])

    gone = planning.save(office, planning.Proposal(PlanAct.DELETE, removes=made.made), by=by)
    planning.undo(gone, by=by)
    session = Session.objects.get()
    assert (session.windows, session.staff_seats, list(session.procedures.all())) == (2, 2, [passport])


def test_what_would_overlap_meanwhile_is_listed_and_does_not_come_back(office, by):
    passport = make.procedure()
    made = planning.create(office, planning.plan(office, passport), by=by)
    gone = planning.save(office, planning.Proposal(PlanAct.DELETE, removes=made.made), by=by)
    planning.create(office, planning.plan(office, passport, windows=3), by=by)

    assert planning.undo(gone, by=by).changed == made.made
    assert Session.objects.get().windows == 3


def test_an_act_of_another_office_is_not_there(office, by):
    made = planning.create(office, planning.plan(office, make.procedure()), by=by)
    other = ConsulateFactory()
    with pytest.raises(type(made).DoesNotExist):
        planning.undo_batch(office=other, batch_id=made.pk, by=by, now=NOW)
