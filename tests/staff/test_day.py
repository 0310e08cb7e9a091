"""What clerks note at the door: steps, their rule in the database, undo, the call, the end of the day."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django_scopes import scopes_disabled

from appointments.day.roster import numbers
from appointments.enums import TRANSITIONS, AppointmentStatus
from appointments.models import Appointment, Attendance, AttendanceState, AttendanceStep, DayClosed, Event
from appointments.models.attendance import STEPS
from appointments.services import day as services
from appointments.services.cancel import cancel_appointments
from appointments.services.day_end import NotEnded, StillOpen, close_day, mark_rest
from appointments.services.recount import recount
from consulates.models import Session
from mexitel.audit.models import AuditLine
from mexitel.utils import retention
from tests.factories import appointments as make
from tests.factories.day import a_day, with_priority

pytestmark = pytest.mark.django_db
ARRIVED, SERVING, ATTENDED = AttendanceState.ARRIVED, AttendanceState.SERVING, AttendanceState.ATTENDED
NO_SHOW, OTHER, EXPECTED = AttendanceState.NO_SHOW, AttendanceState.OTHER, AttendanceState.EXPECTED


@pytest.fixture
def day():
    return a_day()


def step(day, appointment, to, *, minutes=0, **changes):
    values = {"by": day.clerk, "now": day.now + timedelta(minutes=minutes), "window": "3"} | changes
    return services.take_step(appointment_id=appointment.pk, to=to, **values)


def status(appointment):
    return Appointment.objects.get(pk=appointment.pk).status


def test_person_is_received_called_and_attended_and_every_step_has_who_and_when(day):
    ana = day.one()

    step(day, ana, ARRIVED)
    step(day, ana, SERVING, minutes=5)
    done = step(day, ana, ATTENDED, minutes=20)

    assert status(ana) == AppointmentStatus.ATTENDED
    assert (done.window, done.called_at - done.arrived_at) == ("3", timedelta(minutes=5))
    steps = list(AttendanceStep.objects.values_list("before", "after", "by", "window"))
    who = day.clerk.pk
    assert steps == [(EXPECTED, ARRIVED, who, "3"), (ARRIVED, SERVING, who, "3"), (SERVING, ATTENDED, who, "3")]
    assert list(Event.objects.filter(subject=ana.pk).order_by("id").values_list("kind", flat=True)) == [
        "booked", "arrived", "serving", "attended",
    ]  # fmt: skip
    assert AuditLine.objects.filter(action="attendance.attended", object_id=str(ana.pk)).count() == 1


@pytest.mark.parametrize(("to", "expected"), [(NO_SHOW, "no_show"), (OTHER, "no_show"), (ATTENDED, "attended")])
def test_outcome_reaches_the_appointment_and_permits_and_seats_stay_right(day, to, expected):
    ana = day.one()

    step(day, ana, to)

    assert status(ana) == expected
    assert not recount(now=day.now).any
    assert not recount(now=day.session.ends_at + timedelta(minutes=1)).any


def test_step_that_does_not_follow_is_refused(day):
    ana = day.one()
    step(day, ana, ATTENDED)

    with pytest.raises(services.StepRefused):
        step(day, ana, ARRIVED)


def test_step_from_a_state_that_is_no_longer_so_is_refused(day):
    ana = day.one()
    step(day, ana, ARRIVED)

    with pytest.raises(services.StepRefused):
        step(day, ana, NO_SHOW, seen=EXPECTED)


def test_nobody_has_failed_to_come_before_their_time(day):
    with pytest.raises(services.TooEarly):
        step(day, day.one(7), NO_SHOW)


def test_nobody_is_received_for_a_later_day(day):
    later = a_day(office=day.office, starts=timedelta(days=1, hours=5))
    Session.objects.filter(pk=later.session.pk).update(date=day.session.date + timedelta(days=1))
    ana = later.one()

    with pytest.raises(services.NotToday):
        step(day, ana, ARRIVED)
    with pytest.raises(services.NotToday):
        services.call_next(session_id=later.session.pk, window="1", by=day.clerk, now=day.now)


def test_whoever_was_given_up_may_still_come(day):
    ana = day.one()
    step(day, ana, NO_SHOW)

    step(day, ana, ARRIVED, minutes=30)

    assert status(ana) == AppointmentStatus.BOOKED
    assert not recount(now=day.now).any


def test_last_step_is_taken_back_once_and_within_minutes(day):
    ana = day.one()
    step(day, ana, ARRIVED)
    step(day, ana, ATTENDED, minutes=1)
    words = {"appointment_id": ana.pk, "by": day.clerk}

    back = services.undo_step(**words, now=day.now + timedelta(minutes=5))

    assert (back.state, status(ana)) == (ARRIVED, AppointmentStatus.BOOKED)
    assert AttendanceStep.objects.filter(undo=True, before=ATTENDED, after=ARRIVED).count() == 1
    with pytest.raises(services.UndoTooLate):
        services.undo_step(**words, now=day.now + timedelta(minutes=6))


def test_nothing_is_taken_back_after_ten_minutes(day):
    ana = day.one()
    step(day, ana, ATTENDED)

    with pytest.raises(services.UndoTooLate):
        services.undo_step(appointment_id=ana.pk, by=day.clerk, now=day.now + timedelta(minutes=10, seconds=1))


def test_cancelled_appointment_is_not_received(day):
    booker = make.account()
    ana = day.one(7, booker=booker)
    cancel_appointments(account=booker, appointment_ids=[ana.pk], now=day.now)

    with pytest.raises(services.StepRefused):
        step(day, ana, ARRIVED)


def test_enum_lets_the_door_take_back_outcomes():
    assert TRANSITIONS[AppointmentStatus.ATTENDED] == TRANSITIONS[AppointmentStatus.NO_SHOW] == {"booked"}


# -- the rule stands in the database too -----------------------------------------------------------


def test_database_holds_the_same_steps_as_the_code(day):
    """Each pair of states, written past the services."""
    ana = day.one()
    pairs = {(before, after) for before in AttendanceState for after in AttendanceState if before != after}

    followed = {(before, after) for before, after in pairs if _database_lets(day, ana, before, after)}

    assert followed == {(before, after) for before in STEPS for after in STEPS[before]}


def _database_lets(day, appointment, before, after):
    lets = True
    with transaction.atomic():
        row = Attendance.objects.create(
            appointment=appointment, session=day.session, turn="ABCD", window="3", arrived_at=day.now,
            called_at=day.now, called_by=day.clerk, changed_at=day.now, changed_by=day.clerk,
        )  # fmt: skip
        rows = Attendance.objects.filter(pk=row.pk)
        if before != EXPECTED:
            rows.update(state=before, before=EXPECTED)
        try:
            with transaction.atomic():
                rows.update(state=after, before=before)
        except IntegrityError as error:
            lets = "cannot go to" not in str(error)
        transaction.set_rollback(True)
    return lets


def test_row_begins_as_expected_and_nowhere_else(day):
    ana = day.one()

    with pytest.raises(IntegrityError, match="cannot go to"), transaction.atomic():
        Attendance.objects.create(
            appointment=ana, session=day.session, state=ATTENDED, changed_at=day.now, changed_by=day.clerk
        )


def test_step_is_never_rewritten(day):
    step(day, day.one(), ARRIVED)

    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        AttendanceStep.objects.update(by=day.clerk)


# -- the call --------------------------------------------------------------------------------------


def call(day, *, minutes=0, by=None, window="3"):
    return services.call_next(
        session_id=day.session.pk, window=window, by=by or day.clerk, now=day.now + timedelta(minutes=minutes)
    )


def order(day, count):
    """Who is called, one after the other."""
    called = []
    for _ in range(count):
        one = call(day)
        called.append(one.appointment_id)
        step(day, one.appointment, ATTENDED)
    return called


def test_call_follows_the_stated_rule(day):
    early_priority = with_priority(day.one(7))
    early = day.one(6)
    late_comer = day.one(1)
    first = day.one(0)
    priority = with_priority(day.one(1))
    for place, one in enumerate([early_priority, early, late_comer, first, priority]):
        step(day, one, ARRIVED, minutes=place - 9)

    expected = [priority, first, late_comer, early, early_priority]
    assert order(day, 5) == [one.pk for one in expected]
    assert call(day) is None


def test_whoever_did_not_answer_goes_behind_those_whose_time_has_come(day):
    silent, other, early = with_priority(day.one(0)), day.one(1), day.one(7)
    for one in (silent, other, early):
        step(day, one, ARRIVED)
    assert call(day).appointment_id == silent.pk

    back = services.no_answer(appointment_id=silent.pk, by=day.clerk, now=day.now)

    assert (back.state, back.unanswered) == (ARRIVED, 1)
    assert order(day, 3) == [other.pk, silent.pk, early.pk]


def test_clerk_with_somebody_at_the_window_calls_nobody_else(day):
    for place in (0, 1):
        step(day, day.one(place), ARRIVED)
    call(day)

    with pytest.raises(services.StillServing):
        call(day)


def test_nobody_calls_without_a_window(day):
    with pytest.raises(services.NoWindow):
        call(day, window="")


def test_calling_again_counts_and_shows_the_turn_anew(day):
    step(day, day.one(), ARRIVED)
    called = call(day)

    again = services.call_again(appointment_id=called.appointment_id, by=day.clerk, now=day.now + timedelta(minutes=2))

    assert (again.calls, again.called_at) == (2, day.now + timedelta(minutes=2))


def test_whoever_cancelled_or_moved_away_is_not_called(day):
    booker = make.account()
    ana = day.one(7, booker=booker)
    step(day, ana, ARRIVED)
    cancel_appointments(account=booker, appointment_ids=[ana.pk], now=day.now)

    assert call(day) is None


def test_turns_of_a_session_differ_even_when_references_end_alike(day):
    ana, luis = day.one(0), day.one(1)
    Appointment.objects.filter(pk=ana.pk).update(reference="AAAAX1234")
    Appointment.objects.filter(pk=luis.pk).update(reference="BBBBY1234")

    turns = [step(day, one, ARRIVED).turn for one in (ana, luis)]

    assert turns == ["1234", "Y1234"]


def test_priority_is_given_and_taken_by_the_clerk(day):
    ana = day.one()
    words = {"appointment_id": ana.pk, "by": day.clerk, "now": day.now}

    services.set_priority(**words, priority=True)
    assert ana.attendees.get().priority
    services.set_priority(**words, priority=False)

    assert not ana.attendees.get().priority
    assert AuditLine.objects.filter(action__startswith="attendance.priority").count() == 2


def test_mark_and_needs_never_reach_what_judges_people():
    """Apart from what gives a place back: there somebody keeps the help that they had asked for."""
    words = ("priority", "wheelchair", "sign_language", "interpreter")
    judging = [path for path in (settings.BASE_DIR / "antifraud").rglob("*.py") if "redress" not in str(path)]
    found = [path.name for path in judging for word in words if word in path.read_text()]

    assert found == []


# -- the end ---------------------------------------------------------------------------------------


def finish(day):
    return day.session.ends_at + timedelta(minutes=1)


def test_summary_counts_what_happened(day):
    people = [day.one(place) for place in (0, 0, 1, 1, 2)]
    step(day, people[0], ARRIVED)
    step(day, people[0], SERVING, minutes=10)
    step(day, people[0], ATTENDED, minutes=20)
    step(day, people[1], ARRIVED)
    step(day, people[1], SERVING, minutes=20)
    step(day, people[2], NO_SHOW)
    step(day, people[3], OTHER)

    found = numbers(day.session.pk)

    assert (found.expected, found.arrived, found.attended, found.no_show, found.other) == (5, 2, 1, 1, 1)
    assert found.mean_wait == timedelta(minutes=15)
    assert (found.still, found.open) == ({EXPECTED: 1, ARRIVED: 0, SERVING: 1}, 2)


def test_rest_is_marked_after_the_session_only_and_spares_who_arrived(day):
    here, gone = day.one(0), day.one(0)
    step(day, here, ARRIVED)
    words = {"session_id": day.session.pk, "by": day.clerk}
    with pytest.raises(NotEnded):
        mark_rest(**words, now=day.now)

    assert mark_rest(**words, now=finish(day)) == 1

    assert (status(gone), status(here)) == (AppointmentStatus.NO_SHOW, AppointmentStatus.BOOKED)
    assert mark_rest(**words, now=finish(day)) == 0


def test_day_closes_once_everybody_is_settled_and_then_stands(day):
    ana = day.one()
    words = {"session_id": day.session.pk, "by": day.clerk, "now": finish(day)}
    with pytest.raises(StillOpen):
        close_day(**words)
    step(day, ana, ATTENDED, now=finish(day))

    closed = close_day(**words)

    assert (closed.expected, closed.attended, closed.closed_by) == (1, 1, day.clerk)
    assert Session.objects.get(pk=day.session.pk).status == "held"
    with pytest.raises(services.SessionIsHeld):
        services.undo_step(appointment_id=ana.pk, by=day.clerk, now=finish(day))
    with pytest.raises(services.SessionIsHeld):
        close_day(**words)


def test_day_never_closes_before_its_session_ends_nor_with_somebody_open(day):
    values = {"session": day.session, "session_ends_at": day.session.ends_at, "closed_by": day.clerk}
    values |= dict.fromkeys(("arrived", "attended", "no_show", "other", "walk_ins"), 0)

    with pytest.raises(IntegrityError, match="day_closed_after_the_session"), transaction.atomic():
        DayClosed.objects.create(**values, expected=0, closed_at=day.now)
    with pytest.raises(IntegrityError, match="day_closed_with_nobody_open"), transaction.atomic():
        DayClosed.objects.create(**values, expected=1, closed_at=finish(day))


def test_what_was_noted_goes_with_the_names_and_the_numbers_stay(day):
    ana = day.one()
    step(day, ana, ATTENDED)
    close_day(session_id=day.session.pk, by=day.clerk, now=finish(day))

    retention.apply(now=day.now + timedelta(days=179))
    assert (Attendance.objects.count(), AttendanceStep.objects.count()) == (1, 1)
    retention.apply(now=day.now + timedelta(days=181))

    assert (Attendance.objects.count(), AttendanceStep.objects.count()) == (0, 0)
    with scopes_disabled():
        assert (DayClosed.objects.get().attended, status(ana)) == (1, AppointmentStatus.ATTENDED)
