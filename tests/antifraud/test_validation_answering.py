"""What an answer does to the case, on the page behind the link and at the window."""

from datetime import timedelta

import pytest

from antifraud.lanes import steps
from antifraud.models import Case, CaseState, Decision, IdentityRequest, RequestState, Sighting, Standing, StepKind
from antifraud.models.validation import MOST_TRIES
from antifraud.validation import answers
from antifraud.validation.answers import Charge
from antifraud.validation.asking import is_frozen
from antifraud.validation.at_the_window import identity_shown, marks, tell_of_other_people
from antifraud.validation.contacts import Validated, validated_contact
from antifraud.validation.deadlines import end_deadlines
from antifraud.validation.errors import Over, TooManyTries, WrongData
from antifraud.validation.people import Told
from antifraud.validation.personal_data import forget, own_data
from antifraud.validation.selectors import requests_of
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from appointments.models.attendance import AttendanceState
from appointments.services.day import NotToday, take_step
from consulates.models import Role
from mexitel.outbox.models import OutgoingMessage
from tests.factories import appointments as make
from tests.factories.cases import booked
from tests.factories.staff import staff_with
from tests.factories.validation import (
    BORN,
    NOON,
    PHONES,
    asked,
    asked_by_sms,
    case_of,
    deliver,
    kinds,
    one_asked,
    standings,
    told_right,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def one(db):
    return one_asked()


@pytest.mark.django_db
def test_nothing_is_sent_to_whoever_answered(one):
    answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)
    deliver(NOON)

    assert not OutgoingMessage.objects.filter(kind__startswith="validation.").exists()


@pytest.mark.django_db
def test_right_data_confirm_once(one):
    answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON + HOUR)

    with pytest.raises(Over):
        answers.say_no(request_id=one.pk, now=NOON + HOUR)
    one.refresh_from_db()
    assert (one.state, one.identified, standings(one.case)) == ("confirmed", True, {"validated"})
    case = Case.objects.get(pk=one.case_id)
    assert (case.state, kinds(case)[-2:]) == (CaseState.OPEN, ["confirmed", "all_confirmed"])


@pytest.mark.django_db
def test_case_comes_back_when_the_last_of_its_people_answered():
    case = asked_by_sms(2)
    first, second = case.requests.all()
    answers.say_yes(request_id=first.pk, told=told_right(first), now=NOON + HOUR)
    case.refresh_from_db()
    assert case.state == CaseState.ASKED

    answers.choose_window(request_id=second.pk, now=NOON + HOUR)
    case.refresh_from_db()
    assert (case.state, kinds(case)[-2:]) == (CaseState.OPEN, ["chose_window", "answers_in"])


@pytest.mark.django_db
def test_wrong_data_are_counted_and_end(one):
    wrong = [Told(BORN, "Zoila"), Told(BORN.replace(year=1991), told_right(one).proof)]
    for left in range(MOST_TRIES - 1, 0, -1):
        with pytest.raises(WrongData) as refusal:
            answers.say_yes(request_id=one.pk, told=wrong[left % 2], now=NOON)
        assert refusal.value.args == (left,)
    for told in (wrong[0], told_right(one)):
        with pytest.raises(TooManyTries):
            answers.say_yes(request_id=one.pk, told=told, now=NOON)

    one.refresh_from_db()
    assert (one.state, one.tries) == (RequestState.OPEN, MOST_TRIES)
    answers.choose_call(request_id=one.pk, now=NOON)
    assert IdentityRequest.objects.to_call(now=NOON).get() == one


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proof", "right"), [("1234", False), ("arr8", True), (" AR R8", True), ("Rosa", False), ("", False)]
)
def test_last_four_of_a_known_curp_take_the_place_of_the_name(one, proof, right):
    attendee = one.appointment.attendees.get()
    attendee.curp = "BARA900517MDFRRR8"[:14] + "ARR8"
    attendee.save()

    if right:
        assert answers.say_yes(request_id=one.pk, told=Told(BORN, proof), now=NOON).identified
    else:
        with pytest.raises(WrongData):
            answers.say_yes(request_id=one.pk, told=Told(BORN, proof), now=NOON)


@pytest.mark.django_db
def test_whoever_did_not_ask_makes_it_urgent_and_cancels_nothing(one):
    charge = Charge("yes", 80, "En una página de Facebook")
    answers.say_no(request_id=one.pk, charge=charge, now=NOON + HOUR)

    case = Case.objects.get(pk=one.case_id)
    assert (case.state, case.act_by) == (CaseState.OPEN, NOON + 5 * HOUR)
    assert case.events.get(kind="denied").detail["urgent"]
    assert (standings(case), Decision.objects.count()) == ({Standing.WINDOW}, 0)
    assert Appointment.objects.get(pk=one.appointment_id).status == AppointmentStatus.BOOKED
    [shown] = requests_of(case)
    assert (shown.is_urgent, shown.was_charged, shown.contact[:4]) == (True, True, "••••")
    assert shown.request.charged_how == charge.how


@pytest.mark.django_db
def test_cancelled_appointment_is_asked_no_more(one):
    make.cancel(one.appointment.account, one.appointment_id, now=NOON)

    with pytest.raises(Over):
        answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)
    assert end_deadlines(now=NOON) == 1
    assert Case.objects.get(pk=one.case_id).state == CaseState.OPEN


@pytest.mark.django_db
def test_data_are_frozen_until_answered(one):
    assert is_frozen(one.appointment_id)
    answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)
    assert not is_frozen(one.appointment_id)


@pytest.mark.django_db
def test_whoever_is_asked_can_book_and_cancel_meanwhile(one):
    account = one.appointment.account
    steps.take(account, StepKind.CODE, now=NOON)

    assert booked(account, make.slot(), now=NOON)
    assert make.cancel(account, one.appointment_id, now=NOON).ok


@pytest.mark.django_db
def test_contact_is_validated_by_whoever_knew_the_data(one):
    assert validated_contact(one.appointment_id) is None
    answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)

    assert validated_contact(one.appointment_id) == Validated("", one.contact, "es")


# -- the window ------------------------------------------------------------------------------------


@pytest.fixture
def at_the_door(db):
    """Left to the window, on its day."""
    starts_at = NOON + 4 * HOUR
    case = case_of([make.account(phone=next(PHONES))], starts_at=starts_at)
    [request] = asked(case)
    assert request.state == RequestState.WINDOW
    return request


@pytest.mark.django_db
def test_identity_shown_on_the_day_validates(at_the_door):
    clerk, one = staff_with(Role.DESK_CLERK), at_the_door.appointment_id
    assert set(marks([one])) == {one}
    with pytest.raises(NotToday):
        identity_shown(appointment_id=one, by=clerk, now=NOON - 2 * DAY)

    identity_shown(appointment_id=one, by=clerk, now=NOON)

    at_the_door.refresh_from_db()
    assert (at_the_door.state, standings(at_the_door.case)) == (RequestState.SHOWN, {Standing.VALIDATED})
    assert marks([one]) == {}


@pytest.mark.django_db
def test_another_person_is_told_to_the_engine_once_nobody_can_take_it_back(at_the_door):
    clerk, one = staff_with(Role.DESK_CLERK), at_the_door.appointment_id
    take_step(appointment_id=one, to=AttendanceState.OTHER, by=clerk, now=NOON + 4 * HOUR)
    ticks = [NOON + 4 * HOUR + timedelta(minutes=minutes) for minutes in (5, 11, 12)]

    assert [tell_of_other_people(now=tick) for tick in ticks] == [0, 1, 0]
    assert Sighting.objects.get().kind == "other_person"
    assert kinds(at_the_door.case)[-1] == "other_person"


@pytest.mark.django_db
def test_case_that_found_nothing_wrong_marks_nobody(at_the_door):
    reviewer = staff_with(Role.REVIEWER)
    Case.objects.update(state=CaseState.CLOSED, verdict="legitimate", closed_at=NOON, closed_by=reviewer)

    assert marks([at_the_door.appointment_id]) == {}


# -- whose data they are ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_deleting_the_account_takes_its_contact_away_and_asks_at_the_window(one):
    account = one.appointment.account
    assert own_data(account)["asked_to_confirm"][0]["contact"] == one.contact

    forget(account, NOON)

    one.refresh_from_db()
    assert (one.contact, one.state, standings(one.case)) == ("", RequestState.WINDOW, {Standing.WINDOW})
