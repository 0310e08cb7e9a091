import gzip
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.allocation import drawing, tending
from appointments.allocation.beacon import QUICKNET
from appointments.allocation.dictatorship import Application
from appointments.allocation.supply import lots_of
from appointments.models import Drawing, EnteredRound
from consulates.models import Gate, Role
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories import releases
from tests.factories.accounts import sign_in
from tests.factories.appointments import NOW
from tests.factories.staff import staff_with
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(minutes=5)
ROUND_1000 = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"


@pytest.fixture
def a_draw():
    """Two places, three who want them; allotted five minutes ago. One of the first two is full and was skipped."""
    made = releases.release(make.session(seats=2), mode=Gate.DRAW, opens_at=EARLIER)
    choices = tuple(lot.choice for lot in lots_of(made, now=EARLIER))
    entries = [drawing.Entry(Application(code * 20, 1, 1, choices), "web") for code in "ABCD"]
    drawing.seal(made, entries, EARLIER)
    drawing.take_round(made, EARLIER + timedelta(seconds=3))
    first = drawing.open_round(made, 1, EARLIER)
    drawing.refuse(first, {drawing.order_of(made)[0].code: "full_permits"})
    drawing.close_round(first, EARLIER)
    return made


def page(client, made, ticket=""):
    return client.get(reverse("draw_proof", args=[made.pk]), {"boleto": ticket} if ticket else {})


def test_page_tells_what_happened_in_plain_words(client, a_draw):
    said = page(client, a_draw).text
    row = a_draw.drawing
    for value in (row.commitment, row.sealed_hash, row.seed):
        assert bytes(value).hex() in said
    assert "verify_draw.py" in said
    assert "demostración" in said
    assert_plain(sentences_of(said))


def test_each_ticket_finds_itself(client, a_draw):
    order = [entry.code for entry in drawing.order_of(a_draw)]
    skipped, won, last = order[0], order[1], order[3]
    assert "Lugar 1 de 4." in page(client, a_draw, skipped).text
    assert "ya tenía todas las citas" in page(client, a_draw, skipped).text
    typed = f" {won[:4].lower()}-{won[4:]} "
    assert "Le tocó un lugar" in page(client, a_draw, typed).text
    assert "Ya no quedaban lugares" in page(client, a_draw, last).text
    assert "no está en la lista" in page(client, a_draw, "E" * 20).text
    assert "no está en la lista" in page(client, a_draw, "<script>").text


def test_steps_to_come_are_said_before_they_are_done(client):
    made = releases.release()
    assert "Todavía nada" in page(client, made).text
    drawing.commit(made, EARLIER)
    before = page(client, made).text
    assert bytes(made.drawing.commitment).hex() in before
    drawing.seal(made, [drawing.queue_entry("AAAA", "phone")], NOW)
    sealed = page(client, made).text
    assert "1 boleto, sin nombre" in sealed
    assert "Hasta entonces no hay sorteo" in sealed
    assert made.drawing.secret not in before + sealed


def test_nothing_is_shown_of_what_the_public_does_not_know(client, a_draw):
    for made in (
        releases.release(mode=Gate.OPEN),
        releases.release(state="draft", announced_at=None, approved_at=None, approved_by=None),
    ):
        assert page(client, made).status_code == 404
    assert client.get(reverse("draw_proof_file", args=[a_draw.pk, "secret.txt"])).status_code == 404


def test_file_is_sent_packed_or_plain_and_asked_for_once(client, a_draw):
    address = reverse("draw_proof_file", args=[a_draw.pk, "order.csv"])
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert plain.content.startswith(b"place,ticket\n1,")
    assert gzip.decompress(packed.content) == plain.content
    assert plain["Cache-Control"] == "public, max-age=60"
    assert client.get(address, headers={"If-None-Match": plain["ETag"]}).status_code == 304


def test_machines_read_the_same_proof(client, a_draw):
    order = [entry.code for entry in drawing.order_of(a_draw)]
    address = reverse("api_draw_proof", args=[a_draw.pk])
    told = client.get(address, {"ticket": order[1].lower()}).json()
    assert told["ticket"]["place"] == 2
    assert told["ticket"]["won"]
    assert (told["demonstration"], told["channels"]) == (True, {"web": 4})
    assert told["seed"] == bytes(drawing.seed_of(a_draw)).hex()
    paths = {file["name"]: file["path"] for file in told["files"]}
    assert client.get(paths["order.csv"]).content.startswith(b"place,ticket")
    unasked = client.get(address)
    assert unasked.json()["ticket"] is None
    assert client.get(address, headers={"If-None-Match": unasked["ETag"]}).status_code == 304
    assert client.get(reverse("api_draw_proof", args=[releases.release(mode=Gate.OPEN).pk])).status_code == 404


def test_promise_and_round_need_nobody(client):
    made = releases.release(opens_at=NOW + timedelta(hours=1))
    releases.release(mode=Gate.OPEN, opens_at=NOW + timedelta(hours=1))
    assert tending.tend(now=NOW) == {"committed": 1, "drawn": 0}
    drawing.seal(made, [drawing.queue_entry("AAAA", "web")], NOW)
    assert tending.tend(now=NOW) == {"committed": 0, "drawn": 0}
    assert tending.tend(now=NOW + timedelta(seconds=3)) == {"committed": 0, "drawn": 1}
    assert tending.tend(now=NOW + timedelta(seconds=9)) == {"committed": 0, "drawn": 0}


@pytest.fixture
def cut_off(settings):
    """A draw of drand's round 1000 on a server without a way out."""
    settings.DRAW_BEACON, settings.DRAND_URLS = QUICKNET.name, []
    sealed_at = QUICKNET.begins(1000) - timedelta(seconds=31)
    made = releases.release(opens_at=sealed_at)
    drawing.seal(made, [drawing.queue_entry("AAAA", "web")], sealed_at)
    assert tending.tend(now=NOW)["drawn"] == 0
    return made


def office_of(made):
    return made.offices.get().consulate


def signer(made):
    return sign_in(Client(), staff_with(Role.OFFICE_MANAGER, office_of(made)))


def test_two_people_enter_the_round_and_the_draw_is_made(cut_off):
    first, second = signer(cut_off), signer(cut_off)
    address = reverse("staff_drawing", args=[cut_off.pk])
    assert "public/1000" in first.get(address).text

    wrong = first.post(address, {"signature": ROUND_1000[:-1] + "8"})
    assert (wrong.status_code, EnteredRound.objects.count()) == (422, 0)
    for _ in range(2):  # the same person twice is one person
        assert first.post(address, {"signature": ROUND_1000}).status_code == 302
    assert drawing.seed_of(cut_off) is None
    assert second.post(address, {"signature": f' "{ROUND_1000[:50]}\n{ROUND_1000[50:]}", '}).status_code == 302
    assert bytes(Drawing.objects.get().randomness).hex().startswith("fe290beca10872ef")
    assert AuditLine.objects.filter(action="drawing.enter").count() == 2
    assert "El sorteo está hecho" in first.get(address).text


@pytest.mark.parametrize("text", ["xyz", "abc", ""])
def test_what_is_no_signature_is_said_beside_the_field(cut_off, text):
    answer = signer(cut_off).post(reverse("staff_drawing", args=[cut_off.pk]), {"signature": text})
    assert answer.status_code == 422
    assert "govuk-error-message" in answer.text


def test_round_of_a_draw_is_entered_by_its_own_offices(cut_off):
    stranger = sign_in(Client(), staff_with(Role.OFFICE_MANAGER, make.office()))
    assert stranger.get(reverse("staff_drawing", args=[cut_off.pk])).status_code == 404
    assert cut_off.name not in stranger.get(reverse("staff_drawings")).text
    assert cut_off.name in signer(cut_off).get(reverse("staff_drawings")).text
