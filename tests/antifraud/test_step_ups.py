"""Steps before a hold and before a booking: who is asked for what, who never is, and that nothing is lost meanwhile."""

import base64
import hashlib
import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from antifraud.lanes import heat, needs, steps, work
from antifraud.models import Block, BlockReason, Step, StepKind
from antifraud.names import target_of
from antifraud.services.blocks import propose_block
from appointments.guards import BookingAttempt, StepUpNeeded
from appointments.models import Appointment, BookingDraft, Hold
from appointments.phone.held import find_held, said_reference
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Role
from mexitel.accounts.models import User
from mexitel.api.tokens import open_token
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.cases import suspected
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


def typed(given, surname_1, surname_2="", year=1988, guardian=""):
    return {
        "given_names": given, "surname_1": surname_1, "surname_2": surname_2, "guardian_name": guardian,
        "birth_date_day": "5", "birth_date_month": "4", "birth_date_year": str(year),
    }  # fmt: skip


ROSA = "Rosa López Pérez"
FAMILY = [typed("Rosa", "López", "Pérez")] + [
    typed(name, "Gómez", "López", year, ROSA) for name, year in [("Luis", 2014), ("Ana", 2016), ("Eva", 2019)]
]
# Her son from before has his father's surnames alone.
STEPSON = typed("Iván", "Treviño", "Zúñiga", 2012, ROSA)
STRANGERS = [typed("Ada", "Ríos", "Luna"), typed("Juan", "Solís", "Mar"), typed("Inés", "Vega", "Cano")]


@pytest.fixture
def citizen():
    return UserFactory()


@pytest.fixture
def browser(citizen):
    return sign_in(Client(), citizen)


def begin(browser, seats, at=None):
    """A time is chosen; the hold, or None when something was asked for first."""
    at = at or make.slot(seats=8)
    answer = browser.post(reverse("hold_create"), {"slots": f"{at.pk}:{seats}", "procedure": make.offered(at).code})
    return Hold.objects.order_by("-created_at").first(), answer


def fill(browser, held, people):
    for place, person in enumerate(people, start=1):
        sent = browser.post(reverse("hold_person", args=[held.pk, place]), person)
        assert sent.status_code == 302, sent.context["form"].errors


def finish(browser, people):
    held, _ = begin(browser, len(people))
    fill(browser, held, people)
    return held, browser.post(reverse("hold_check", args=[held.pk]))


def code_sent():
    texts = OutgoingMessage.objects.filter(channel="sms").order_by("-id")
    return re.search(r"\b\d{6}\b", json.loads(texts[0].body)["text"]).group()


def solved(asked):
    told = asked.challenge
    number = next(
        n for n in range(told["maxNumber"] + 1)
        if hashlib.sha256(f"{told['salt']}{n}".encode()).hexdigest() == told["challenge"]
    )  # fmt: skip
    return base64.b64encode(json.dumps(told | {"number": number}).encode()).decode()


@pytest.fixture
def hot(settings, monkeypatch):
    settings.HOLD_HEAT = [0, 0]
    monkeypatch.setattr(heat, "_told", {})
    monkeypatch.setattr(heat, "TELL_EVERY_SECONDS", 0)
    cache.clear()


def test_a_release_gets_warm_and_hot_by_what_all_ask_at_one_office(settings, monkeypatch, hot):
    settings.HOLD_HEAT = [2, 4]
    monkeypatch.setattr(heat, "TELL_EVERY_SECONDS", 1)  # the first is told at once, the others with the next
    at, elsewhere = make.slot(), make.slot()
    assert [str(heat.heat_at(at.pk)) for _ in range(6)] == ["cool", "cool", "warm", "warm", "hot", "hot"]
    assert heat.heat_at(elsewhere.pk) == "cool"
    assert heat.heat_at(0) == "cool"


def test_a_mother_with_four_children_meets_no_step(browser):
    """On the web, her phone never proven, her browser never seen."""
    _held, answer = finish(browser, [*FAMILY, STEPSON])
    assert answer.status_code == 302
    assert "/cita/" in answer.url
    assert Appointment.objects.count() == 5
    assert not Step.objects.exists()


def test_three_strangers_prove_a_phone_and_the_booking_goes_on_by_itself(browser, citizen):
    held, answer = finish(browser, STRANGERS)
    page = reverse("step_up", args=[held.pk])
    assert answer.url == page
    assert not Appointment.objects.exists()
    assert BookingDraft.objects.filter(account=citizen).exists()
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"phone": "213 555 0142"}).url == page
    wrong = browser.post(page, {"code": "000000" if code_sent() != "000000" else "111111"})
    assert wrong.status_code == 422
    booked = browser.post(page, {"code": code_sent()})
    assert "/cita/" in booked.url
    citizen.refresh_from_db()
    assert citizen.phone == "+12135550142"
    assert {len(one.scope_ids) for one in Appointment.objects.all()} == {3}  # the phone's scope counts them too


@pytest.mark.parametrize("people", [STRANGERS[:2], [*FAMILY]], ids=["two strangers", "four of a family"])
def test_few_strangers_and_families_are_asked_for_nothing(browser, people):
    assert "/cita/" in finish(browser, people)[1].url


def test_who_has_a_verified_phone_books_for_strangers():
    browser = sign_in(Client(), UserFactory(with_phone=True))
    assert "/cita/" in finish(browser, STRANGERS)[1].url


def test_a_third_stranger_counts_with_those_booked_before(browser):
    assert "/cita/" in finish(browser, STRANGERS[:2])[1].url
    _held, answer = finish(browser, STRANGERS[2:])
    assert answer.url.endswith("/paso/")


def test_a_standing_case_asks_for_a_code_on_the_own_phone():
    account = suspected(people=1).accounts.get().account
    User.objects.filter(pk=account.pk).update(phone="+12135550143", phone_hash=b"1" * 32, phone_verified_at=clock())
    browser = sign_in(Client(), User.objects.get(pk=account.pk))
    held, answer = finish(browser, STRANGERS[:1])
    assert answer.url == reverse("step_up", args=[held.pk])
    browser.post(answer.url, {"send": "1"})
    assert "/cita/" in browser.post(answer.url, {"code": code_sent()}).url
    # Half an hour later it is another sitting.
    assert steps.has_taken(account, StepKind.CODE, now=clock())
    assert not steps.has_taken(account, StepKind.CODE, now=clock() + timedelta(minutes=31))


def test_a_strangers_code_opens_nothing(browser):
    held, answer = finish(browser, STRANGERS)
    browser.post(answer.url, {"phone": "213 555 0142"})
    other = sign_in(Client(), UserFactory())
    assert other.post(answer.url, {"code": code_sent()}).status_code == 404
    assert not Appointment.objects.exists()
    assert Hold.objects.get().pk == held.pk


def test_telephone_and_window_ask_for_nothing():
    account = make.account()
    at = make.slot(seats=3)
    for channel in ("phone", "counter"):
        held = hold_seats(
            account=account, wishes=[Wish(at.pk, 1)], procedure_id=make.offered(at).pk, now=clock(), channel=channel
        )
        propose(account)
        people = [[make.entry()]]
        assert confirm_hold(
            account=account, hold_id=held.hold_id, people=people, today=at.session.date, now=clock(), channel=channel
        )


def propose(account):
    target = target_of("mailbox", account.email)
    if not Block.objects.exists():
        propose_block(target=target, reason=BlockReason.values[0], note="-", by=None, now=clock())


def test_with_a_proposed_block_a_person_finishes_on_the_telephone(browser, citizen):
    propose(citizen)
    held, answer = finish(browser, STRANGERS[:1])
    page = browser.get(answer.url)
    said = said_reference(held.pk)
    assert f"{said[:4]}-{said[4:8]}-{said[8]}" in page.content.decode()
    assert find_held(said, now=clock()) == held
    assert find_held(said, now=clock() + timedelta(hours=1)) is None
    agent = sign_in(Client(), staff_with(Role.PHONE_AGENT))
    found = agent.post(reverse("staff_console"), {"who": said, "channel": "phone", **born("5", "4", "1988")})
    assert found.url == reverse("staff_console")
    assert agent.post(reverse("staff_console_take"), {"hold": str(held.pk)}).url == reverse("staff_console_hold")
    assert "Ada" in agent.get(reverse("staff_console_hold")).content.decode()
    assert agent.post(reverse("staff_console_hold"), {"do": "confirm"}).url == reverse("staff_console_done")
    assert Appointment.objects.get().account == citizen
    assert "/cita/" in browser.get(reverse("hold", args=[held.pk])).url


def born(day, month, year):
    return {"born_day": day, "born_month": month, "born_year": year}


def test_a_reference_alone_finds_nobody(browser, citizen):
    held, _ = begin(browser, 1)
    agent = sign_in(Client(), staff_with(Role.PHONE_AGENT))
    who = said_reference(held.pk)
    sent = agent.post(reverse("staff_console"), {"who": who, "channel": "phone", **born("1", "1", "1990")})
    assert sent.status_code == 404


def test_in_a_hot_release_the_device_works_and_the_time_is_kept_then(browser, hot):
    at = make.slot()
    held, answer = begin(browser, 1, at)
    assert held is None
    assert answer.url == reverse("step_work")
    page = browser.get(answer.url)
    asked = page.context["work"]
    sent = browser.post(answer.url, {"ticket": asked.ticket, "altcha": solved(asked)})
    assert sent.url == reverse("hold_create")
    assert browser.get(sent.url).url == reverse("hold", args=[Hold.objects.get().pk])
    # For ten minutes it is not asked again.
    assert begin(browser, 1, make.slot())[1].url.startswith("/apartado/")


def test_without_javascript_half_a_minute_counts_as_much(citizen):
    asked = work.ask(citizen, now=clock())
    with pytest.raises(work.TooSoon):
        work.accept(citizen, ticket=asked.ticket, solution="", now=clock())
    work.accept(citizen, ticket=asked.ticket, solution="", now=clock() + work.WAIT)
    assert steps.has_taken(citizen, StepKind.WORK, now=clock())


def test_a_solution_counts_once_and_for_one_account(citizen):
    asked, other = work.ask(citizen, now=clock()), UserFactory()
    solution = solved(asked)
    with pytest.raises(work.WorkWrong):
        work.accept(other, ticket=asked.ticket, solution=solution, now=clock())
    with pytest.raises(work.WorkWrong):
        work.accept(citizen, ticket=work.ask(citizen, now=clock()).ticket, solution=solution, now=clock())
    with pytest.raises(work.WorkWrong):
        work.accept(citizen, ticket=asked.ticket, solution=solution, now=clock() + timedelta(minutes=11))
    work.accept(citizen, ticket=asked.ticket, solution=solution, now=clock())
    with pytest.raises(steps.SolvedBefore):
        work.accept(citizen, ticket=asked.ticket, solution=solution, now=clock())


def test_with_redis_away_no_release_is_hot(citizen, hot, redis_server):
    at = make.slot()
    attempt = BookingAttempt("hold", citizen, "web", slots=(at.pk,))
    assert needs.before_hold(attempt, now=clock()) == "work"
    redis_server.kill()
    assert needs.before_hold(attempt, now=clock()) is None


def api(client, token, path, body=None, **more):
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": path[-60:]}
    if body is None:
        return client.get(f"/api/v1{path}", headers=headers)
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_the_api_says_what_is_needed_and_where(client, citizen, hot):
    token, at = open_token(account=citizen, now=clock()).token, make.slot(seats=3)
    wish = {"procedure": make.offered(at).code, "slots": [{"slot": at.pk, "seats": 3}]}
    refused = api(client, token, "/holds", wish)
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["need"]) == ("step_up", "work")
    asked = api(client, token, refused.json()["where"].removeprefix("/api/v1")).json()
    told = work.Work(asked["challenge"], asked["ticket"])
    assert (
        api(client, token, "/step-ups/work", {"ticket": asked["ticket"], "solution": solved(told)}).status_code == 204
    )
    held = api(client, token, "/holds", wish)
    assert held.status_code == 201
    people = [
        {"given_names": one["given_names"], "surname_1": one["surname_1"], "birth_date": "1988-04-05"}
        for one in STRANGERS
    ]
    confirm = f"/holds/{held.json()['id']}/confirm"
    assert api(client, token, confirm, {"people": people}).json()["need"] == "code"
    sent = api(client, token, "/step-ups/code", {"phone": "+12135550142"})
    assert sent.status_code == 202
    checked = api(client, token, "/step-ups/code/check", {"request": sent.json()["request"], "code": code_sent()})
    assert checked.status_code == 204
    assert api(client, token, confirm, {"people": people}).status_code == 200


def test_guards_cost_at_most_one_query(citizen):
    at = make.slot()
    with CaptureQueriesContext(
        connection,
    ) as first:
        needs.before_hold(BookingAttempt("hold", citizen, "web", slots=(at.pk,)), now=clock())
        needs.before_booking(BookingAttempt("confirm", citizen, "web", people=[[make.entry()]]), now=clock())
    assert len(first) == 1


def test_the_guard_is_named_in_the_settings(citizen, settings):
    assert settings.BOOKING_GUARDS == ["antifraud.guards.ask_a_step", "antifraud.guards.keep_frozen"]
    propose(citizen)
    at = make.slot()
    held = hold_seats(account=citizen, wishes=[Wish(at.pk, 1)], procedure_id=make.offered(at).pk, now=clock())
    with pytest.raises(StepUpNeeded):
        confirm_hold(account=citizen, hold_id=held.hold_id, people=[[make.entry()]], today=at.session.date, now=clock())
