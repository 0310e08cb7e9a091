"""The public calendar: what is asked for, never an empty page alone, and what chats read of a shared link."""

import re

import pytest

from consulates.models import Session
from consulates.outline import HEIGHT, WIDTH, around
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.consulates import ConsulateFactory


@pytest.fixture
def announced(db):
    office = ConsulateFactory(time_zone="America/Chicago", state="TX", city="Houston")
    return release_drafts.announce(release_drafts.draft(*release_drafts.sessions(office), name="Lugares de junio"))


def names(response):
    return [shown.release.name for _day, found in response.context["days"] for shown in found]


def test_the_calendar_is_asked_by_office_state_procedure_and_kind(client, announced):
    office, procedure = announced.consulates.get(), announced.procedures.get()
    session = announced.sessions.get()
    own = {"oficina": office.code, "estado": "TX", "tramite": procedure.code, "clase": session.kind}
    other = {"oficina": ConsulateFactory().code, "estado": "AK", "tramite": make.procedure().code, "clase": "on_wheels"}
    for name in own:
        assert names(client.get("/aperturas/", {name: own[name]})) == ["Lugares de junio"], name
        assert names(client.get("/aperturas/", {name: other[name]})) == [], name
    assert names(client.get("/aperturas/", own)) == ["Lugares de junio"]


def test_a_town_of_a_tour_counts_as_its_state(client, announced):
    Session.objects.filter(release=announced).update(state="NM")
    assert names(client.get("/aperturas/", {"estado": "NM"})) == ["Lugares de junio"]


def test_nothing_there_says_what_opens_elsewhere(client, announced):
    response = client.get("/aperturas/", {"estado": "AK"})
    assert [shown.release for shown in response.context["others"]] == [announced]
    assert "Lugares de junio" in response.content.decode()


@pytest.mark.parametrize("asked", ["estado=%00", "oficina=nowhere", "tramite=1;2", "clase=x", "todas=%FF"])
def test_what_is_no_choice_shows_all(client, announced, asked):
    assert names(client.get(f"/aperturas/?{asked}")) == ["Lugares de junio"]


def test_an_office_without_openings_names_those_of_its_neighbours(client, announced):
    alone = ConsulateFactory(city="Galveston", state="TX")
    page = client.get(alone.get_absolute_url())
    assert [opening.release for opening in page.context["near_openings"]] == [announced]
    assert f"/aperturas/{announced.pk}/" in page.content.decode()


def og(page, name):
    return re.search(rf'<meta property="og:{name}" content="([^"]*)"', page.content.decode()).group(1)


@pytest.mark.parametrize(
    ("asked", "language", "title"), [("", "es", "Lugares de junio"), ("?idioma=en", "en", "Test places")]
)
def test_a_shared_link_says_what_it_is_in_its_language(client, announced, asked, language, title):
    page = client.get(f"/aperturas/{announced.pk}/{asked}")
    assert og(page, "title") == title
    assert og(page, "image").endswith(f"/datos/aperturas/{language}/{announced.pk}.png")
    assert ("La cita es gratuita." if language == "es" else "The appointment is free.") in og(page, "description")
    assert client.get(f"/aperturas/{announced.pk}/").headers["Content-Language"] == language  # the next page goes on


def test_an_office_has_a_card_too(client, announced):
    office = announced.consulates.get()
    assert og(client.get(office.get_absolute_url()), "image").endswith(f"/datos/oficinas/es/{office.code}.png")


def test_subscribing_leads_to_what_was_chosen(client, announced):
    office = announced.consulates.get()
    page = client.get("/aperturas/suscribirse/", {"oficina": office.code, "estado": "TX"})
    assert page.context["feeds"]["phone"] == f"webcal://localhost:8000/datos/aperturas/es/{office.code}.ics"
    assert page.context["tours"]["ics"].endswith("/datos/giras/es/tx.ics")


def test_tours_of_a_state_show_its_part_of_the_map(client, db):
    here, there = make.session(), make.session()
    Session.objects.filter(pk=here.pk).update(state="TX", city="Waco", latitude="31.55", longitude="-97.15")
    Session.objects.filter(pk=there.pk).update(state="OK", city="Tulsa", latitude="36.15", longitude="-95.99")
    page = client.get("/giras/tx/")
    assert [mark["stop"].city for mark in page.context["map"]["marks"]] == ["Waco"]
    assert page.context["map"]["box"] == " ".join(str(one) for one in around("TX"))
    assert client.get("/giras/zz/").status_code == 404
    assert [code for _name, code in client.get("/giras/ak/").context["other_states"]] == ["OK", "TX"]


def test_a_part_of_the_map_has_the_form_of_the_whole():
    for code in ("TX", "AK", "RI", "PR"):
        _left, _top, wide, high = around(code)
        assert abs(wide / high - WIDTH / HEIGHT) < 0.02
