import json
import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import qr, receipts
from appointments.links import receipt_path, token_for
from appointments.models import Appointment
from appointments.services import cancel_appointments
from appointments.views import receipt as pages
from appointments.visits import receipt_token
from consulates.models import Session
from tests.appointments.booking_scene import Scene, account, appointments, office, procedure, today_at
from tests.pages.readability import assert_plain, sentences_of

NOW = today_at(12)
DAY = NOW.date() + timedelta(days=20)
QR = 'class="mx-ticket__qr"'
PERSONAL = ["Ana", "María", "Núñez", "Ruiz", "Luis", "Pérez", "example.org", "1980"]


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(pages, "current_time", lambda: NOW)


@pytest.fixture
def scene(db):
    return Scene(account(), office(), procedure(), NOW)


@pytest.fixture
def session(scene):
    return scene.session(DAY)


def text_of(response) -> str:
    """What stands in the middle of the page."""
    return re.search(r"(?s)<main.*?</main>", response.content.decode()).group()


def page_of(client, ids) -> str:
    return text_of(client.get(receipt_path(appointments(ids)[0].party_id)))


def verdict(client, token: str) -> str:
    """The first line of what the checking page answers."""
    response = client.get(reverse("receipt_check"), {"r": token})
    return re.search(r'mx-notice__title">([^<]*)<', text_of(response)).group(1)


def test_page_opens_without_signing_in_and_names_nobody(client, scene, session):
    ids = scene.book(scene.slot(session), people=2)
    page = page_of(client, ids)
    assert not [word for word in PERSONAL if word in page]
    assert ("A. M. N. R." in page, "L. P." in page, "9:00 a.m." in page, "Fort Walton Beach" in page) == (True,) * 4


def test_page_is_not_stored_and_tells_its_address_to_nobody(client, scene, session):
    [pk] = scene.book(scene.slot(session))
    token = token_for(Appointment.objects.get(pk=pk))
    for name in ("receipt", "receipt_calendar", "receipt_qr"):
        response = client.get(reverse(name, args=[token]))
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_link_of_one_appointment_shows_that_one_alone(client, scene, session):
    ids = scene.book(scene.slot(session), people=2)
    first, second = appointments(ids)
    page = text_of(client.get(receipt_path(first)))
    assert first.reference[:4] in page
    assert second.reference[:4] not in page


def test_page_offers_changes_only_behind_a_sign_in(client, scene, session):
    page = page_of(client, scene.book(scene.slot(session)))
    assert re.findall(r"<form|<button|<input", page) == []
    assert reverse("my_appointments") in page


@pytest.mark.parametrize("name", ["receipt", "receipt_calendar", "receipt_qr"])
def test_bad_links_are_one_404(client, db, name):
    good = token_for(uuid4())
    bad = [good, good[:-1] + "!", good[:-2], "x", "A" * 44, "%00" * 44]
    answers = [client.get(reverse(name, args=["TOKEN"]).replace("TOKEN", token)) for token in bad]
    bodies = {re.sub(rb"csrf\S+ value=\S+|/cita/\S*", b"", answer.content) for answer in answers}
    assert ({answer.status_code for answer in answers}, len(bodies)) == ({404}, 1)


def test_page_refuses_other_methods(client, scene, session):
    ids = scene.book(scene.slot(session))
    assert client.post(receipt_path(appointments(ids)[0].party_id)).status_code == 405


def test_moved_cancelled_orphaned_and_past_are_said(client, scene, session):
    ids = scene.book(scene.slot(session), people=2)
    scene.move(ids[:1], scene.slot(session, 2))
    page = page_of(client, ids)
    assert ("10:00 a.m." in page, "La anterior ya no vale" in page, page.count(QR)) == (True, True, 2)
    Appointment.objects.filter(pk=ids[1]).update(status="orphaned")
    page = page_of(client, ids)
    assert ("Necesita otra hora" in page, page.count(QR)) == (True, 1)
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    page = page_of(client, ids)
    assert ("Estas citas se cancelaron." in page, page.count(QR), "cita.ics" in page) == (True, 0, False)


def test_past_appointment_is_said_to_be_over(client, scene, session, monkeypatch):
    ids = scene.book(scene.slot(session))
    monkeypatch.setattr(pages, "current_time", lambda: session.ends_at)
    page = page_of(client, ids)
    assert ("Esta cita ya pasó." in page, QR in page) == (True, False)


def test_page_says_the_city_alone_when_the_address_is_not_verified(client, db):
    scene = Scene(account(), office(verified=False), procedure(), NOW)
    session = scene.session(DAY)
    kind = {6: "saturday", 7: "sunday"}.get(DAY.isoweekday(), "weekday")
    Session.objects.filter(pk=session.pk).update(place_name="", street_address="", kind=kind)
    page = page_of(client, scene.book(scene.slot(session)))
    assert "Confirme la dirección con su consulado." in page
    assert "North D Street" not in page


def test_queries_do_not_grow_with_the_party(client, scene, session):
    counts = []
    for number, people in enumerate((1, 3)):
        ids = scene.book(scene.slot(session, number), people=people, first=number)
        party = appointments(ids)[0].party_id
        with CaptureQueriesContext(connection) as queries:
            client.get(receipt_path(party))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_pages_are_easy_to_read(client, scene, session, monkeypatch):
    ids = scene.book(scene.slot(session), people=2)
    party, token = appointments(ids)[0].party_id, receipt_token(appointments(ids)[0])

    def read_all() -> None:
        assert_plain(sentences_of(client.get(receipt_path(party)).content.decode()))
        for typed in ({}, {"r": token}, {"r": "x"}, {"r": ""}):
            assert_plain(sentences_of(client.get(reverse("receipt_check"), typed).content.decode()))

    read_all()
    Appointment.objects.filter(pk=ids[1]).update(status="orphaned")
    read_all()
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    read_all()


def test_calendar_is_a_download(client, scene, session):
    ids = scene.book(scene.slot(session), people=2)
    response = client.get(reverse("receipt_calendar", args=[token_for(appointments(ids)[0].party_id)]))
    assert response["Content-Disposition"] == 'attachment; filename="cita.ics"'
    assert response.content.count(b"BEGIN:VEVENT") == 2


def test_qr_code_is_for_one_appointment_that_stands(client, scene, session):
    ids = scene.book(scene.slot(session), people=2)
    first, _ = appointments(ids)
    url = reverse("receipt_qr", args=[token_for(first)])
    response = client.get(url)
    assert response["Content-Type"] == "image/svg+xml"
    assert b"style=" not in response.content
    assert len(response.content) < 8000
    assert client.get(reverse("receipt_qr", args=[token_for(first.party_id)])).status_code == 404
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    assert client.get(url).status_code == 404


def test_qr_code_holds_the_link_that_checks_the_receipt(client, scene, session, monkeypatch):
    [appointment] = appointments(scene.book(scene.slot(session)))
    asked = []
    real = qr.segno.make
    monkeypatch.setattr(qr.segno, "make", lambda text, **choices: asked.append(text) or real(text, **choices))
    qr.qr_svg(appointment)
    [address] = asked
    [token] = parse_qs(urlsplit(address).query)["r"]
    said = receipts.check(token, keys=pages.published_keys())
    assert (said.reference, said.office, said.starts_at) == (
        appointment.reference,
        "san-bernardino",
        appointment.starts_at,
    )
    assert said.starts_at.strftime("%H:%M") == "09:00"
    attendee = appointment.attendees.get()
    assert said.is_of(
        names=[attendee.given_names, attendee.surname_1, attendee.surname_2],
        birth_date=date.fromisoformat(attendee.birth_date),
    )


def test_checking_page_knows_good_replaced_over_and_false(client, scene, session, monkeypatch):
    ids = scene.book(scene.slot(session))
    old = receipt_token(*appointments(ids))
    assert verdict(client, old) == "El comprobante es válido."
    assert verdict(client, old[:-1] + ("A" if old[-1] != "A" else "B")) == "Este comprobante no es válido."
    scene.move(ids, scene.slot(session, 2))
    new = receipt_token(*appointments(ids))
    assert verdict(client, old) == "Este comprobante ya no vale."
    assert verdict(client, new) == "El comprobante es válido."
    monkeypatch.setattr(pages, "current_time", lambda: session.ends_at)
    assert verdict(client, new) == "El comprobante es nuestro, pero su fecha ya pasó."
    monkeypatch.setattr(pages, "current_time", lambda: NOW)
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    assert verdict(client, new) == "Este comprobante ya no vale."


def test_checking_page_shows_office_and_time_only(client, scene, session):
    [appointment] = appointments(scene.book(scene.slot(session)))
    response = client.get(reverse("receipt_check"), {"r": receipt_token(appointment)})
    page = re.sub(r'value="[^"]*"', "", text_of(response))
    assert "Consulado de México en San Bernardino" in page
    hidden = [*PERSONAL, "A. M.", appointment.reference, appointment.reference[:4], "Pasaporte"]
    assert not [word for word in hidden if word in page]
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("text", ["", "hola", "\x00", "MX1." * 300, "á" * 3000, "MX1.a.b.c.d.e.f.g"])
def test_checking_page_answers_anything_typed(client, db, text):
    response = client.get(reverse("receipt_check"), {"r": text})
    assert response.status_code == 200
    assert "El comprobante es válido" not in text_of(response)


def test_published_keys_are_the_public_halves(client, db, settings):
    answer = client.get(reverse("receipt_keys"))
    [key] = json.loads(answer.content)["keys"]
    assert set(key) == {"kty", "crv", "use", "kid", "x"}
    assert settings.RECEIPT_KEY.rstrip("=") not in answer.content.decode()
    settings.RECEIPT_OLD_KEYS = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
    assert len(json.loads(client.get(reverse("receipt_keys")).content)["keys"]) == 2


@pytest.mark.browser
@pytest.mark.parametrize("people", [1, 5])
def test_page_prints_on_one_sheet(page, portal, live_db, people):
    minors = procedure(companions=["both_parents_or_guardians"], requires=[
        "child_nationality_proof", "child_id", "parents_photo_id", "address_proof", "payment"
    ])  # fmt: skip
    scene = Scene(account(), office(verified=False), minors, NOW)
    ids = scene.book(scene.slot(scene.session(DAY)), people=people)
    page.goto(receipt_path(appointments(ids)[0].party_id))
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    for size in ("Letter", "A4"):
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=size))) == 1


@pytest.mark.browser
def test_page_fits_a_narrow_telephone(page, portal, live_db, axe):
    scene = Scene(account(), office(), procedure(), NOW)
    ids = scene.book(scene.slot(scene.session(DAY)), people=3)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(receipt_path(appointments(ids)[0].party_id))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    axe(page)
