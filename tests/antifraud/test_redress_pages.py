"""The page behind the link, the telephone, the reviewers' pages, and what can be taken away."""

import json

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from antifraud.models import Appeal, Decision, PriorityToken, SecondLook
from antifraud.redress.links import mark_for
from antifraud.redress.personal_data import own_data
from antifraud.redress.places import soonest_places
from appointments.models import Appointment
from consulates.models import Role
from mexitel.utils import retention
from mexitel.utils.logs import without_personal_data
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.appointments import NOW
from tests.factories.blocks import blocked, reviewer
from tests.factories.redress import applicant, cancelled
from tests.factories.staff import staff_with
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db
WORDS = {"words": "Pedí esta cita para mi mamá."}
BORN = {"birth_date_day": "17", "birth_date_month": "5", "birth_date_year": "1990"}


def page_of(scene, kind="booker"):
    return reverse("cancelled_by_review", args=[mark_for(kind, scene.token.pk)])


def place_of(scene, kind="booker"):
    return reverse("place_by_token", args=[mark_for(kind, scene.token.pk), scene.token.pk])


def desk(role=Role.REVIEWER):
    return sign_in(Client(), staff_with(role))


def test_page_says_why_in_plain_words_to_whoever_has_the_link_and_names_nobody(client):
    scene = cancelled()
    page = client.get(page_of(scene))

    assert "Se hizo junto con muchas otras." in page.text
    assert "no una máquina" in page.text
    assert "Prueba" not in page.text.replace("Oficina de prueba", "").replace("Trámite de prueba", "")
    assert page["Cache-Control"] == "no-store, private"
    assert without_personal_data(f"GET {page_of(scene)}") == "GET /cita-cancelada/<token>/"
    assert_plain(sentences_of(page.text))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "It was booked together with many others." in client.get(page_of(scene)).text


def test_a_review_is_asked_by_link_without_signing_in_and_answered_on_the_same_page(client):
    scene = cancelled()
    url = page_of(scene)
    assert client.post(url, {"words": ""}).status_code == 422
    assert client.post(url, WORDS).url == url
    assert 'name="words"' not in client.get(url).text
    assert client.post(url, WORDS).status_code == 422
    asked = Appeal.objects.get()

    colleague = desk()
    shown = colleague.get(reverse("staff_appeal", args=[asked.pk])).text
    assert WORDS["words"] in shown
    assert "variantes del mismo buzón" in shown
    assert f"caso {scene.case.pk}" in colleague.get(reverse("staff_appeals")).text
    author = sign_in(Client(), scene.decision.author)
    answer = {"found": "mistake", "answer": "Lo revisamos. Fue un error nuestro."}
    assert author.post(reverse("staff_appeal", args=[asked.pk]), answer).status_code == 422
    assert colleague.post(reverse("staff_appeal", args=[asked.pk]), answer).status_code == 302

    page = client.get(url).text
    assert "Fue un error nuestro." in page
    assert "ya tiene cita otra vez" in page
    assert Appointment.objects.filter(status="booked", account=scene.account).count() == 1
    assert Decision.objects.get().overturned_at is not None


@pytest.mark.parametrize("typed", ["x:y", "bzz:abc", ""])
def test_a_forged_link_opens_nothing(client, typed):
    scene = cancelled()
    good = mark_for("booker", scene.token.pk)
    for mark in (typed or "p" + good[1:], "p" + good[1:]):
        assert client.get(reverse("cancelled_by_review", args=[mark])).status_code == 404


def test_a_link_is_over_when_its_rows_are(client):
    scene = cancelled()
    PriorityToken.objects.update(
        created_at=NOW - retention.timedelta(days=110), expires_at=NOW - retention.timedelta(days=91)
    )
    assert "Ya pasaron los 30 días" in client.get(page_of(scene)).text
    assert 'name="words"' not in client.get(page_of(scene)).text
    retention.apply(now=NOW, tables={"antifraud_prioritytoken"})

    assert client.get(page_of(scene)).status_code == 404


def test_who_attends_signs_in_with_their_phone_shows_it_is_theirs_and_books(client):
    scene = cancelled()
    url = place_of(scene, "person")
    assert f"{reverse('sign_in')}?next={url}" in client.get(url).text
    assert "Agregar mi teléfono" in sign_in(Client(), make.account()).get(url).text
    assert "primero pida revisión" in sign_in(Client(), scene.account).get(url).text

    me = applicant()
    sign_in(client, me)
    assert client.post(url, BORN | {"birth_date_day": "18"}).status_code == 422
    assert client.post(url, BORN).url == url
    [place] = soonest_places(PriorityToken.objects.get(), now=NOW)
    assert place.text in client.get(url).text
    assert client.post(url, {"slot": "999999999"}).status_code == 422
    assert client.post(url, {"slot": str(place.slot_id)}).url == url
    assert "La cita está hecha." in client.get(url).text
    assert Appointment.objects.get(account=me).status == "booked"
    for person in (Client(), sign_in(Client(), make.account())):
        assert "La cita está hecha." in person.get(url).text


def test_mis_citas_shows_it_beside_the_appointments_of_its_account_alone(client):
    scene = cancelled()
    lost = reverse("appointment", args=[scene.token.appointment_id])
    sign_in(client, scene.account)

    assert page_of(scene) in client.get(reverse("my_appointments")).text
    assert page_of(scene) in client.get(lost).text
    other = sign_in(Client(), make.account())
    assert "cita-cancelada" not in other.get(reverse("my_appointments")).text


def test_a_blocked_booker_can_ask_and_reads_plainly_why_a_place_is_not_given(client):
    scene = cancelled()
    client.post(page_of(scene), WORDS)
    blocked("account", str(scene.account.pk))
    answer = {"found": "mistake", "answer": "Fue un error."}
    desk().post(reverse("staff_appeal", args=[Appeal.objects.get().pk]), answer)

    token = PriorityToken.objects.get()
    assert token.is_usable(now=NOW)
    sign_in(client, scene.account)
    refused = client.post(place_of(scene), {"slot": str(token.appointment.slot_id)})
    assert (refused.status_code, "govuk-error-summary" in refused.text) == (422, True)


def test_an_agent_writes_it_down_for_a_caller(client):
    scene = cancelled()
    agent = desk(Role.PHONE_AGENT)
    find, url = reverse("staff_review_caller"), reverse("staff_review_ask", args=[scene.token.pk])
    assert agent.post(find, {"who": "ZZZZ-ZZZZ-Z"}).status_code == 422
    reference = scene.token.appointment.reference.lower()
    assert agent.post(find, {"who": f"{reference[:4]} {reference[4:]}"}).url == url
    assert "Se hizo junto con muchas otras." in agent.get(url).text
    assert agent.post(url, WORDS | {"caller": "person"}).url == url

    asked = Appeal.objects.get()
    assert (asked.words, asked.agent_id is not None) == (WORDS["words"], True)
    assert agent.post(url, WORDS | {"caller": "person"}).status_code == 422
    assert WORDS["words"] not in agent.get(url).text


def test_lists_cost_the_same_for_one_and_for_three():
    client, counts = desk(), []
    for _ in range(3):
        Client().post(page_of(cancelled()), WORDS)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("staff_appeals"))
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_a_case_drawn_for_a_second_look_does_not_tell_its_verdict():
    scene = cancelled()
    author = scene.decision.author
    second, senior = staff_with(Role.REVIEWER), staff_with(Role.SENIOR_REVIEWER)
    SecondLook.objects.create(case=scene.case, lot=3, drawn_at=NOW, first_by=author, first_verdict="broker")
    url = reverse("staff_second_look", args=[scene.case.pk])
    blind = sign_in(Client(), second)

    assert url in blind.get(reverse("staff_second_looks")).text
    assert url not in sign_in(Client(), author).get(reverse("staff_second_looks")).text
    page = blind.get(url).text.split("<main")[1].split("<form")[0]
    assert "variantes del mismo buzón" in page
    for told in ("cancelad", "un gestor", "Veinte cuentas"):
        assert told not in page
    looked = {"verdict": "legitimate", "note": "Es una familia."}
    assert sign_in(Client(), author).post(url, looked).status_code == 422
    assert blind.post(url, looked).status_code == 302
    assert blind.post(url, looked).status_code == 403
    assert "Es una familia." in sign_in(Client(), senior).get(url).text
    assert sign_in(Client(), senior).post(url, looked).status_code == 302
    assert Decision.objects.get().overturned_at is not None


def test_a_person_takes_away_what_fairness_keeps_of_them():
    scene = cancelled()
    Client().post(page_of(scene), WORDS)
    blocked("account", str(scene.account.pk))
    desk().get(reverse("staff_appeal", args=[Appeal.objects.get().pk]))
    told = own_data(scene.account)["fairness"]

    assert json.loads(json.dumps(told)) == told
    assert told["reviews"][0]["words"] == WORDS["words"]
    assert told["cases"][0]["reasons"][0]["sentence"].startswith("Además de la primera")
    assert told["cancellations"][0]["appointments"][0]["reference"] == scene.token.appointment.reference
    assert told["looked_at_by_staff"] == 1
    assert len(told["blocks"]) == 1
    scene.case.closed_by = scene.case.closed_at = None
    scene.case.state, scene.case.verdict = "open", ""
    scene.case.save()
    assert "points" not in own_data(scene.account)["fairness"]["cases"][0]
    assert own_data(make.account())["fairness"]["cases"] == []


def test_words_of_a_review_go_after_a_year_and_the_decision_stays():
    scene = cancelled()
    Client().post(page_of(scene), WORDS)
    Appeal.objects.update(state="upheld", decided_by=reviewer(), decided_at=NOW, answer="Se queda.")
    tables = {"antifraud_appeal"}
    retention.apply(now=NOW + retention.timedelta(days=364), tables=tables)
    assert Appeal.objects.get().words == WORDS["words"]
    retention.apply(now=NOW + retention.timedelta(days=366), tables=tables)

    assert (Appeal.objects.get().words, Appeal.objects.get().answer) == ("", "")
