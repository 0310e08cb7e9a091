"""JSON-LD as a processor of strangers reads it from the pages: the words of schema.org, the facts of the page, and
nothing that a value could break.
"""

import gzip
import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from pyld import jsonld

from consulates.models import Consulate, OfficeLine, Release, Session
from consulates.opendata import linked
from consulates.releases.approving import cancel
from tests.consulates.opendata.schemaorg import CONTEXT, WORDS
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db
NASTY = 'Casa "Sol" </script><script>alert(1)</script> <!-- & \\ \n\u2028 fin'
SCHEMA = "http://schema.org/"
LARGEST = 8_000  # bytes of a block before it is packed


class Blocks(HTMLParser):
    """The JSON-LD of a page, and how many scripts there are of any other kind without a source."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.inline, self._inside = [], 0, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self._inside = tag == "script" and told.get("type") == "application/ld+json"
        self.inline += tag == "script" and "src" not in told and not self._inside

    def handle_data(self, data):
        if self._inside:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self._inside = False


def block(client, address):
    """The one block of the page, checked as every one of them has to be."""
    page = client.get(address)
    assert page.status_code == 200
    found = Blocks(page.content.decode())
    assert found.inline == 0
    [text] = found.texts
    assert len(text.encode()) <= LARGEST
    thing = json.loads(text)
    check_words(thing)
    check_expansion(thing)
    return thing


def check_words(thing):
    for one in things(thing):
        if "@type" in one:
            assert one.keys() - {"@context", "@id", "@type"} <= WORDS[one["@type"]], one["@type"]
        else:
            assert one.keys() <= {"@context", "@graph"}


def things(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from things(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things(inner)


def expanded(thing):
    """By PyLD, which may ask for nothing but the context of schema.org."""

    def load(address, _options):
        assert address.rstrip("/") == "https://schema.org"
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": address, "document": CONTEXT}

    return jsonld.expand(thing, {"documentLoader": load})


def check_expansion(thing):
    """Nothing is lost: every value is there, and every word is in the vocabulary."""
    found = expanded(thing)
    assert found
    words = {key for one in things(found) for key in one if not key.startswith("@")}
    assert all(word.startswith(SCHEMA) for word in words)
    assert sorted(leaves(thing, skip={"@context", "@type"})) == sorted(leaves(found, skip={"@type"}))


def leaves(value, *, skip):
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() if key not in skip for leaf in leaves(inner, skip=skip)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, skip=skip)]
    return [str(value)]


def office(**columns):
    return ConsulateFactory(
        **{"street_address": "1 Main Street", "postal_code": "79901", "phone": "+19155550100",
           "address_basis": "verified"} | columns
    )  # fmt: skip


def test_an_office_says_who_where_and_that_it_costs_nothing(client):
    here = office()
    OfficeLine.objects.create(
        consulate=here, phone="+19155550101", hours_es="8 a 14", hours_en="8 to 2", updated_at=NOW,
        updated_by=release_drafts.signer(),
    )  # fmt: skip

    thing = block(client, here.get_absolute_url())

    assert thing["@type"] == "GovernmentOffice"
    assert (thing["name"], thing["address"]["streetAddress"]) == (here.name_es, "1 Main Street")
    assert (thing["telephone"], thing["contactPoint"]["telephone"]) == ("+19155550100", "+19155550101")
    action = thing["potentialAction"]
    assert action["@type"] == "ReserveAction"
    assert action["target"]["urlTemplate"] == f"http://localhost:8000{here.get_absolute_url()}"
    assert (action["result"]["totalPrice"], thing["isAccessibleForFree"]) == (0, True)


def test_it_speaks_the_language_of_its_page(client):
    here = office()
    thing = block(client, f"{here.get_absolute_url()}?idioma=en")
    assert (thing["name"], thing["alternateName"]) == (here.name_en, here.name_es)
    assert thing["url"].endswith("?idioma=en")
    assert thing["@id"] == f"http://localhost:8000{here.get_absolute_url()}#oficina"


def test_what_nobody_verified_is_not_said_and_a_closed_office_takes_nothing(client):
    unsure = block(client, office(address_basis="unverified").get_absolute_url())
    assert "streetAddress" not in unsure["address"]
    assert {"telephone", "geo"}.isdisjoint(unsure)
    over = block(client, office(closed_on=(NOW - timedelta(days=9)).date()).get_absolute_url())
    assert over["dissolutionDate"] == (NOW - timedelta(days=9)).date().isoformat()
    assert "potentialAction" not in over


def a_day(**columns):
    """A session of a mobile consulate, as its page shows it."""
    made = make.session(seats=2, slots=2)
    Session.objects.filter(pk=made.pk).update(**{"city": "Waco", "place_name": "Salón del Sol"} | columns)
    return Session.objects.get(pk=made.pk)


def page_of(session):
    return f"/oficinas/{session.consulate.code}/{session.date}/"


def test_a_day_of_a_tour_is_an_event_and_an_ordinary_day_is_none(client):
    away = a_day()
    [event] = block(client, page_of(away))["@graph"]

    assert event["@type"] == "Event"
    assert (event["location"]["name"], event["location"]["address"]["addressLocality"]) == ("Salón del Sol", "Waco")
    assert event["startDate"].startswith(away.date.isoformat())
    assert event["offers"] | {"price": 0, "availability": "https://schema.org/LimitedAvailability"} == event["offers"]
    assert event["potentialAction"]["target"]["urlTemplate"].endswith(page_of(away))
    usual = {5: "saturday", 6: "sunday"}.get(make.IN_TWO_WEEKS.weekday(), "weekday")
    assert Blocks(client.get(page_of(a_day(kind=usual))).content.decode()).texts == []


@pytest.mark.parametrize(
    ("free", "opens", "said"),
    [(0, None, "SoldOut"), (0, NOW, "PreOrder"), (1, None, "LimitedAvailability"), (9, NOW, "LimitedAvailability"),
     (10, None, "InStock")],
)  # fmt: skip
def test_what_is_left_is_as_coarse_as_in_the_files(free, opens, said):
    session = a_day()
    found = linked.DaySession(session, free, [], opens)
    [event] = linked.of_day(session.consulate, [found])["@graph"]
    assert event["offers"]["availability"] == f"https://schema.org/{said}"


def announced(**columns):
    offices = [office(time_zone="America/Chicago"), office(time_zone="America/Los_Angeles")]
    own = [one for place in offices for one in release_drafts.sessions(place)]
    return release_drafts.announce(release_drafts.draft(*own, **columns))


def test_an_opening_is_an_event_with_its_moments_and_the_calendar_lists_it(client):
    made = announced(mode="open")
    thing = block(client, f"/aperturas/{made.pk}/")
    listed = block(client, "/aperturas/")

    moments = [one["startDate"] for one in thing["subEvent"]]
    assert [moment[-6:] for moment in moments] in (["-06:00", "-08:00"], ["-05:00", "-07:00"])
    assert thing["startDate"] == moments[0]
    assert thing["potentialAction"]["startTime"] == thing["offers"]["validFrom"] == thing["startDate"]
    assert [one["item"]["@id"] for one in listed["itemListElement"]] == [thing["@id"]]


def test_a_queue_is_joined_before_it_opens_and_its_office_holds_it(client):
    here = office()
    made = release_drafts.announce(release_drafts.draft(*release_drafts.sessions(here)))
    thing = block(client, f"/aperturas/{made.pk}/")
    assert thing["potentialAction"]["startTime"] == thing["offers"]["validFrom"] < thing["startDate"]
    assert thing["organizer"]["@id"] == block(client, here.get_absolute_url())["@id"]
    assert "subEvent" not in thing


def test_a_cancelled_opening_says_so_and_offers_nothing(client):
    made = announced(mode="open")
    cancel(made, reason="Se fue la luz", by=release_drafts.signer(), now=NOW + timedelta(minutes=1))
    thing = block(client, f"/aperturas/{made.pk}/")
    assert thing["eventStatus"] == "https://schema.org/EventCancelled"
    assert {"offers", "potentialAction"}.isdisjoint(thing)


def test_no_value_breaks_the_page_or_the_block(client):
    made = announced(mode="open")
    Release.objects.filter(pk=made.pk).update(name=NASTY)
    Consulate.objects.update(name_es=NASTY[:100], street_address=NASTY[:100])
    day = a_day(place_name=NASTY[:100])
    assert block(client, f"/aperturas/{made.pk}/")["name"] == NASTY
    assert block(client, "/aperturas/")["itemListElement"][0]["item"]["name"] == NASTY
    assert block(client, made.consulates.first().get_absolute_url())["name"] == NASTY[:100]
    assert block(client, page_of(day))["@graph"][0]["location"]["name"] == NASTY[:100]


def test_a_block_that_is_written_as_it_is_would_break():
    """The control: without the escapes, the same value ends the block and begins a script."""
    text = f'<script type="application/ld+json">{json.dumps({"name": NASTY}, ensure_ascii=False)}</script>'
    assert Blocks(text).inline == 1
    kept = Blocks(linked.script({"name": NASTY}))
    assert (kept.inline, json.loads(kept.texts[0])["name"]) == (0, NASTY)


def test_lists_end_and_a_full_page_stays_light(client):
    place = office()
    for hall in range(linked.MOST + 3):
        made = make.session(consulate=place)
        Session.objects.filter(pk=made.pk).update(place_name=f"{hall} " + "x" * 100, street_address="y" * 150)
    address = page_of(Session.objects.first())
    page = client.get(address).content
    [text] = Blocks(page.decode()).texts
    files = ["vendor/govuk-frontend-6.6.0/govuk.css", "css/mexitel.css", "js/mexitel.js", "img/favicon.svg"]

    assert len(json.loads(text)["@graph"]) == linked.MOST
    assert len(text.encode()) <= 20_000
    contents = [page, *(Path(finders.find(one)).read_bytes() for one in files)]
    assert sum(len(gzip.compress(content, 6)) for content in contents) <= 60_000
