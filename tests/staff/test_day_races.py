"""Several clerks at once, on real connections; each race with the same race where its guard is gone."""

from datetime import timedelta

import pytest

from appointments.models import Appointment, Attendance, AttendanceState, AttendanceStep
from appointments.services import day as services
from appointments.services.day_end import close_day
from consulates.models import Role, Session
from tests.factories.day import a_day
from tests.factories.staff import staff_with
from tests.races.together import codes, errors, together

pytestmark = pytest.mark.races
PEOPLE, CLERKS = 6, 4
# The gap that the lock closes, held open: everybody looks before anybody writes.
WITHOUT_LOCK = services.CALL_NEXT.replace("FOR UPDATE OF att SKIP LOCKED", "").replace(
    "FROM next WHERE", "FROM next, (SELECT pg_sleep(0.5)) AS gap WHERE"
)


@pytest.fixture
def day(live_db):
    return a_day(seats=PEOPLE)


def all_call(day, *, clerks=CLERKS):
    """Every clerk calls once, at the same moment."""
    callers = [staff_with(Role.DESK_CLERK, day.office) for _ in range(clerks)]

    def job(place, clerk):
        return lambda: services.call_next(session_id=day.session.pk, window=str(place), by=clerk, now=day.now)

    return together([job(place, clerk) for place, clerk in enumerate(callers, start=1)])


def receive(day, count):
    for appointment in [day.one(0) for _ in range(count)]:
        services.take_step(appointment_id=appointment.pk, to=AttendanceState.ARRIVED, by=day.clerk, now=day.now)


def test_two_clerks_never_call_the_same_person(day):
    receive(day, PEOPLE)

    results = all_call(day)

    assert errors(results) == []
    assert len({one.appointment_id for one in results}) == CLERKS
    assert Attendance.objects.filter(state=AttendanceState.SERVING).count() == CLERKS
    assert AttendanceStep.objects.filter(after=AttendanceState.SERVING).count() == CLERKS


def test_control_without_the_lock_several_clerks_call_the_same_person(day, monkeypatch):
    monkeypatch.setattr(services, "CALL_NEXT", WITHOUT_LOCK)
    receive(day, PEOPLE)

    results = all_call(day)

    assert errors(results) == []
    assert len({one.appointment_id for one in results}) < CLERKS


def test_last_person_waiting_is_called_by_one_clerk(day):
    receive(day, 1)

    results = all_call(day)

    assert errors(results) == []
    assert sum(result is not None for result in results) == 1


def test_two_taps_of_one_clerk_call_one_person(day):
    receive(day, 3)

    def tap():
        return services.call_next(session_id=day.session.pk, window="1", by=day.clerk, now=day.now)

    results = together([tap, tap, tap])

    assert codes(errors(results)) == ["still_serving", "still_serving"]
    assert Attendance.objects.filter(state=AttendanceState.SERVING).count() == 1


def test_two_clerks_who_note_another_outcome_at_once_leave_one_of_them(day):
    ana = day.one()

    def note(to):
        return lambda: services.take_step(appointment_id=ana.pk, to=to, by=day.clerk, now=day.now, seen="expected")

    results = together([note(AttendanceState.ATTENDED), note(AttendanceState.NO_SHOW)])

    assert codes(errors(results)) == ["step_refused"]
    assert AttendanceStep.objects.count() == 1


def test_day_that_closes_while_an_outcome_is_taken_back_ends_in_one_of_two_ways(day):
    ana, late = day.one(), day.session.ends_at + timedelta(minutes=1)
    services.take_step(appointment_id=ana.pk, to=AttendanceState.ATTENDED, by=day.clerk, now=late)

    def close():
        return close_day(session_id=day.session.pk, by=day.clerk, now=late)

    def undo():
        return services.undo_step(appointment_id=ana.pk, by=day.clerk, now=late)

    results = together([close, undo])

    end = (Session.objects.get(pk=day.session.pk).status, Appointment.objects.get(pk=ana.pk).status)
    assert (codes(errors(results)), end) in [
        (["session_held"], ("held", "attended")),
        (["still_open"], ("published", "booked")),
    ]
