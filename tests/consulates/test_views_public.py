from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consulates import selectors
from consulates.views import public
from tests.factories.consulates import (
    NOW,
    ConsulateFactory,
    PlaceFactory,
    ProcedureFactory,
    published_session,
    take_seats,
    venue,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    # The pages' own name only: what is imported while the shared clock is replaced would keep it for ever.
    monkeypatch.setattr(public, "time", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def office():
    return ConsulateFactory(code="houston")


@pytest.fixture
def procedure():
    return ProcedureFactory(code="passport", fee_usd=101, fee_year=2026, fee_source="https://example.org/fees")


@pytest.fixture
def text_of(client, settings):
    """The text of a page in English, entities resolved; it must exist."""

    def get(url: str, status: int = 200) -> str:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        response = client.get(url)
        assert response.status_code == status, url
        return _text(response.content.decode())

    return get


def _text(html: str) -> str:
    words: list[str] = []
    parser = HTMLParser()
    parser.handle_data = words.append
    parser.feed(html)
    return " ".join(" ".join(words).split())


def test_the_list_names_each_office_and_its_first_free_day(text_of, office):
    published_session(office)
    ConsulateFactory(phoenix=True)
    text = text_of("/oficinas/")
    assert "Mexico has 2 offices" in text
    assert "First free day: Tuesday, November 24" in text
    assert "No free places now. The page says when more open." in text
    assert text.index("Arizona") < text.index("Texas")


def test_the_list_puts_the_nearest_office_first(text_of, office):
    ConsulateFactory(phoenix=True)
    PlaceFactory()
    text = text_of("/oficinas/?lugar=77002")
    assert "Offices nearest to 77002 (Houston, TX)" in text
    assert text.index("Consulate of Mexico in Houston") < text.index("Consulate of Mexico in Phoenix")
    assert "12 miles" in text


def test_an_office_shows_its_month_with_counts(text_of, office):
    published_session(office)
    text = text_of("/oficinas/houston/")
    assert "10555 Richmond Ave" in text
    assert "8 free places in November 2026" in text
    assert "Central Time, Houston" in text


def test_an_unverified_address_is_the_city_and_an_advice(text_of):
    ConsulateFactory(code="austin", city="Austin", unverified=True)
    text = text_of("/oficinas/austin/")
    assert "Richmond" not in text
    assert "555" not in text
    assert "Austin, TX Confirm the address with your consulate before you go." in text


def test_an_office_without_seats_says_where_and_when(text_of, office, procedure):
    session = published_session(office, procedure)
    take_seats(session, until=NOW + timedelta(days=30))
    later = {"day": session.date + timedelta(days=1), "opens_at": NOW + timedelta(days=2)}
    published_session(office, procedure, **later)
    published_session(ConsulateFactory(phoenix=True), procedure)
    text = text_of("/oficinas/houston/")
    assert "there are no free places here now" in text
    assert "Phoenix, AZ" in text
    assert "When more places open Wednesday, November 25, 8:00 AM (Central Time)" in text


def test_a_day_asks_for_the_procedure_and_then_shows_times(text_of, office, procedure):
    session = published_session(office, procedure)
    address = f"/oficinas/houston/{session.date}/"
    assert "8 free places. Choose the procedure to see the times." in text_of(address)
    text = text_of(f"{address}?tramite=passport")
    assert "9:00 AM 2 places" in text
    assert "10:30 AM" in text


def test_a_time_is_a_button_that_carries_its_slots(client, office, procedure):
    session = published_session(office, procedure)
    first, second, *_others = session.slots.all()
    html = client.get(f"/oficinas/houston/{session.date}/?tramite=passport&personas=3").content.decode()
    assert f'name="slots" value="{first.id}:2,{second.id}:1"' in html
    assert '<input type="hidden" name="procedure" value="passport">' in html
    assert '<input type="hidden" name="party" value="3">' in html


def test_a_full_day_names_other_days(text_of, office, procedure):
    session = published_session(office, procedure)
    take_seats(session, until=NOW + timedelta(days=30))
    published_session(office, procedure, day=session.date + timedelta(days=1))
    text = text_of(f"/oficinas/houston/{session.date}/?tramite=passport")
    assert "All places of this session are taken." in text
    assert "In this office, the nearest days: Wednesday, November 25" in text


def test_a_day_without_a_session_says_so(text_of, office):
    text = text_of("/oficinas/houston/2026-12-20/")
    assert "There is no session on this day." in text
    assert "look again in a few days" in text


def test_the_local_time_is_that_of_the_host_city(text_of, office, procedure):
    session = published_session(office, procedure, kind="mobile", venue=venue())
    text = text_of(f"/oficinas/houston/{session.date}/?tramite=passport")
    assert "Mobile consulate : Reno, NV" in text or "Mobile consulate: Reno, NV" in text
    assert "Pacific Time, Reno" in text
    assert "9:00 AM" in text


def test_procedures_say_how_each_is_got(text_of, procedure):
    ProcedureFactory(code="marriage", name_en="Marriage", asked_at_office=True)
    assert "With an appointment made here" in text_of("/tramites/")
    text = text_of("/tramites/passport/")
    assert "The appointment is free. The document costs 101 dollars in 2026." in text
    assert "Source of the fee: example.org" in text
    text = text_of("/tramites/marriage/")
    assert "Ask your consulate for a date" in text
    assert "We do not have the fee of this document." in text


def test_an_old_fee_is_shown_with_its_year(text_of, procedure):
    procedure.fee_year = 2025
    procedure.save()
    assert "This is the fee of 2025. Fees change each January" in text_of("/tramites/passport/")


def test_the_search_shows_near_places_then_far_ones(text_of, office, procedure):
    PlaceFactory()
    published_session(office, procedure)
    published_session(ConsulateFactory(phoenix=True), procedure)
    text = text_of("/buscar/?tramite=passport&lugar=77002")
    assert text.index("Near you") < text.index("Consulate of Mexico in Houston") < text.index("Farther away")
    assert "Tuesday, November 24" in text
    assert "9:00 AM, Central Time" in text


def test_a_search_without_seats_names_the_other_ways(text_of, office, procedure):
    published_session(office, procedure)
    published_session(office, procedure, day=NOW.date() + timedelta(days=2), opens_at=NOW + timedelta(days=1))
    text = text_of("/buscar/?tramite=passport&fin_de_semana=on")
    assert "No free places on Saturdays or Sundays now" in text
    assert "On weekdays Tuesday, November 24" in text
    assert "When more places open Tuesday, November 24, 8:00 AM (Central Time) Consulate of Mexico in Houston" in text


def test_a_search_without_any_session_says_when_to_look_again(text_of, procedure):
    assert "look again in a few days" in text_of("/buscar/?tramite=passport")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("tramite=nothing", "That procedure is not booked here. Choose one of the list."),
        ("tramite=marriage", "That procedure is not booked here. Choose one of the list."),
        ("tramite=%00", "That procedure is not booked here. Choose one of the list."),
        ("lugar=90012", "Choose the procedure you need."),
        ("tramite=passport&lugar=%00", "Type a ZIP code or the name of a city."),
        ("tramite=passport&lugar=Ciudad+Gótica", "We do not know that place."),
        ("tramite=passport&lugar=" + "x" * 5000, "That is too long."),
        ("tramite=passport&personas=" + "9" * 30, "Choose from one to eight people."),
        ("tramite=&personas=&lugar=&orden=", "Choose the procedure you need."),
        ("tramite=passport&personas=-1", "Choose from one to eight people."),
        ("tramite=passport&orden=azar", "Choose the earliest date or the nearest place."),
    ],
)
def test_a_search_that_cannot_be_understood_gets_a_sentence(text_of, procedure, query, sentence):
    ProcedureFactory(code="marriage", asked_at_office=True)
    text = text_of(f"/buscar/?{query}")
    assert text.count(sentence) >= 2, "in the summary and beside the field"


@pytest.mark.parametrize(
    "url",
    [
        "/oficinas/houston/0001-01-01/",
        "/oficinas/houston/9999-12-31/",
        "/oficinas/houston/2026-02-30/",
        "/oficinas/houston/2026-11-21/",
        "/oficinas/houston/2026-11/",
        "/oficinas/gotham/",
        "/oficinas/gotham/2026-11-24/",
        "/oficinas/houston%00/",
        "/tramites/nothing/",
        "/tramites/%00/",
    ],
)
def test_what_does_not_exist_is_not_found(client, office, url):
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "mes=0001-01",
        "mes=9999-12",
        "mes=2026-13",
        "mes=%00",
        "mes=" + "9" * 400,
        "page=" + "9" * 30,
        "tramite=%00",
        "tramite=nothing&personas=99",
        "personas=" + "9" * 5000,
        "personas=",
        "tramite=&personas=",
    ],
)
def test_an_address_that_was_tampered_with_still_shows_the_office(text_of, office, query):
    assert "Consulate of Mexico in Houston" in text_of(f"/oficinas/houston/?{query}")
    assert "Tuesday" in text_of(f"/oficinas/houston/2026-11-24/?{query}")
    text_of(f"/oficinas/?{query}")


@pytest.mark.parametrize("lugar", ["%00", "00000", "x" * 300, "12"])
def test_the_list_answers_a_place_that_it_does_not_know(text_of, office, lugar):
    assert "Something needs your attention" in text_of(f"/oficinas/?lugar={lugar}")


def test_months_far_away_become_the_last_one_shown(text_of, office):
    assert "May 2027" in text_of("/oficinas/houston/?mes=9999-12")
    assert "November 2026" in text_of("/oficinas/houston/?mes=0001-01")


def test_pages_ask_as_often_for_one_row_as_for_three(client, office, procedure):
    PlaceFactory()
    urls = [
        reverse("office_list"),
        reverse("office", args=["houston"]),
        reverse("office_day", args=["houston", "2026-11-24"]) + "?tramite=passport",
        reverse("procedure_list"),
        reverse("search") + "?tramite=passport&lugar=77002&orden=cerca",
    ]

    def count() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    published_session(office, procedure)
    for number in range(selectors.ENOUGH):
        published_session(office, procedure, kind="mobile", venue=venue(name=f"Escuela {number}"))
    one = count()
    for number in range(2):
        other = ConsulateFactory()
        ProcedureFactory()
        published_session(other, procedure)
        published_session(office, procedure, kind="mobile", venue=venue(city=f"Elko {number}"))
        published_session(office, procedure, day=NOW.date() + timedelta(days=2 + number))
    assert count() == one


def test_pages_are_small_and_ask_nobody_else(client, office, procedure):
    published_session(office, procedure)
    for url in ("/oficinas/", "/oficinas/houston/", "/buscar/", "/tramites/", "/oficinas/houston/2026-11-24/"):
        html = client.get(url).content.decode()
        assert len(html) < 60_000
        assert "style=" not in html
        assert not [part for part in html.split('src="')[1:] if part.startswith(("http", "//"))]
