"""The bulk files as strangers read them: by the schemas, from the manifest to the last reference, and coarse."""

import html
import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from appointments.models import Appointment, Hold
from consulates import opendata
from consulates.models import Consulate, Session
from consulates.opendata import files, views
from consulates.opendata import supply as supplies
from consulates.opendata.supply import Supply
from mexitel.utils import published
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.releases import release

SCHEMAS = {
    file.stem: Draft202012Validator(json.loads(file.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for file in (Path(opendata.__file__).parent / "schemas").glob("*.json")
}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    at = {"now": NOW}
    monkeypatch.setattr(views, "clock", lambda: at["now"])
    supplies._reading.cache_clear()  # another test's reading of the same second
    return at


class Reader:
    """A small client, written from the specification alone: it knows one address, and follows what it finds."""

    def __init__(self, client):
        self.client = client
        told = self.get("/.well-known/smart-scheduling")
        self.manifest = self.get(told["$bulk-publish"])
        self.resources = {}
        for output in self.manifest["output"]:
            for line in self.client.get(urlsplit(output["url"]).path).content.decode().splitlines():
                one = json.loads(line)
                assert one["resourceType"] == output["type"]
                self.resources[f"{output['type']}/{one['id']}"] = one

    def get(self, url):
        response = self.client.get(urlsplit(url).path)
        assert response.status_code == 200
        return json.loads(response.content)

    def of(self, kind):
        return [one for key, one in self.resources.items() if key.startswith(f"{kind}/")]

    def places_of(self, slot):
        schedule = self.resources[slot["schedule"]["reference"]]
        return [self.resources[actor["reference"]] for actor in schedule["actor"]]


def said(slot, name):
    return next((list(one.values())[1] for one in slot["extension"] if one["url"].endswith(f"#{name}")), None)


def procedure(**columns):
    made = make.procedure()
    type(made).objects.filter(pk=made.pk).update(booking="central", **columns)
    return made


@pytest.fixture
def supply(db):
    """Two offices, one of them also in another town, and an opening to come."""
    passport, card = procedure(), procedure()
    here = make.session(seats=3, slots=2, procedures=[passport, card])
    away = make.session(seats=4, slots=3, procedures=[passport])
    Session.objects.filter(pk=away.pk).update(city="Las Cruces", state="NM")
    later = make.session(seats=1, procedures=[card], consulate=here.consulate, starts_at=NOW + timedelta(days=20))
    release(later, opens_at=NOW + timedelta(hours=5))
    make.session(procedures=[card], status="draft", published_at=None)
    return here, away, later


def test_a_small_client_walks_from_the_manifest_to_every_reference(client, supply):
    read = Reader(client)

    SCHEMAS["bulk-publish"].validate(read.manifest)
    for key, one in read.resources.items():
        SCHEMAS[key.partition("/")[0]].validate(one)
    assert len(read.of("Slot")) == 4
    assert {len(read.places_of(slot)) for slot in read.of("Slot")} == {2}
    assert {place["address"]["state"] for slot in read.of("Slot") for place in read.places_of(slot)[:1]} == {"TX", "NM"}
    assert all(client.get(f"{urlsplit(link).path}?{urlsplit(link).query}").status_code == 200
               for slot in read.of("Slot") for link in [slot["extension"][0]["valueUrl"]])  # fmt: skip


def test_slots_say_none_few_or_many_and_when_more_opens(client, supply):
    here, _away, later = supply
    by_session = {slot["id"].split(".")[0]: slot for slot in Reader(client).of("Slot")}
    told = [(slot["status"], said(slot, "disponibilidad")) for slot in (by_session[str(one.pk)] for one in supply)]
    assert told == [("free", "few"), ("free", "many"), ("busy", "none")]
    opens = NOW + timedelta(hours=5)
    assert said(by_session[str(later.pk)], "abre") == opens.isoformat().replace("+00:00", "Z")
    for slot in here.slots.all():
        for _ in range(3):
            make.hold(make.account(), slot)
    again = {slot["id"].split(".")[0]: slot for slot in map(json.loads, lines(NOW))}
    assert (again[str(here.pk)]["status"], said(again[str(here.pk)], "disponibilidad")) == ("busy", "none")


def test_an_address_that_nobody_verified_is_not_told(client, supply):
    here, _away, _later = supply
    told = {"street_address": "1 Calle Vieja", "postal_code": "79901", "phone": "915 555 0100"}
    Consulate.objects.filter(pk=here.consulate_id).update(**told, address_basis="unverified")
    assert not _known(files.content("lugares", "tx", Supply.read(NOW)))
    Consulate.objects.filter(pk=here.consulate_id).update(address_basis="verified")
    assert _known(files.content("lugares", "tx", Supply.read(NOW)))


def _known(content):
    return any(part in content for part in (b"Calle Vieja", b"79901", b"0100"))


def test_a_state_that_has_nothing_any_more_has_no_file(client, supply, public_dir):
    files.write_all(now=NOW)
    assert (public_dir / "datos/smart/jornadas-nm.ndjson").exists()
    files.write_all(now=NOW + timedelta(days=15))
    assert not (public_dir / "datos/smart/jornadas-nm.ndjson").exists()


def lines(now):
    return files.content("jornadas", "tx", Supply.read(now)).decode().splitlines()


def test_what_is_fresh_needs_no_database_and_what_is_unknown_is_not_found(client, supply, django_assert_num_queries):
    addresses = ["/datos/smart/$bulk-publish", "/datos/smart/jornadas-tx.ndjson", "/datos/smart/tramites.ndjson"]
    made = [client.get(address) for address in addresses]
    with django_assert_num_queries(0):
        for address, first in zip(addresses, made, strict=True):
            again = client.get(address)
            assert (again.content, again["ETag"]) == (first.content, first["ETag"])
            assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
            assert again["Access-Control-Allow-Origin"] == "*"
        for unknown in ("jornadas-zz", "jornadas", "tramites-tx", "otra-tx", "esquemas/none"):
            assert client.get(f"/datos/smart/{unknown}.ndjson").status_code == 404


def test_around_an_opening_what_is_free_is_a_second_old_at_most(client, supply, the_clock):
    address = "/datos/smart/jornadas-tx.ndjson"
    the_clock["now"] = NOW + timedelta(hours=5)
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=1"
    the_clock["now"] += timedelta(seconds=1)
    assert client.get(address)["Last-Modified"] != first["Last-Modified"]


def test_the_task_writes_every_file_of_the_manifest(client, supply, django_assert_num_queries):
    written = files.write_all(now=NOW)
    with django_assert_num_queries(0):
        read = Reader(client)
    assert written == len(read.manifest["output"]) + 2  # the manifest itself and the moments of openings


def test_no_file_tells_anything_of_people(client, supply, public_dir):
    """Planted: names, mailboxes, phones, folios, holds."""
    here, _away, _later = supply
    account = make.account("persona.plantada@example.com", phone="+12135550177")
    held = make.hold(account, here.slots.first())
    make.confirm(account, held, [make.person(account, "Plantadita")])
    make.hold(make.account("otra.plantada@example.com"), here.slots.first())
    files.write_all(now=NOW)
    client.get("/datos/")
    everything = b"".join(file.read_bytes() for file in public_dir.rglob("*") if file.is_file()).lower()

    assert published.get(files.MANIFEST)
    planted = ["plantad", "5550177", "example.com", *map(str, Hold.objects.values_list("pk", flat=True))]
    planted += list(Appointment.objects.values_list("reference", flat=True))
    for secret in planted:
        assert secret.lower().encode() not in everything, secret


def test_the_map_of_the_site_is_xml_with_both_languages(client, supply):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    places = [entry[0].text for entry in root]
    assert any(place.endswith(f"/oficinas/{supply[0].consulate.code}/") for place in places)
    assert {link.get("hreflang") for link in root[0][1:]} == {"es", "en"}
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /personal/" in robots
    assert robots.splitlines()[-1].endswith("/sitemap.xml")


def test_the_page_names_what_there_is(client, db):
    page = client.get("/datos/").content.decode()
    assert "/datos/smart/$bulk-publish" in page
    assert all(client.get(f"/datos/smart/esquemas/{name}.json").status_code == 200 for name in SCHEMAS)


@pytest.mark.parametrize("asked", ["", "?idioma=en"])
def test_the_commands_of_the_page_run_as_they_stand(client, supply, asked):
    """As curl does it: the address as a shell reads it, and a second time with the mark of the first answer."""
    commands = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", client.get(f"/datos/{asked}").content.decode())
    assert len(commands) >= 6
    for command in commands:
        program, *options, address = shlex.split(html.unescape(command))
        parts = urlsplit(address)
        first = client.get(parts.path, parts.query)
        assert (program, parts.netloc, first.status_code) == ("curl", "localhost:8000", 200), command
        if "--etag-compare" in options:
            assert client.get(parts.path, headers={"If-None-Match": first["ETag"]}).status_code == 304
