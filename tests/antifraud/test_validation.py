"""People are asked whether they wanted an appointment: on whose contact, when, and what an answer does to the case."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from antifraud.lanes import steps
from antifraud.models import Case, CaseState, Decision, IdentityRequest, RequestState, Sighting, Standing, StepKind
from antifraud.models.validation import MOST_TRIES, AskedBy, Source
from antifraud.services.cases import Found
from antifraud.tasks import ask_strong_cases, tend_identity_requests
from antifraud.validation import answers, messages
from antifraud.validation.answers import Charge
from antifraud.validation.asking import ask_strong, is_frozen
from antifraud.validation.at_the_window import identity_shown, marks, tell_of_other_people
from antifraud.validation.clock import EVENING, MORNING, Times, is_night, times_for
from antifraud.validation.contacts import Validated, validated_contact
from antifraud.validation.deadlines import end_deadlines, return_answered, send_due_reminders
from antifraud.validation.errors import Over, TooManyTries, WrongData
from antifraud.validation.people import Told
from antifraud.validation.personal_data import forget, own_data
from antifraud.validation.selectors import requests_of
from antifraud.validation.tokens import request_url, token_for, token_hash
from antifraud.validation.ways import Way, choose
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Caller
from appointments.models.attendance import AttendanceState
from appointments.services.day import NotToday, take_step
from consulates.calendars import zone
from consulates.models import Role
from mexitel.outbox.models import OutgoingMessage
from mexitel.outbox.sms import BASIC, EXTENDED, GSM_PART, length
from tests.factories import appointments as make
from tests.factories.cases import FOUND, booked
from tests.factories.staff import staff_with
from tests.factories.validation import BORN, NOON, PHONES, asked, asked_by_call, asked_by_sms, case_of, told_right

ZONE = "America/Denver"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRONG = Found(FOUND.ruleset, 13.0, FOUND.reasons)


@pytest.fixture
def one(db):
    """One person, asked by text message."""
    return asked_by_sms().requests.select_related("case", "appointment").get()


def kinds(case):
    return list(case.events.values_list("kind", flat=True))


def standings(case):
    return set(case.appointments.values_list("standing", flat=True))


# -- on whose contact ------------------------------------------------------------------------------

ONE_WAY = [
    Way(asked_by, source, "x", "es", 1, frozenset(holders))
    for asked_by, source, holders in product(
        [AskedBy.SMS, AskedBy.MAIL, AskedBy.CALL], Source, [(), (1,), (2,), (1, 2)]
    )
]
COMBINATIONS = [(pair, one_family) for pair in product(ONE_WAY, repeat=2) for one_family in (True, False)]


def test_suspected_booker_never_answers_alone():
    for ways, one_family in COMBINATIONS:
        way = choose(ways, one_family=one_family)
        if way is not None and way.source == Source.EARLIER:
            assert way.holders == frozenset()
        elif way is not None:
            assert one_family
            assert way.holders <= {way.account_id}


def test_earlier_contact_of_the_person_comes_first():
    for ways, one_family in COMBINATIONS:
        earlier = [way for way in ways if way.source == Source.EARLIER and not way.holders]
        if any(way.asked_by in (AskedBy.SMS, AskedBy.MAIL) for way in earlier):
            assert choose(ways, one_family=one_family) in earlier


def ways_of(case):
    return list(case.requests.order_by("appointment__starts_at", "pk").values_list("asked_by", "source"))


@pytest.mark.django_db
def test_phone_that_two_accounts_of_the_case_share_asks_nobody():
    shared = next(PHONES)
    case = case_of([make.account(phone=shared), make.account(phone=shared), make.account(phone=next(PHONES))])

    asked(case)

    assert sorted(ways_of(case)) == [("sms", "own"), ("window", ""), ("window", "")]


@pytest.mark.django_db
def test_own_phone_does_not_speak_for_strangers():
    booker = make.account(phone=next(PHONES))
    case = case_of([booker, booker], now=NOON)
    people = Appointment.objects.filter(account=booker).order_by("pk")
    for appointment, surname in zip(people, ["Barajas", "Quiroga"], strict=True):
        appointment.attendees.update(surname_1=surname)

    asked(case)

    assert ways_of(case) == [("window", ""), ("window", "")]


@pytest.mark.django_db
def test_own_phone_speaks_for_one_family():
    booker = make.account(phone=next(PHONES))
    case = case_of([booker, booker])

    asked(case)

    assert ways_of(case) == [("sms", "own"), ("sms", "own")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spoiled_by", "expected"),
    [
        ("", ("sms", "earlier")),
        ("stands in another case", ("window", "")),
        ("its phone is the suspect's", ("call", "stated")),
        ("was cancelled", ("window", "")),
        ("another CURP", ("window", "")),
        ("verified later", ("window", "")),
    ],
)
def test_earlier_verified_contact_of_the_same_person(spoiled_by, expected):
    suspect = make.account()
    phone = next(PHONES)
    earlier = make.account(phone=phone)
    type(earlier).objects.filter(pk=earlier.pk).update(phone_verified_at=NOON - 60 * DAY)
    before = booked(earlier, make.slot(), name="Rosa A", now=NOON - 12 * HOUR)
    case = case_of([suspect])
    if spoiled_by == "stands in another case":
        Case.objects.create(ruleset=1, score=9, opened_at=NOON, changed_at=NOON, act_by=NOON).accounts.create(
            account=earlier, added_at=NOON
        )
    elif spoiled_by == "its phone is the suspect's":
        Caller.objects.create(
            account=suspect, phone=phone, phone_hash=earlier.phone_hash, created_at=NOON, last_call_at=NOON
        )
    elif spoiled_by == "was cancelled":
        make.cancel(earlier, before.pk)
    elif spoiled_by == "another CURP":
        before.attendees.update(curp_hash=b"a" * 32)
        Appointment.objects.get(account=suspect).attendees.update(curp_hash=b"b" * 32)
    elif spoiled_by == "verified later":
        type(earlier).objects.filter(pk=earlier.pk).update(phone_verified_at=NOON + HOUR)

    asked(case)

    assert ways_of(case) == [expected]


@pytest.mark.django_db
@pytest.mark.parametrize(("came", "expected"), [(True, ("mail", "earlier")), (False, ("window", ""))])
def test_earlier_mailbox_counts_once_somebody_came_with_it(came, expected):
    earlier = make.account()
    before = booked(earlier, make.slot(), name="Rosa A", now=NOON - 12 * HOUR)
    if came:
        Appointment.objects.filter(pk=before.pk).update(status=AppointmentStatus.ATTENDED)

    case = case_of([make.account()])
    asked(case)

    assert ways_of(case) == [expected]


@pytest.mark.django_db
def test_phone_of_a_call_is_called():
    assert ways_of(asked_by_call(now=NOON)) == [("call", "stated")]


# -- when ------------------------------------------------------------------------------------------


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


# -- what follows ----------------------------------------------------------------------------------


def deliver(now):
    """What the outbox asks for so far, each twice, as a relay that was interrupted does."""
    handlers = {"validation.asked": messages.asked, "validation.reminder": messages.reminder}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, payload FROM outbox_message WHERE kind LIKE 'validation.%%' AND due_at <= %s", [now]
        )
        for key, kind, payload in cursor.fetchall() * 2:
            handlers[kind](outbox_id=key, payload=json.loads(payload), now=now)


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
def test_nothing_is_sent_to_whoever_answered(one):
    answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)
    deliver(NOON)

    assert not OutgoingMessage.objects.filter(kind__startswith="validation.").exists()


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
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("site", ["https://citas.sre.gob.mx", "https://" + "m" * 56 + ".gob.mx"])
@pytest.mark.parametrize("kind", ["asked", "reminder"])
def test_text_message_is_one_part_without_a_name_in_the_worst_case(one, settings, kind, site, language):
    settings.PUBLIC_URL = site
    # Wednesday in September: the longest short day of both languages.
    one.appointment.starts_at = datetime(2027, 9, 22, 18, tzinfo=UTC)
    with translation.override(language):
        text = messages.text_of(kind, one)

    assert length(text)[0] <= GSM_PART
    assert set(text) <= BASIC | EXTENDED
    assert f"{site}/confirma/{token_for(one.pk)}/" in text
    assert one.appointment.attendees.get().given_names.upper() not in text.upper()


@pytest.mark.django_db
def test_mail_says_it_is_free_and_names_nobody(one):
    with translation.override("es"):
        mail = messages.mail_of("asked", one, now=NOON)

    person = one.appointment.attendees.get()
    for part in (mail.text, mail.html):
        assert "gratuitas" in part
        assert person.full_name not in part
        assert request_url(one.pk) in part
    assert person.given_names not in mail.subject


@pytest.mark.django_db
def test_link_and_outbox_and_trail_hold_nothing_personal(one, caplog):
    with pytest.raises(WrongData):
        answers.say_yes(request_id=one.pk, told=Told(BORN, "Zoila"), now=NOON)
    deliver(NOON)

    assert bytes(one.token_hash) == token_hash(token_for(one.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM outbox_message WHERE kind LIKE 'validation.%'")
        outbox = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT string_agg(detail::text || reason, ' ') FROM audit_line")
        trail = cursor.fetchone()[0] or ""
        cursor.execute("SELECT contact FROM antifraud_identityrequest")
        assert one.contact not in cursor.fetchone()[0]
    told = outbox + trail + caplog.text + str(list(one.case.events.values_list("detail", flat=True)))
    for secret in (one.contact, "Zoila", BORN.isoformat(), token_for(one.pk), told_right(one).proof):
        assert secret not in told


@pytest.mark.django_db
def test_late_reminder_waits_for_the_morning(one):
    night = one.remind_at + 10 * HOUR
    assert is_night(night, ZONE)

    assert send_due_reminders(now=night) == 0
    assert send_due_reminders(now=night + 11 * HOUR) == 1


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
def test_cancelled_appointment_is_asked_no_more(one):
    make.cancel(one.appointment.account, one.appointment_id, now=NOON)

    with pytest.raises(Over):
        answers.say_yes(request_id=one.pk, told=told_right(one), now=NOON)
    assert end_deadlines(now=NOON) == 1
    assert Case.objects.get(pk=one.case_id).state == CaseState.OPEN


@pytest.mark.django_db
def test_nobody_is_asked_twice_at_once(one):
    assert asked(one.case) == []
    with pytest.raises(IntegrityError, match="identity_request_one_open"), transaction.atomic():
        IdentityRequest.objects.create(
            case=one.case, appointment=one.appointment, asked_by=AskedBy.WINDOW, state=RequestState.WINDOW,
            asked_at=NOON, send_at=NOON, until=NOON + DAY,
        )  # fmt: skip


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


@pytest.mark.django_db
def test_case_in_which_only_the_window_is_asked_does_not_wait_for_ever():
    case = case_of([make.account()])
    asked(case)
    Case.objects.update(state=CaseState.ASKED)

    assert [return_answered(now=NOON), return_answered(now=NOON)] == [1, 0]
    assert Case.objects.get().state == CaseState.OPEN


# -- the machine -----------------------------------------------------------------------------------


def strangers(found=STRONG, **session):
    return case_of([make.account(phone=next(PHONES)) for _ in range(2)], found=found, **session)


def as_strangers(case):
    for place, appointment in enumerate(case.appointments.order_by("appointment_id")):
        appointment.appointment.attendees.update(surname_1=["Barajas", "Quiroga"][place])
    return case


@pytest.mark.django_db
def test_machine_asks_once_when_the_case_is_strong():
    case = as_strangers(strangers())

    assert len(ask_strong(case=case, now=NOON)) == 2
    assert case.events.get(kind="asked").actor is None
    assert ask_strong(case=case, now=NOON) == []


@pytest.mark.django_db
def test_machine_does_not_ask_one_family():
    assert ask_strong(case=strangers(), now=NOON) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "found",
    [
        Found(1, 11.9, FOUND.reasons),
        Found(1, 13.0, [{"code": "D4", "group": "inventory", "points": 4.0}]),
        Found(1, 13.0, [{"code": "B1", "group": "device", "points": 9.0}]),
        Found(1, 13.0, [{"code": "C1", "group": "pace", "points": 0.0}]),
    ],
    ids=["weak", "only the allowance", "only the device", "a sign of nothing"],
)
def test_machine_leaves_the_rest_to_people(found):
    assert ask_strong(case=as_strangers(strangers(found)), now=NOON) == []


@pytest.mark.django_db
def test_machine_does_not_ask_in_a_case_that_somebody_has_in_hand():
    case = as_strangers(strangers())
    Case.objects.filter(pk=case.pk).update(taken_by=staff_with(Role.REVIEWER), taken_until=NOON + HOUR)
    case.refresh_from_db()

    assert ask_strong(case=case, now=NOON) == []


@pytest.mark.django_db
def test_tasks_may_run_twice():
    as_strangers(strangers(now=NOON, starts_at=NOON + 30 * DAY))

    assert (ask_strong_cases(), ask_strong_cases()) == (2, 0)
    assert (tend_identity_requests(), tend_identity_requests()) == (0, 0)


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
