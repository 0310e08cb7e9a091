"""When people hear that they are asked, until when they may answer, and what follows when nobody does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antifraud.models import Case, CaseState, Decision, RequestState, Sighting, Standing
from antifraud.validation import answers
from antifraud.validation.clock import EVENING, MORNING, Times, is_night, times_for
from antifraud.validation.deadlines import end_deadlines, return_answered, send_due_reminders
from antifraud.validation.errors import Over
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from consulates.calendars import zone
from mexitel.outbox.models import OutgoingMessage
from tests.factories import appointments as make
from tests.factories.validation import (
    NOON,
    asked,
    asked_by_sms,
    case_of,
    deliver,
    kinds,
    one_asked,
    standings,
    told_right,
)

ZONE = "America/Denver"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def one(db):
    return one_asked()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(0, 200))
def test_nobody_hears_of_us_at_night_and_every_end_is_kept(at, hours):
    now = at.replace(tzinfo=UTC)
    starts_at = now + hours * HOUR
    times = times_for(now, starts_at, ZONE)

    if times is None:
        assert hours <= 48 + 6 + 12
        return
    assert now <= times.send_at < now + 12 * HOUR
    assert times.until == min(times.send_at + 72 * HOUR, starts_at - 48 * HOUR)
    moments = [times.send_at] + ([times.remind_at] if times.remind_at else [])
    assert all(MORNING <= one.astimezone(zone(ZONE)).time() < EVENING for one in moments)
    assert times.remind_at is None or times.send_at < times.remind_at < times.until


@pytest.mark.parametrize(
    ("starts_in", "until", "remind_at"),
    [(14 * DAY, 72 * HOUR, 48 * HOUR), (3 * DAY, 24 * HOUR, 25 * HOUR - 6 * HOUR), (50 * HOUR, None, None)],
)
def test_three_days_or_until_two_days_before(starts_in, until, remind_at):
    noon = datetime(2026, 7, 1, 18, tzinfo=UTC)  # in Denver
    times = times_for(noon, noon + starts_in, ZONE)

    if until is None:
        assert times is None
    elif starts_in == 14 * DAY:
        assert times == Times(noon, noon + until, noon + remind_at)
    else:
        # Half-way is midnight: the evening before.
        assert times == Times(noon, noon + until, datetime(2026, 7, 2, 14, tzinfo=UTC))


@pytest.mark.django_db
def test_message_and_one_reminder_are_sent_once(one):
    deliver(NOON)
    for hours, due in ((47, 0), (48, 1), (49, 0)):
        tick = NOON + hours * HOUR
        assert send_due_reminders(now=tick) == due
        deliver(tick)

    sent = OutgoingMessage.objects.filter(kind__startswith="validation.").order_by("pk")
    assert [(message.kind, message.recipient) for message in sent] == [
        ("validation.asked", one.contact),
        ("validation.reminder", one.contact),
    ]
    assert {message.expires_at for message in sent} == {one.until}


@pytest.mark.django_db
def test_asked_at_night_hears_of_it_in_the_morning():
    night = NOON + 14 * HOUR
    request = asked_by_sms(now=night).requests.get()

    assert is_night(night, ZONE)
    assert request.send_at.astimezone(zone(ZONE)).time() == MORNING
    deliver(request.send_at - HOUR)
    assert not OutgoingMessage.objects.filter(kind="validation.asked").exists()
    deliver(request.send_at)
    assert OutgoingMessage.objects.filter(kind="validation.asked").count() == 1


@pytest.mark.django_db
def test_late_reminder_waits_for_the_morning(one):
    night = one.remind_at + 10 * HOUR
    assert is_night(night, ZONE)

    assert send_due_reminders(now=night) == 0
    assert send_due_reminders(now=night + 11 * HOUR) == 1


@pytest.mark.django_db
def test_no_answer_returns_to_a_person_and_the_appointment_stands(one):
    assert end_deadlines(now=one.until - HOUR) == 0
    assert [end_deadlines(now=one.until), end_deadlines(now=one.until)] == [1, 0]

    case = Case.objects.get(pk=one.case_id)
    one.refresh_from_db()
    assert (case.state, kinds(case)[-1]) == (CaseState.OPEN, "no_answer")
    assert (one.state, standings(case)) == (RequestState.WINDOW, {Standing.WINDOW})
    assert Appointment.objects.get(pk=one.appointment_id).status == AppointmentStatus.BOOKED
    assert (Decision.objects.count(), Sighting.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_deadline_takes_back_nothing_that_a_person_decided(one):
    one.case.appointments.update(standing=Standing.VALIDATED)

    assert end_deadlines(now=one.until) == 1
    one.refresh_from_db()
    assert (one.state, standings(one.case)) == (RequestState.ENDED, {Standing.VALIDATED})
    assert "no_answer" not in kinds(one.case)


@pytest.mark.django_db
def test_answer_after_the_end_is_refused_before_any_task_ran(one):
    with pytest.raises(Over):
        answers.say_yes(request_id=one.pk, told=told_right(one), now=one.until)


@pytest.mark.django_db
def test_case_in_which_only_the_window_is_asked_does_not_wait_for_ever():
    case = case_of([make.account()])
    asked(case)
    Case.objects.update(state=CaseState.ASKED)

    assert [return_answered(now=NOON), return_answered(now=NOON)] == [1, 0]
    assert Case.objects.get().state == CaseState.OPEN
