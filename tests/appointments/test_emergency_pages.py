"""The public pages of an emergency, as somebody in a hurry uses them: without JavaScript, with mistakes on the way."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from appointments.emergencies import deciding
from appointments.emergencies.files import LARGEST
from appointments.models import EmergencyProof, EmergencyRequest
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.emergencies import JPEG, PDF, PNG, emergency

pytestmark = pytest.mark.django_db
ADA = {
    "given_names": "Ada",
    "surname_1": "Ríos",
    "birth_date_day": "5",
    "birth_date_month": "4",
    "birth_date_year": "1988",
}


@pytest.fixture
def scene():
    return emergency()


@pytest.fixture
def citizen(client, scene):
    return sign_in(client, scene.account)


def plea(scene, **changes):
    day = clock() + timedelta(days=3)
    told = {
        "kind": "medical",
        "words": "Operan a mi papá.",
        "procedure": scene.procedure.code,
        "consulate": scene.office.code,
        "needed_by_day": day.day,
        "needed_by_month": day.month,
        "needed_by_year": day.year,
    }
    return told | changes


def draft(citizen, scene):
    citizen.post(reverse("emergency_ask"), plea(scene))
    return EmergencyRequest.objects.get(status="draft")


def test_start_page_says_what_helps_at_once(client, settings):
    page = client.get(reverse("emergencies")).text

    assert 'href="tel:911"' in page
    assert settings.PROTECTION_LINE in page
    assert "72 horas" in page


def test_stranger_signs_in_first_and_comes_back(client):
    response = client.get(reverse("emergency_ask"))

    assert response.url == f"{reverse('sign_in')}?next={reverse('emergency_ask')}"


def test_whole_way_from_the_first_word_to_the_office(citizen, scene):
    asked = draft(citizen, scene)
    response = citizen.post(reverse("emergency_people", args=[asked.pk]), ADA)
    assert response.url == reverse("emergency_proofs", args=[asked.pk])
    citizen.post(
        reverse("emergency_proofs", args=[asked.pk]),
        {"prueba": [SimpleUploadedFile("carta.pdf", PDF), SimpleUploadedFile("foto.png", PNG)]},
    )
    check = citizen.get(reverse("emergency_check", args=[asked.pk])).text
    response = citizen.post(reverse("emergency_check", args=[asked.pk]))
    asked.refresh_from_db()

    assert "Operan a mi papá." in check
    assert "carta.pdf" in check
    assert response.url == reverse("emergency", args=[asked.pk])
    assert (asked.status, asked.seats, asked.proofs.count()) == ("open", 1, 2)
    assert "a más tardar" in citizen.get(response.url).text
    assert reverse("emergency", args=[asked.pk]) in citizen.get(reverse("my_appointments")).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "Elija qué pasó."),
        ({"words": ""}, "Cuente qué pasó"),
        ({"words": "x" * 2001}, "Es demasiado largo"),
        ({"consulate": "nowhere"}, "Elija una oficina de la lista."),
        ({"consulate": "a\x00b"}, "Elija una oficina de la lista."),
        ({"procedure": "nothing"}, "Aquí no se sacan citas"),
        ({"needed_by_year": "2020"}, "Revise el año"),
        ({"needed_by_day": "31", "needed_by_month": "2"}, "Esa fecha no existe"),
    ],
)
def test_mistake_gets_a_sentence_and_loses_nothing(citizen, scene, changes, sentence):
    response = citizen.post(reverse("emergency_ask"), plea(scene, **changes))

    assert response.status_code == 422
    assert sentence in response.text
    assert "words" in changes or "Operan a mi papá." in response.text
    assert not EmergencyRequest.objects.exists()


def test_draft_waits_for_who_comes_back(citizen, scene):
    draft(citizen, scene)

    assert "Operan a mi papá." in citizen.get(reverse("emergency_ask")).text


def test_saved_person_is_one_tap_away_and_nobody_stands_there_twice(citizen, scene):
    make.person(scene.account, "Ada")
    asked = draft(citizen, scene)
    page = reverse("emergency_people", args=[asked.pk])
    assert "Ada Prueba" in citizen.get(page).text
    saved = scene.account.applicants.get()
    citizen.post(page, {"applicant": saved.pk, "otra": "1"})
    ada = {"birth_date_day": 17, "birth_date_month": 5, "birth_date_year": 1990, "surname_1": "Prueba"}
    again = citizen.post(page, ADA | ada)
    asked.refresh_from_db()

    assert again.status_code == 422
    assert "ya está en su solicitud" in again.text
    assert asked.seats == 1


def test_somebody_is_taken_out_again(citizen, scene):
    asked = draft(citizen, scene)
    page = reverse("emergency_people", args=[asked.pk])
    citizen.post(page, ADA)
    citizen.post(page, {"quitar": "1"})
    asked.refresh_from_db()

    assert asked.seats == 0
    assert citizen.get(reverse("emergency_check", args=[asked.pk])).url == page


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("pagina.jpg", b"<html><script>alert(1)</script></html>", "No podemos leer “pagina.jpg”"),
        ("nada.pdf", b"", "está vacío"),
        ("enorme.jpg", JPEG + b"0" * LARGEST, "pesa más de 5 MB"),
    ],
)
def test_bad_file_gets_a_sentence_and_the_good_ones_stay(citizen, scene, name, content, sentence):
    asked = draft(citizen, scene)
    response = citizen.post(
        reverse("emergency_proofs", args=[asked.pk]),
        {"prueba": [SimpleUploadedFile("bien.png", PNG), SimpleUploadedFile(name, content)]},
    )

    assert response.status_code == 422
    assert sentence in response.text
    assert [proof.name for proof in EmergencyProof.objects.all()] == ["bien.png"]


def test_fourth_file_gets_a_sentence(citizen, scene):
    asked = draft(citizen, scene)
    files = [SimpleUploadedFile(f"{number}.png", PNG) for number in range(4)]
    response = citizen.post(reverse("emergency_proofs", args=[asked.pk]), {"prueba": files})

    assert response.status_code == 422
    assert EmergencyProof.objects.count() == 3


def test_file_is_taken_back(citizen, scene):
    asked = draft(citizen, scene)
    citizen.post(reverse("emergency_proofs", args=[asked.pk]), {"prueba": SimpleUploadedFile("a.png", PNG)})
    citizen.post(reverse("emergency_proof_remove", args=[asked.pk, EmergencyProof.objects.get().pk]))

    assert not EmergencyProof.objects.exists()


def test_upload_needs_its_token(scene):
    """The view reads its files into memory before the token is checked: it must still be checked."""
    strict = sign_in(Client(enforce_csrf_checks=True), scene.account)
    asked = scene.asked()
    response = strict.post(reverse("emergency_proofs", args=[asked.pk]), {"prueba": SimpleUploadedFile("a.png", PNG)})

    assert response.status_code == 403
    assert asked.proofs.count() == 1


def test_paper_can_be_added_while_it_waits(citizen, scene):
    asked = scene.asked()
    citizen.post(reverse("emergency_proofs", args=[asked.pk]), {"prueba": SimpleUploadedFile("a.png", PNG)})

    assert asked.proofs.count() == 2


@pytest.mark.parametrize(
    "name", ["emergency", "emergency_people", "emergency_proofs", "emergency_check", "emergency_withdraw"]
)
def test_request_of_a_stranger_is_not_there(client, scene, name):
    asked = scene.asked()
    sign_in(client, UserFactory())

    assert client.get(reverse(name, args=[asked.pk])).status_code == 404
    assert client.post(reverse(name, args=[asked.pk])).status_code in {404, 405}


def test_refusal_says_why_what_helps_and_the_officers_words(citizen, scene):
    asked = scene.taken()
    deciding.refuse_request(
        request_id=asked.pk, officer=scene.officer, why="no_seat", answer="Llame mañana a las 9.", now=clock()
    )
    page = citizen.get(reverse("emergency", args=[asked.pk])).text

    assert "Ya no hay lugar en la oficina antes de su fecha." in page
    assert "Llame mañana a las 9." in page
    assert reverse("search") in page


def test_yes_shows_the_appointment(citizen, scene):
    asked = scene.taken(make.entry("Ada"))
    scene.grant(asked)
    page = citizen.get(reverse("emergency", args=[asked.pk])).text

    assert "Sí. Usted tiene una cita urgente" in page
    assert "Ada Prueba" in page


def test_withdrawn_is_gone(citizen, scene):
    asked = scene.asked()
    assert citizen.get(reverse("emergency_withdraw", args=[asked.pk])).status_code == 200
    citizen.post(reverse("emergency_withdraw", args=[asked.pk]))

    assert "Usted retiró esta solicitud" in citizen.get(reverse("emergency", args=[asked.pk])).text


def test_third_request_is_not_begun(citizen, scene):
    scene.asked()
    scene.asked()

    assert "dos solicitudes abiertas" in citizen.get(reverse("emergency_ask")).text


def test_third_request_is_not_sent_from_a_draft(citizen, scene):
    asked = draft(citizen, scene)
    citizen.post(reverse("emergency_people", args=[asked.pk]), ADA)
    EmergencyRequest.objects.filter(pk=asked.pk).update(account=UserFactory())
    scene.asked()
    scene.asked()
    EmergencyRequest.objects.filter(pk=asked.pk).update(account=scene.account)
    response = citizen.post(reverse("emergency_check", args=[asked.pk]))

    assert response.status_code == 409
    assert "2 solicitudes abiertas" in response.text
