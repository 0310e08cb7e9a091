"""On whose contact people are asked whether they wanted an appointment, what the message says, and when the machine
asks by itself.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from antifraud.models import Case, IdentityRequest, RequestState
from antifraud.models.validation import AskedBy, Source
from antifraud.services.cases import Found
from antifraud.tasks import ask_strong_cases, tend_identity_requests
from antifraud.validation import answers, messages
from antifraud.validation.asking import ask_strong
from antifraud.validation.errors import WrongData
from antifraud.validation.people import Told
from antifraud.validation.tokens import request_url, token_for, token_hash
from antifraud.validation.ways import Way, choose
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Caller
from consulates.models import Role
from mexitel.outbox.sms import BASIC, EXTENDED, GSM_PART, length
from tests.factories import appointments as make
from tests.factories.cases import FOUND, booked
from tests.factories.staff import staff_with
from tests.factories.validation import BORN, NOON, PHONES, asked, asked_by_call, case_of, deliver, one_asked, told_right

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRONG = Found(FOUND.ruleset, 13.0, FOUND.reasons)


@pytest.fixture
def one(db):
    return one_asked()


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


@pytest.mark.django_db
def test_nobody_is_asked_twice_at_once(one):
    assert asked(one.case) == []
    with pytest.raises(IntegrityError, match="identity_request_one_open"), transaction.atomic():
        IdentityRequest.objects.create(
            case=one.case, appointment=one.appointment, asked_by=AskedBy.WINDOW, state=RequestState.WINDOW,
            asked_at=NOON, send_at=NOON, until=NOON + DAY,
        )  # fmt: skip


# -- what the message says -------------------------------------------------------------------------


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
