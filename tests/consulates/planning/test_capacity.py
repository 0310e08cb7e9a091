"""A capacity factor withholds free seats of the times to come, and nothing else."""

from datetime import time, timedelta

import pytest

from appointments.models import Appointment
from consulates.models import Seat
from consulates.planning.capacity import end_factor, keep_all
from consulates.planning.errors import TooLate, WorldChanged
from consulates.planning.fitting import Fitted
from consulates.services.changes import NewHours, change_hours, close_slots
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db


def given(session):
    """How many seats of each open time are not withdrawn."""
    slots = session.slots.filter(closed_at=None).order_by("starts_at")
    return [slot.seats.filter(withdrawn_at=None).count() for slot in slots]


def times(session):
    return list(session.slots.order_by("starts_at"))


def test_seats_of_emergencies_and_then_of_staff_are_left_out_last():
    session = planning.published(windows=4, staff_seats=4, emergency_seats=4)
    planning.factor(session.consulate, "0.5", by=planning.planner())
    assert set(Seat.objects.filter(withdrawn_at=None).values_list("pool", flat=True)) == {"emergency", "staff"}

    planning.factor(session.consulate, "0.25", by=planning.planner())
    assert set(Seat.objects.filter(withdrawn_at=None).values_list("pool", flat=True)) == {"emergency"}
    assert given(session) == [1, 1, 1, 1]


def test_taken_seats_count_and_stay():
    session = planning.published(windows=3)
    booked = make.book(make.account(), times(session)[0], 2)
    _made, fitted = planning.factor(session.consulate, "0.34", by=planning.planner())

    assert given(session) == [2, 1, 1, 1]
    assert fitted == Fitted(withdrawn=7, given_back=0)
    assert Appointment.objects.filter(pk__in=booked, status="booked").count() == 2


def test_what_is_cancelled_above_the_share_is_withdrawn_before_it_is_seen():
    session = planning.published(windows=3)
    booker = make.account()
    booked = make.book(booker, times(session)[0], 3)
    planning.factor(session.consulate, "0.34", by=planning.planner())
    make.cancel(booker, *booked)

    assert keep_all(now=NOW) == Fitted(withdrawn=2, given_back=0)
    assert keep_all(now=NOW) == Fitted(0, 0)
    assert given(session) == [1, 1, 1, 1]


def test_an_ended_factor_gives_back_what_it_withheld_once():
    session = planning.published()
    by = planning.planner()
    made, _fitted = planning.factor(session.consulate, "0.5", by=by)

    assert end_factor(factor=made, by=by, now=NOW) == Fitted(withdrawn=0, given_back=4)
    with pytest.raises(TooLate):
        end_factor(factor=made, by=by, now=NOW)
    made.refresh_from_db()
    assert (made.ended_by, made.ended_at) == (by, NOW)


def test_a_time_that_was_closed_has_no_share_and_gives_none_to_its_neighbours():
    session = planning.published(windows=1)
    planning.factor(session.consulate, "0.5", by=planning.planner())
    assert given(session) == [0, 1, 0, 1]

    session.slots.filter(pk__in=[times(session)[0].pk, times(session)[2].pk]).update(closed_at=NOW)
    keep_all(now=NOW)
    assert given(session) == [0, 1]


def test_a_session_that_is_closed_gets_nothing_back():
    session = planning.published()
    by = planning.planner()
    made, _fitted = planning.factor(session.consulate, "0.5", by=by)
    close_slots([session.pk], since=NOW)

    assert end_factor(factor=made, by=by, now=NOW) == Fitted(0, 0)


@pytest.mark.parametrize(
    ("hours", "after"),
    [
        ({"closes": time(12)}, [0, 1, 0, 1, 0, 1]),
        ({"windows": 3}, [1, 2, 1, 2]),
        ({"opens": time(9, 30)}, [0, 1, 0]),
        ({"opens": time(9, 30), "slot_minutes": 60, "closes": time(11, 30)}, [0, 1]),
    ],
)
def test_hours_that_change_stay_under_the_factor(hours, after):
    session = planning.published(windows=1)
    planning.factor(session.consulate, "0.5", by=planning.planner())
    values = {"opens": time(9), "closes": time(11), "windows": 1, "slot_minutes": 30}
    change_hours(session, NewHours(**values | hours), since=NOW)

    assert given(session) == after
    assert keep_all(now=NOW) == Fitted(0, 0)


def test_the_last_day_of_a_factor_lasts_until_it_is_over_in_hawaii():
    office = ConsulateFactory(time_zone="Pacific/Honolulu")
    session = planning.published(office, opens=time(14), closes=time(18))
    booker = make.account()
    booked = make.book(booker, times(session)[-1], 2)
    planning.factor(office, "0", by=planning.planner())
    make.cancel(booker, *booked)
    in_the_afternoon = session.starts_at + timedelta(minutes=30)  # tomorrow, in UTC

    assert in_the_afternoon.date() == planning.DAY + timedelta(days=1)
    assert keep_all(now=in_the_afternoon) == Fitted(withdrawn=2, given_back=0)


def test_a_booking_breaks_the_seal_of_a_factor_only_where_it_changes_a_number():
    session = planning.published(windows=1)
    by = planning.planner()
    wanted = planning.FactorPlan(session.consulate, planning.DAY, planning.DAY, planning.Decimal("0.5"), "health")
    shown = planning.seal_factor(wanted, planning.preview_factor(wanted, now=NOW), by=by)
    make.book(make.account(), times(session)[1])
    assert planning.seal_factor(wanted, planning.preview_factor(wanted, now=NOW), by=by) == shown

    make.book(make.account(), times(session)[0])
    with pytest.raises(WorldChanged):
        planning.set_factor(wanted, shown=shown, by=by, now=NOW)
