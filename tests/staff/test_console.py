"""The telephone: find or register, hear the soonest, book, move, cancel; what stays of it, and what is seen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.errors import LockFull
from appointments.models import Appointment, Event, Hold
from appointments.phone import call as calls
from appointments.services import hold_seats
from appointments.services.applicants import save_applicant
from appointments.services.hold import Wish
from consulates.models import Role
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.factories.consulates import ConsulateFactory
from tests.factories.scenes import ADA, book_ada, houston
from tests.outbox.draining import deliver_everything
from tests.staff.console import Agent, person

pytestmark = pytest.mark.django_db
ADA_BORN = ("5", "4", "1988")


@pytest.fixture
def scene():
    return houston(windows=40)


@pytest.fixture
def agent(scene):
    return Agent()


def lines(action):
    return list(AuditLine.objects.filter(action=action).order_by("id"))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_known_caller_is_booked_on_four_pages(scene, agent):
    caller = UserFactory(with_phone=True)
    save_applicant(account=caller, entry=ADA, today=scene.first.date, now=clock())

    pages = [agent.get("staff_console")]
    sent = agent.find(caller.phone, date=ADA_BORN, tramite=scene.adults.code, lugar="77002")
    pages.append(agent.client.get(sent.url))
    [first, *_rest] = pages[-1].context["offers"]
    sent = agent.post("staff_console_choose", procedure=scene.adults.code, slots=first.slots)
    pages.append(agent.client.get(sent.url))
    [ada] = pages[-1].context["people"]
    sent = agent.post("staff_console_hold", do=f"book-{ada.pk}")
    pages.append(agent.client.get(sent.url))

    assert [page.status_code for page in pages] == [200] * 4
    [booked] = pages[-1].context["booked"]
    assert (booked.account, booked.applicant_id) == (caller, ada.pk)


def test_channel_agent_and_call_stay_on_the_appointment_and_its_events(scene, agent):
    agent.register(phone="213 555 0177")
    booked = agent.book(scene.adults)
    agent.post("staff_console_move", booked.pk)
    second = agent.offers()[0]
    agent.post("staff_console_choose", procedure=scene.adults.code, slots=second.slots)
    assert agent.confirm().url == reverse("staff_console_done")
    agent.post("staff_console_cancel", booked.pk)
    booked.refresh_from_db()

    assert (booked.channel, booked.agent_id, booked.call_reference) == ("phone", agent.user.pk, "LL-7")
    assert (booked.status, booked.times_moved) == ("cancelled", 1)
    events = Event.objects.filter(account_id=booked.account_id).order_by("at", "id")
    assert [one.kind for one in events] == ["held", "booked", "held", "moved", "cancelled"]
    assert {(one.channel, one.detail["agent"], one.detail["call"]) for one in events} == {
        ("phone", agent.user.pk, "LL-7")
    }
    deeds = [lines(f"appointment.{verb}") for verb in ("book", "move", "cancel")]
    assert [[(line.actor_id, line.detail["call"]) for line in found] for found in deeds] == [
        [(agent.user.pk, "LL-7")]
    ] * 3


def test_clerk_at_the_counter_leaves_that_channel(scene):
    clerk = Agent(scene.office, Role.DESK_CLERK)
    clerk.post("staff_console", channel="counter", register="1")
    clerk.post("staff_console_register", phone="+12135550177")

    assert clerk.book(scene.adults).channel == "counter"


def test_agent_books_for_thirty_callers(scene, agent):
    for number in range(30):
        agent.register(phone=f"213 555 {1000 + number}")
        agent.book(scene.adults, given_names="Rosa" + "abcdefghijklmnopqrstuvwxyzñáéí"[number])
        agent.end()

    assert Appointment.objects.filter(agent_id=agent.user.pk, status="booked").count() == 30
    assert not Appointment.objects.filter(account=agent.user).exists()


def test_control_the_agents_own_identities_would_stop_at_five(scene, agent):
    own = {"account": agent.user, "procedure_id": scene.adults.pk, "now": clock()}
    slots = scene.first.slots.order_by("starts_at")
    hold_seats(wishes=[Wish(slots[0].pk, 5)], **own)

    with pytest.raises(LockFull):
        hold_seats(wishes=[Wish(slots[1].pk, 1)], **own)


def test_sixth_appointment_of_a_caller_is_refused_whoever_asks(scene, agent):
    caller = UserFactory()
    book_ada(caller, scene)
    agent.find(caller.email, date=ADA_BORN)
    for name in ("Berta", "Carla", "Diana", "Elsa"):
        agent.book(scene.adults, given_names=name)
    agent.wish(scene.adults)
    refused = agent.choose(scene.adults)
    control = Agent()
    control.find(caller.email, date=ADA_BORN)
    control.wish(scene.adults)

    assert refused.status_code == 409
    assert "ya tiene 5 citas" in text_of(refused)
    assert reverse("staff_console") in text_of(refused)
    assert control.choose(scene.adults).status_code == 409
    other = Agent()
    other.register(phone="+12135550177")
    assert other.book(scene.adults).account != caller  # the seats are there: it was the caller's limit


def test_caller_with_a_stated_phone_hears_how_a_code_helps(scene, agent):
    agent.register(phone="+12135550177")
    agent.book(scene.adults, given_names="Berta")
    agent.book(scene.adults, given_names="Carla")
    agent.wish(scene.adults)
    refused = agent.choose(scene.adults)

    assert (refused.status_code, refused.context["refusal"].ways) == (409, ("verify", "cancel"))
    assert reverse("staff_console_verify") in text_of(refused)


def test_caller_with_neither_books_for_themselves_alone(scene, agent):
    agent.register(
        reason="Vive en un albergue",
        **{"given_names": "Rosa", "surname_1": "Marín"},
        **{"born_day": "5", "born_month": "4", "born_year": "1988"},
    )
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    agent.people(**person(given_names="Otra"))
    refused = agent.confirm()
    agent.people(**person())

    assert refused.status_code == 409
    assert "solo puedo hacer la cita para la persona" in text_of(refused)
    assert agent.confirm().url == reverse("staff_console_done")
    agent.wish(scene.adults)
    assert agent.choose(scene.adults).status_code == 409


def test_reference_is_spelled_and_sent_to_the_phone_that_was_stated(scene, agent):
    agent.register(phone="+12135550177")
    booked = agent.book(scene.adults)
    Appointment.objects.filter(pk=booked.pk).update(reference="AB12KX7Z0")
    page = text_of(agent.get("staff_console_done"))
    deliver_everything()

    assert "A de Ana, B de Beto, 1, 2" in page
    assert "K de kilo, X de Xóchitl, 7, Z de Zacarías" in page
    message = OutgoingMessage.objects.get()
    assert (message.channel, message.recipient, "AB12-KX7Z-0" in message.body) == ("sms", "+12135550177", True)


def test_times_are_read_out_in_words(scene, agent):
    agent.register(phone="+12135550177")
    agent.wish(scene.adults)
    [first, *_rest] = agent.offers()

    assert "de la mañana, hora central" in first.when
    assert first.far.startswith("a ")
    assert "Houston, TX" in first.where


def test_nothing_typed_is_lost_when_the_time_runs_out(scene, agent):
    agent.register(phone="+12135550177")
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    agent.people(**person())
    Hold.objects.update(expires_at=clock() - timedelta(minutes=2))
    over = agent.confirm()
    agent.choose(scene.adults, 1)

    assert over.status_code == 409
    assert "Lo que me dijo está guardado" in text_of(over)
    assert "Rosa Marín" in text_of(agent.get("staff_console_hold"))


def test_person_with_an_appointment_already_is_a_sentence_with_a_way_out(scene, agent):
    agent.register(phone="+12135550177")
    agent.book(scene.adults)
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    agent.people(**person())
    refused = agent.confirm()

    assert (refused.status_code, refused.context["refusal"].ways) == (409, ("move", "cancel"))
    assert "Rosa Marín" in text_of(refused)


def test_wrong_answers_stand_beside_the_form_and_nothing_is_lost(scene, agent):
    agent.register(phone="+12135550177")
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    sent = agent.people(**person(surname_1="") | {"p1-1-birth_date_year": "88"})

    assert sent.status_code == 422
    assert 'value="Rosa"' in text_of(sent)
    assert len(sent.context["errors"]) == 2


def test_party_of_two_is_one_form_and_one_call_of_the_lock(scene, agent):
    agent.register(phone="+12135550177")
    agent.wish(scene.adults, party=2)
    agent.choose(scene.adults)
    twice = agent.people(**person(1), **person(2))
    agent.people(**person(1), **person(2, given_names="Berta"))

    assert twice.status_code == 422
    assert agent.confirm().url == reverse("staff_console_done")
    assert Appointment.objects.count() == 2


def test_search_without_right_fact_finds_nobody_and_a_reference_alone_opens_nothing(scene, agent):
    caller = UserFactory()
    booked = book_ada(caller, scene)

    assert agent.find(caller.email, date=("6", "4", "1988")).status_code == 404
    assert agent.find("nobody@example.com").status_code == 404
    assert agent.find(booked.reference).status_code == 422
    assert agent.find("what?").status_code == 422
    assert agent.find(f"{booked.reference[:4].lower()}-{booked.reference[4:]}", date=ADA_BORN).status_code == 302
    assert agent.call.account_id == caller.pk


def test_caller_found_by_phone_alone_proves_it_by_a_code_first(scene, agent):
    caller = UserFactory(phone_alone=True)
    book_ada(caller, scene)
    agent.find(caller.phone)
    page = agent.get("staff_console")

    assert "Ada" not in text_of(page)
    assert agent.post("staff_console_choose", slots="1:1", procedure=scene.adults.code).url == "/personal/telefono/"
    assert agent.get("staff_console_cancel", Appointment.objects.get().pk).status_code == 302
    agent.post("staff_console_send", to="phone")
    agent.say_code()
    assert "Ada" in text_of(agent.get("staff_console"))


def test_several_accounts_of_a_phone_are_a_handful_by_masked_address(scene, agent):
    first = UserFactory(with_phone=True, email="lupe@example.com")
    second = UserFactory(phone=first.phone, phone_verified_at=clock(), email="memo@example.com")
    page = agent.find(first.phone)

    assert "lu•••@example.com" in text_of(page)
    assert "lupe@example.com" not in text_of(page)
    people = {first.pk, second.pk}
    agent.post("staff_console", pick="1")
    assert agent.call.account_id in people
    assert agent.call.proof == ""


def test_agent_of_an_office_sees_that_offices_appointments_alone(scene):
    caller, elsewhere = UserFactory(), ConsulateFactory(city="Reno")
    booked = book_ada(caller, scene)
    stranger = Agent(elsewhere)
    stranger.find(caller.email, date=ADA_BORN)
    page = stranger.get("staff_console")

    assert "Ada" not in text_of(page)
    assert page.context["shown"].elsewhere == 1
    assert stranger.get("staff_console_cancel", booked.pk).status_code == 404
    assert stranger.post("staff_console_move", booked.pk).status_code == 404
    assert stranger.find(booked.reference, date=ADA_BORN).status_code == 404


def test_appointment_of_another_account_is_not_there(scene, agent):
    booked = book_ada(UserFactory(), scene)
    agent.register(phone="+12135550177")

    assert agent.get("staff_console_cancel", booked.pk).status_code == 404
    assert agent.post("staff_console_cancel", booked.pk).status_code == 404
    assert agent.post("staff_console_move", booked.pk).status_code == 404
    booked.refresh_from_db()
    assert booked.status == "booked"


def test_every_look_leaves_a_line_with_the_call_and_no_search_word(scene, agent):
    caller = UserFactory()
    book_ada(caller, scene)
    agent.find(caller.email, date=ADA_BORN)
    agent.get("staff_console")

    assert [line.detail["found"] for line in lines("caller.search")] == [1]
    assert [(line.object_id, line.detail["appointments"]) for line in lines("caller.look")] == [(str(caller.pk), 1)]
    said = [str([line.detail, line.reason, line.object_id]) for line in AuditLine.objects.all()]
    assert all("LL-7" in one for one in said)
    assert not any(caller.email in one or "1988" in one for one in said)


def test_what_the_session_keeps_of_a_call_cannot_be_read(scene, agent):
    agent.find("ada@example.com", tramite=scene.adults.code, lugar="77002")
    kept = agent.client.session[calls.KEY]

    assert "LL-7" not in kept
    assert "77002" not in kept


def test_call_ends_with_one_key_and_gives_back_what_was_kept(scene, agent):
    agent.register(phone="+12135550177")
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    agent.end()

    assert agent.call is None
    assert Hold.objects.get().outcome == "released"
    assert len(lines("call.end")) == 1
    assert "0177" not in text_of(agent.get("staff_console"))


def test_call_that_was_left_alone_is_over(scene, agent, monkeypatch):
    agent.register(phone="+12135550177")
    later = clock() + calls.IDLE + timedelta(seconds=1)
    monkeypatch.setattr("appointments.views.staff.console.clock", lambda: later)

    assert "0177" not in text_of(agent.get("staff_console"))
    assert agent.get("staff_console_hold").url == "/personal/telefono/"


def test_keys_can_be_switched_off(agent):
    assert "data-key=" in text_of(agent.get("staff_console"))
    agent.post("staff_console_keys")
    assert "data-key=" not in text_of(agent.get("staff_console"))


def test_agent_who_guesses_is_stopped(scene, agent):
    caller = UserFactory()
    book_ada(caller, scene)
    answers = [agent.find(caller.email, date=(str(day), "1", "1990")).status_code for day in range(1, 7)]

    assert answers == [404] * 5 + [429]
    assert agent.find(caller.email).status_code == 302  # a code is still a way
    assert User.objects.filter(pk=caller.pk).exists()
    assert ADA.given_names not in text_of(agent.get("staff_console"))


def test_bad_input_is_a_sentence(scene, agent):
    agent.register(phone="+12135550177")
    for data in ({}, {"slots": "x"}, {"slots": "1:1", "procedure": "nul\x00"}, {"slots": f"{2**70}:1"}):
        assert agent.post("staff_console_choose", **data).status_code == 302
    assert agent.post("staff_console_search", tramite="no\x00", lugar="\x00", personas="99").status_code == 302
    assert agent.get("staff_console").status_code == 200
    assert agent.post("staff_console_search", oficina="\x00", desde="never").status_code == 302
    assert agent.get("staff_console").status_code == 200
    assert agent.post("staff_console", pick="99999999999999999999").status_code == 302
    assert agent.post("staff_console", channel="carrier pigeon", who="\x00").status_code == 422
    agent.wish(scene.adults)
    agent.choose(scene.adults)
    assert agent.post("staff_console_hold", **{"count-1": "999999", "do": "more-77"}).status_code == 422
