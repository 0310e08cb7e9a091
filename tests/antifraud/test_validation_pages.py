"""The page behind the link, the agents' script, and the desk's mark."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from antifraud.models import IdentityRequest, RequestState
from antifraud.models.validation import MOST_TRIES
from antifraud.validation import answers, messages
from antifraud.validation.answers import Charge
from antifraud.validation.calling import MOST_CALLS
from antifraud.validation.tokens import token_for
from consulates.models import Role
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.staff import staff_with
from tests.factories.validation import PHONES, asked, asked_by_call, asked_by_sms, case_of, told_right
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return asked_by_sms(now=clock()).requests.select_related("case", "appointment").get()


@pytest.fixture
def by_day(monkeypatch):
    """Agents call at any hour of the test run."""
    for module in ("calling", "staff_views"):
        monkeypatch.setattr(f"antifraud.validation.{module}.is_night", lambda at, zone_name: False)


def link(request) -> str:
    return reverse("identity_answer", args=[token_for(request.pk)])


def typed(request, do="yes", **changes):
    told = told_right(request)
    born = {"born_day": told.born.day, "born_month": told.born.month, "born_year": told.born.year}
    return born | {"do": do, "proof": told.proof} | changes


def state_of(request):
    return IdentityRequest.objects.get(pk=request.pk).state


def test_page_names_nobody_and_is_told_to_nobody(client, one):
    page = client.get(link(one))

    person = one.appointment.attendees.get()
    assert person.full_name not in page.text
    assert "R. A. P." in page.text
    assert one.appointment.reference not in page.text
    assert page["Cache-Control"] == "no-store, private"
    assert page["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("stage", ["open", "tries", "call", "confirmed", "denied", "window", "over"])
def test_every_stage_is_plain_spanish(client, one, stage):
    now = clock()
    if stage == "tries":
        IdentityRequest.objects.update(tries=MOST_TRIES)
    elif stage == "call":
        answers.choose_call(request_id=one.pk, now=now)
    elif stage == "confirmed":
        answers.say_yes(request_id=one.pk, told=told_right(one), now=now)
    elif stage == "denied":
        answers.say_no(request_id=one.pk, now=now)
    elif stage == "window":
        answers.choose_window(request_id=one.pk, now=now)
    elif stage == "over":
        make.cancel(one.appointment.account, one.appointment_id)

    page = client.get(link(one))

    assert page.context["stage"] == stage
    assert_plain(sentences_of(page.text))
    assert ("<form" in page.text.split("<main")[1]) == (stage in {"open", "tries", "call"})


def test_messages_are_plain_spanish(one):
    with translation.override("es"):
        mail = messages.mail_of("asked", one, now=clock())

    assert_plain(sentences_of(f"<main>{mail.html.split('<h1')[1]}</main>"))


def test_yes_with_right_data_and_a_charge_is_kept_once(client, one):
    client.post(link(one), typed(one, charged="yes", dollars="80", how="Por WhatsApp"))
    client.post(link(one), typed(one, "no"))

    one.refresh_from_db()
    assert (one.state, one.charged, one.charged_dollars, one.charged_how) == ("confirmed", "yes", 80, "Por WhatsApp")


def test_yes_without_data_asks_for_them(client, one):
    page = client.post(link(one), {"do": "yes"})

    assert (page.status_code, state_of(one)) == (422, RequestState.OPEN)
    assert set(page.context["form"].errors) == {"born", "proof"}


def test_no_needs_no_data(client, one):
    assert client.post(link(one), {"do": "no"}).status_code == 302
    assert state_of(one) == RequestState.DENIED


def test_wrong_data_leave_the_phone_and_the_window(client, one):
    for _ in range(MOST_TRIES):
        page = client.post(link(one), typed(one, proof="Zoila"))

    assert page.context["stage"] == "tries"
    client.post(link(one), {"do": "window"})
    assert state_of(one) == RequestState.WINDOW


@pytest.mark.parametrize("token", ["A" * 22, "A" * 21, "ñ" * 22])
def test_made_up_link_opens_nothing(client, one, token):
    assert client.get(reverse("identity_answer", args=[token])).status_code == 404


def test_reading_the_page_answers_nothing(client, one):
    for _ in range(2):
        client.get(link(one), {"do": "no"})
    assert state_of(one) == RequestState.OPEN


# -- the agents' script ----------------------------------------------------------------------------


@pytest.fixture
def call(by_day):
    return asked_by_call().requests.select_related("appointment__consulate").get()


@pytest.fixture
def agent(client, call):
    user = staff_with(Role.PHONE_AGENT, call.appointment.consulate)
    sign_in(client, user)
    return user


def script(request) -> str:
    return reverse("staff_identity_call", args=[request.pk])


def test_agent_sees_the_number_with_the_call_alone_and_types_what_is_said(client, call, agent):
    IdentityRequest.objects.update(send_at=clock())
    assert script(call) in client.get(reverse("staff_identity_calls")).text
    assert call.contact not in client.get(script(call)).text

    client.post(script(call), {"do": "take"})
    page = client.get(script(call)).text
    person = call.appointment.attendees.get()
    assert call.contact in page
    assert person.given_names not in page
    assert client.post(script(call), typed(call, proof="Zoila")).status_code == 422
    client.post(script(call), typed(call))

    call.refresh_from_db()
    assert (call.state, call.answered_to) == (RequestState.CONFIRMED, agent)
    actions = list(AuditLine.objects.filter(actor_id=agent.pk).values_list("action", flat=True))
    assert {"validation.list", "validation.number", "validation.answer"} <= set(actions)


def test_two_agents_never_have_one_call(client, call, agent):
    client.post(script(call), {"do": "take"})
    other = staff_with(Role.PHONE_AGENT, call.appointment.consulate)
    sign_in(client, other)

    page = client.post(script(call), {"do": "take"})

    assert page.status_code == 422
    assert call.contact not in page.text
    assert client.post(script(call), typed(call)).status_code == 422
    assert state_of(call) == RequestState.OPEN


def test_call_without_an_answer_is_made_again_and_then_left_to_the_window(client, call, agent):
    for number in range(1, MOST_CALLS + 1):
        client.post(script(call), {"do": "take"})
        client.post(script(call), {"do": "nobody"})
        call.refresh_from_db()
        assert call.calls == number
        assert script(call) not in client.get(reverse("staff_identity_calls")).text
    assert state_of(call) == RequestState.WINDOW


def test_nobody_is_called_at_night(client, agent, call, monkeypatch):
    monkeypatch.setattr("antifraud.validation.calling.is_night", lambda at, zone_name: True)

    assert client.post(script(call), {"do": "take"}).status_code == 422
    assert IdentityRequest.objects.get(pk=call.pk).taken_by is None


def test_whoever_calls_about_a_message_is_found_by_reference(client, one, by_day):
    sign_in(client, staff_with(Role.PHONE_AGENT, one.appointment.consulate))
    page = client.post(reverse("staff_identity_calls"), {"reference": one.appointment.reference.lower()})

    assert page.url == script(one)
    assert client.post(reverse("staff_identity_calls"), {"reference": "AAAA"}).status_code == 422


def test_agent_of_another_office_sees_nothing(client, call):
    sign_in(client, staff_with(Role.PHONE_AGENT, make.office()))

    assert client.get(script(call)).status_code == 404
    assert script(call) not in client.get(reverse("staff_identity_calls")).text


# -- the desk --------------------------------------------------------------------------------------


def test_desk_reads_what_to_do_and_never_why(client):
    now = clock()
    case = case_of([make.account(phone=next(PHONES)), make.account()], now=now, starts_at=now + timedelta(minutes=1))
    [first, _second] = [one.appointment for one in asked(case, now=now)]
    office = first.consulate
    # The session's day is the place's own.
    type(first.session).objects.update(date=now.astimezone(zone_of(first)).date())
    clerk = staff_with(Role.DESK_CLERK, office)
    sign_in(client, clerk)

    page = client.get(reverse("staff_visit", args=[office.code, first.pk])).text
    assert "Identificar en ventanilla" in page
    assert "gestor" not in page.split("<main")[1].split("</main>")[0]
    client.post(reverse("staff_visit", args=[office.code, first.pk]), {"step": "identity_shown"})

    assert case.requests.get(appointment=first).state == RequestState.SHOWN
    page = client.get(reverse("staff_visit", args=[office.code, first.pk])).text
    assert "Identificar en ventanilla" not in page


def zone_of(appointment):
    from zoneinfo import ZoneInfo

    return ZoneInfo(appointment.session.time_zone)


def test_charge_is_handed_to_the_register_of_reports(one, monkeypatch):
    told = []
    monkeypatch.setattr("antifraud.validation.answers.hand_over", lambda request, now: told.append(request.charged))
    answers.say_no(request_id=one.pk, charge=Charge("yes", 50), now=clock())

    assert told == ["yes"]
