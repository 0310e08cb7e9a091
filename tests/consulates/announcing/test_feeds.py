"""Feeds as strangers read them, pictures and posters as files, and all of them without the database once made."""

import io
import re
from datetime import timedelta

import feedparser
import pytest
from django.core.cache import cache
from icalendar import Calendar
from PIL import Image

from consulates.announcing import files, views_files
from consulates.models import Session
from consulates.releases.approving import cancel
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    monkeypatch.setattr(views_files, "clock", lambda: NOW)


@pytest.fixture
def announced(db):
    """In two zones: two moments of one hour."""
    offices = [ConsulateFactory(time_zone="America/Chicago"), ConsulateFactory(time_zone="America/Los_Angeles")]
    own = [one for office in offices for one in release_drafts.sessions(office)]
    return release_drafts.announce(release_drafts.draft(*own, mode="open"))


def events_of(content):
    return {str(one["uid"]): one for one in Calendar.from_ical(content).walk("VEVENT")}


def test_a_calendar_is_read_with_each_moment_in_its_zone(client, announced):
    response = client.get("/datos/aperturas/es/red.ics")
    found = events_of(response.content)
    starts = {event["dtstart"].dt for event in found.values()}

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert starts == {row.opens_at for row in announced.offices.all()}
    assert {event["dtstart"].params["TZID"] for event in found.values()} == {"America/Chicago", "America/Los_Angeles"}
    assert {str(event["status"]) for event in found.values()} == {"CONFIRMED"}


def test_an_office_has_its_own_moment_and_places_alone(client, announced):
    row = announced.offices.select_related("consulate").first()
    [event] = events_of(client.get(f"/datos/aperturas/en/{row.consulate.code}.ics").content).values()
    assert event["dtstart"].dt == row.opens_at
    assert f"{row.seats} places" in event["summary"]


def test_what_is_cancelled_says_so_under_the_same_uid(client, announced, django_capture_on_commit_callbacks):
    before = events_of(client.get("/datos/aperturas/es/red.ics").content)
    with django_capture_on_commit_callbacks(execute=True):
        cancel(announced, reason="Se fue la luz", by=release_drafts.signer(), now=NOW + timedelta(hours=1))
    after = events_of(client.get("/datos/aperturas/es/red.ics").content)

    assert after.keys() == before.keys()
    assert {(event["sequence"], str(event["status"])) for event in before.values()} == {(0, "CONFIRMED")}
    assert {(event["sequence"], str(event["status"])) for event in after.values()} == {(1, "CANCELLED")}
    assert all("Se fue la luz" in event["description"] for event in after.values())


def test_the_same_facts_give_the_same_bytes(announced):
    made = [
        files.releases_file(files.Supply.read(at), language="es", office=None, form=form)
        for at in (NOW, NOW + timedelta(minutes=7))
        for form in files.FORMS
    ]
    assert made[:2] == made[2:]


def test_an_atom_reader_finds_it_in_both_languages(client, announced):
    for language, free in (("es", "La cita es gratuita."), ("en", "The appointment is free.")):
        parsed = feedparser.parse(client.get(f"/datos/aperturas/{language}/red.atom").content)
        [entry] = parsed.entries
        assert not parsed.bozo
        assert parsed.feed.language == language
        assert entry.id == f"tag:localhost,2026:apertura-{announced.pk}"
        assert entry.link.partition("?")[0].endswith(f"/aperturas/{announced.pk}/")
        assert free in entry.summary


def test_a_state_has_a_feed_of_its_tours(client, db):
    here, there = make.session(), make.session()
    Session.objects.filter(pk=here.pk).update(state="TX", city="Waco")
    Session.objects.filter(pk=there.pk).update(state="OK", city="Tulsa")
    assert [str(one["summary"]) for one in events_of(client.get("/datos/giras/es/tx.ics").content).values()] == [
        f"{here.get_kind_display()}: Waco, TX"
    ]
    assert len(feedparser.parse(client.get("/datos/giras/en/todas.atom").content).entries) == 2


def test_a_day_all_of_whose_times_were_closed_is_cancelled(client, db):
    here = make.session()
    Session.objects.filter(pk=here.pk).update(state="TX")
    here.slots.update(closed_at=NOW)
    [event] = events_of(client.get("/datos/giras/es/tx.ics").content).values()
    assert (event["sequence"], str(event["status"])) == (1, "CANCELLED")


def addresses(release):
    code = release.offices.select_related("consulate").first().consulate.code
    return [
        *(f"/datos/aperturas/{language}/{name}.{form}" for language in ("es", "en") for name in ("red", code)
          for form in ("ics", "atom")),
        "/datos/giras/es/todas.ics",
        f"/datos/aperturas/es/{release.pk}.png",
        f"/datos/oficinas/es/{code}.png",
        f"/datos/carteles/es/{release.pk}.png",
        f"/datos/carteles/es/{release.pk}-a4.pdf",
    ]  # fmt: skip


def test_what_was_made_is_given_without_the_database(client, announced, django_assert_num_queries):
    cache.clear()
    asked = addresses(announced)
    first = [client.get(one) for one in asked]
    with django_assert_num_queries(0):
        again = [client.get(one) for one in asked]
    assert [one.status_code for one in again] == [200] * len(asked)
    assert [one.content for one in again] == [one.content for one in first]


def test_the_task_writes_every_feed_that_the_pages_name(announced, client, monkeypatch):
    files.write_all(now=NOW)
    monkeypatch.setattr(views_files.Supply, "read", None)
    for one in addresses(announced)[:9]:
        assert client.get(one).status_code == 200


@pytest.mark.parametrize(
    "path", ["aperturas/fr/red.ics", "aperturas/es/nowhere.ics", "giras/es/zz.ics", "giras/es/TX.ics",
             "oficinas/es/x.png", "aperturas/es/999999999999999999999.png", "carteles/es/1-a4.pdf",
             "carteles/es/1-a9.pdf"],
)  # fmt: skip
def test_what_nobody_published_is_nowhere_and_leaves_nothing(client, db, path, settings, tmp_path):
    settings.PUBLIC_DIR = tmp_path / "public"
    assert client.get(f"/datos/{path}").status_code == 404
    assert not list(tmp_path.rglob("*.*"))


def test_pictures_are_of_the_size_that_chats_show_and_posters_of_the_paper(client, announced):
    card = Image.open(io.BytesIO(client.get(f"/datos/aperturas/es/{announced.pk}.png").content))
    assert card.size == (1200, 630)
    letter = client.get(f"/datos/carteles/en/{announced.pk}-carta.pdf")
    assert letter.content.startswith(b"%PDF-1.4")
    assert b"/MediaBox [0 0 612.0 792.0]" in letter.content
    assert b"/MediaBox [0 0 595.28 841.89]" in client.get(f"/datos/carteles/en/{announced.pk}-a4.pdf").content


def test_a_poster_can_be_searched_copied_and_read_aloud(client, announced):
    content = client.get(f"/datos/carteles/es/{announced.pk}-carta.pdf").content
    drawn = re.search(rb"stream\n(.*?)endstream", content, re.DOTALL).group(1).decode("cp1252")
    lines = [re.sub(r"\\\\(.)", r"\\1", line) for line in re.findall(r" Tm \((.*)\) Tj", drawn)]
    places = [tuple(float(at) for at in pair) for pair in re.findall(r"1 0 0 1 (\S+) (\S+) Tm", drawn)]

    assert "BT 3 Tr" in drawn  # nothing of it is seen
    assert b"/Lang (es)" in content
    assert lines[0] == "Mexitel"
    assert lines[-2:] == ["La cita es gratuita.", "No pague a nadie por ella. Nadie se la puede vender."]
    assert "Apunte su cámara aquí" in lines
    assert all(0 < left < 612 and 0 < base < 792 for left, base in places)


def test_a_draft_has_no_card(client, db):
    assert client.get(f"/datos/aperturas/es/{release_drafts.draft().pk}.png").status_code == 404
