"""A phone that becomes a caller's, and an account whose contact was lost: the code, the script, the day, the link."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from appointments import tasks
from appointments.models import Recovery
from appointments.phone.recovery import (
    AlreadyAsked,
    Answers,
    NobodyToTell,
    NotEnough,
    TooManyChecks,
    apply_due_recoveries,
    check_answers,
    right_answers,
    start_recovery,
    stop_recovery,
)
from appointments.scopes import booker_scopes
from appointments.services.callers import register_caller
from consulates.models import Role
from mexitel.accounts.models import CodeRequest, User
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.factories.scenes import ADA, book_ada, houston
from tests.factories.staff import staff_with
from tests.staff.console import Agent, born

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
PHONE = "+12135550177"


@pytest.fixture
def scene():
    return houston(windows=40)


@pytest.fixture
def agent(scene):
    return Agent()


def start(account, contact="nueva@example.com", *, now=None, agent=None):
    return start_recovery(
        account=account,
        contact=contact,
        right=4,
        agent=agent or staff_with(Role.PHONE_AGENT),
        call_reference="LL-7",
        time_zone="America/Chicago",
        now=now or clock(),
    )


def stop_link() -> str:
    body = OutgoingMessage.objects.filter(kind="recovery").latest("pk").body
    return re.search(r"/alto/([\w-]+)/", body).group(1)


def test_phone_is_the_callers_after_they_said_its_code_and_not_before(scene, agent):
    agent.register(phone=PHONE)
    agent.book(scene.adults)
    caller = User.objects.get(pk=agent.call.account_id)
    agent.post("staff_console_verify", phone=PHONE)
    wrong = agent.post("staff_console_code", code="000000x")
    before = User.objects.get(pk=caller.pk).phone
    sent = OutgoingMessage.objects.filter(kind="call_code").get()
    agent.say_code()
    caller.refresh_from_db()

    assert (wrong.status_code, before) == (422, "")
    assert sent.recipient == PHONE
    assert "Digala solo si usted nos llamo" in sent.body
    assert (caller.phone, caller.has_verified_phone) == (PHONE, True)
    assert [scope.kind.name for scope in booker_scopes(caller)] == ["ACCOUNT", "PHONE"]


def test_phone_with_an_account_of_its_own_stays_there(scene, agent):
    owner = UserFactory(phone_alone=True)
    agent.register(phone=owner.phone)
    agent.post("staff_console_verify", phone=owner.phone)
    agent.say_code()

    assert User.objects.get(pk=agent.call.account_id).phone == ""


def test_phone_is_not_added_to_an_account_with_e_mail_on_facts_alone(scene, agent):
    caller = UserFactory()
    book_ada(caller, scene)
    agent.find(caller.email, date=("5", "4", "1988"))

    assert agent.post("staff_console_verify", phone=PHONE).url == "/personal/telefono/"
    assert not CodeRequest.objects.exists()


def test_caller_gets_few_codes_and_so_does_an_agent(scene, agent, settings):
    settings.ACCOUNT_LIMITS = {"call code": {"agent": [(6, DAY)], "caller": [(2, DAY)]}}
    one, other = UserFactory(), UserFactory()
    for caller in (one, one, one):
        agent.find(caller.email)
        agent.post("staff_console_send", to="email")
    assert CodeRequest.objects.count() == 2
    agent.find(other.email)
    agent.post("staff_console_send", to="email")
    assert CodeRequest.objects.count() == 3


def test_code_of_one_caller_proves_nothing_for_the_next(scene, agent):
    first, second = UserFactory(), UserFactory()
    agent.find(first.email)
    agent.post("staff_console_send", to="email")
    agent.find(second.email)
    agent.say_code()

    assert (agent.call.account_id, agent.call.proof) == (second.pk, "")


def test_answers_are_counted_and_never_shown(scene, agent):
    caller = UserFactory()
    booked = book_ada(caller, scene)
    said = Answers(booked.reference.lower(), "Luna Ada Ríos", ADA.birth_date, scene.office, caller.email.upper())

    assert right_answers(caller, said) == 5
    assert right_answers(caller, Answers()) == 0
    assert right_answers(caller, Answers(name="Ada", contact=caller.email)) == 1
    with pytest.raises(NotEnough):
        check_answers(caller, Answers(contact=caller.email), agent=agent.user, call_reference="LL-7", now=clock())
    assert AuditLine.objects.get(action="caller.recovery_check").detail == {"call": "LL-7", "right": 1, "enough": False}
    page = agent.find(caller.email)
    page = agent.post("staff_console_recover", contact=caller.email)
    assert page.status_code == 409
    assert not any(secret in page.content.decode() for secret in (booked.reference, "Ada", "1988"))


def test_name_and_birth_date_are_of_one_person(scene):
    caller = UserFactory()
    book_ada(caller, scene)

    assert right_answers(caller, Answers(name="Ada Ríos Luna", born=ADA.birth_date)) == 2
    assert right_answers(caller, Answers(name="Ada Ríos Luna", born=ADA.birth_date + DAY)) == 1


def test_account_is_checked_three_times_a_day(scene, agent):
    caller = UserFactory()
    for _ in range(3):
        with pytest.raises(NotEnough):
            check_answers(caller, Answers(), agent=agent.user, call_reference="LL-7", now=clock())
    with pytest.raises(TooManyChecks):
        check_answers(caller, Answers(), agent=agent.user, call_reference="LL-7", now=clock())


def test_account_is_recovered_from_the_script_to_the_new_address(scene, agent):
    caller = UserFactory()
    booked = book_ada(caller, scene)
    old = caller.email
    agent.find(old)
    answers = {"reference": booked.reference, "name": "Ada Ríos Luna", "office": "houston", **born("born")}
    agent.post("staff_console_recover", **answers)
    assert agent.post("staff_console_recover", contact=PHONE).status_code == 422  # it signs in with an e-mail
    agent.post("staff_console_recover", contact="Nueva@Example.com")
    agent.say_code()
    recovery = Recovery.objects.get()
    told = OutgoingMessage.objects.get(kind="recovery")

    assert (recovery.contact, recovery.right_answers) == ("nueva@example.com", 4)
    assert recovery.effective_at - recovery.created_at == DAY
    assert (told.recipient, "nu•••@example.com" in told.body or "\\u2022" in told.body) == (old, True)
    assert User.objects.get(pk=caller.pk).email == old
    assert agent.call.proof == ""  # the answers open nothing today


def test_new_contact_takes_effect_after_the_day_and_not_before(scene):
    caller, now = UserFactory(), clock()
    start(caller, now=now)
    password = User.objects.get(pk=caller.pk).password

    assert apply_due_recoveries(now=now + DAY - timedelta(seconds=1)) == 0
    assert User.objects.get(pk=caller.pk).email == caller.email
    assert apply_due_recoveries(now=now + DAY) == 1
    changed = User.objects.get(pk=caller.pk)
    assert changed.email == "nueva@example.com"
    assert changed.password != password  # every session of the account is over
    assert apply_due_recoveries(now=now + DAY) == 0
    assert Recovery.objects.get().outcome == "applied"


def test_phone_of_an_account_without_e_mail_is_replaced(scene):
    caller, now = UserFactory(phone_alone=True), clock()
    start(caller, PHONE, now=now)
    told = OutgoingMessage.objects.get(kind="recovery")
    apply_due_recoveries(now=now + DAY)

    assert (told.channel, told.recipient) == ("sms", caller.phone)
    assert User.objects.get(pk=caller.pk).phone == PHONE


def test_old_contact_stops_it_with_one_link_and_one_button(scene, client):
    caller, now = UserFactory(), clock()
    start(caller, now=now)
    url = reverse("recovery_stop", args=[stop_link()])

    assert client.get(url).status_code == 200
    assert Recovery.objects.get().outcome == ""  # opening stops nothing: mail programs open links
    assert "Está detenido" in client.post(url).content.decode()
    assert apply_due_recoveries(now=now + DAY) == 0
    assert User.objects.get(pk=caller.pk).email == caller.email
    assert client.post(url).status_code == 200
    assert client.get(reverse("recovery_stop", args=["guessed"])).status_code == 404
    assert {line.action for line in AuditLine.objects.all()} == {"caller.recovery_start", "caller.recovery_stopped"}


def test_link_that_comes_too_late_says_so(scene, client):
    caller, now = UserFactory(), clock()
    start(caller, now=now)
    apply_due_recoveries(now=now + DAY)

    assert "Ya pasó el día" in client.post(reverse("recovery_stop", args=[stop_link()])).content.decode()
    assert User.objects.get(pk=caller.pk).email == "nueva@example.com"


def test_one_change_rests_at_a_time_and_somebody_is_always_told(scene):
    caller = UserFactory()
    agent = staff_with(Role.PHONE_AGENT)
    start(caller)
    with pytest.raises(AlreadyAsked):
        start(caller, "otra@example.com")
    with pytest.raises(NobodyToTell):
        start(register_caller(reason="no phone", agent=agent, now=clock()))
    assert Recovery.objects.count() == 1


def test_address_that_became_somebody_elses_is_not_taken_from_them(scene):
    caller, now = UserFactory(), clock()
    start(caller, now=now)
    UserFactory(email="nueva@example.com")

    assert apply_due_recoveries(now=now + DAY) == 0
    assert Recovery.objects.get().outcome == "taken"
    assert User.objects.get(pk=caller.pk).email == caller.email


def test_database_holds_the_day_and_the_answers(scene):
    recovery = start(UserFactory())
    row = Recovery.objects.filter(pk=recovery.pk)
    for name, change in {
        "recovery_rests_a_day": {"effective_at": recovery.created_at + timedelta(hours=23)},
        "recovery_applied_after_its_rest": {"outcome": "applied", "closed_at": recovery.created_at},
        "recovery_closed_with_outcome": {"outcome": "stopped"},
        "recovery_after_enough_answers": {"right_answers": 3},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            row.update(**change)


def test_task_runs_what_is_due(scene):
    start(UserFactory(), now=clock() - DAY - timedelta(minutes=1))

    assert tasks.apply_due_recoveries() == 1


def test_stopping_twice_is_stopping_once(scene):
    start(UserFactory())
    token = stop_link()
    first, again = stop_recovery(token=token, now=clock()), stop_recovery(token=token, now=clock() + DAY)

    assert first.closed_at == again.closed_at
    assert stop_recovery(token="nothing", now=clock()) is None
