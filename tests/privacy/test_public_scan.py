"""Nothing of anybody is public: people are planted, then everything that a stranger can read is made, and read."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from appointments.models import (
    Applicant,
    Appointment,
    DrawApplication,
    DrawingFile,
    EmergencyProof,
    EmergencyRequest,
    Hold,
    QueueTicket,
    ReleaseAlert,
    WaitingEntry,
)
from appointments.statistics import facts
from appointments.statistics import published as figures
from appointments.statistics.facts import OfficeDay
from appointments.statistics.files import KINDS
from consulates.announcing import files as feeds
from consulates.models import Release, Session
from consulates.opendata import files as bulk
from tests.factories.appointments import NOW
from tests.privacy.planted import leaks, plant
from tests.privacy.public_addresses import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings, tmp_path):
    settings.QUEUE_DIR = tmp_path / "queues"
    found = plant()
    facts.make([OfficeDay(one.consulate_id, one.date) for one in Session.objects.all()])
    bulk.write_all(now=NOW)
    feeds.write_all(now=NOW)
    figures.refresh(now=NOW)
    return found


def ids(model):
    return list(model.objects.values_list("pk", flat=True)[:2])


def values_of(people):
    """What to put into addresses: of public things what there is, of private ones the very rows of the people."""
    days = sorted({str(one.date) for one in Session.objects.all()})
    months = sorted({day[:7] for day in days})
    values = {
        "code": [people.office.code], "day": days[:1], "month": months[:1], "language": ["es", "en"],
        "release_id": [one.pk for one in people.releases], "state": ["tx"], "paper": ["carta"], "slug": ["nada"],
        "hold_id": ids(Hold), "appointment_id": ids(Appointment), "application_id": ids(DrawApplication),
        "entry_id": ids(WaitingEntry), "request_id": ids(EmergencyRequest), "alert_id": ids(ReleaseAlert),
        "applicant_id": ids(Applicant), "proof_id": ids(EmergencyProof), "place": [1], "number": [1], "position": [1],
        "shape": ["ancha"],
    }  # fmt: skip
    pictures = {"language": ["es"], "release_id": [people.releases[0].pk]}
    feed = {"code": [people.office.code, "red"], "state": ["tx", "todas"]}
    own = {
        "procedure": {"code": [people.procedure.code]},
        "api_procedure": {"code": [people.procedure.code]},
        "bulk_file": {"title": ["lugares", "agendas", "jornadas"]},
        "bulk_network_file": {"title": ["tramites"]},
        "bulk_schema": {"name": ["Slot"]},
        "figures_file": {"name": [f"{month}{end}" for month in months for end in KINDS]},
        "draw_proof_file": {"name": sorted(set(DrawingFile.objects.values_list("name", flat=True)))},
        "release_picture": pictures, "office_picture": pictures, "poster": pictures, "poster_preview": pictures,
    }  # fmt: skip
    return values, own | dict.fromkeys(("releases_ics", "releases_atom", "tours_ics", "tours_atom"), feed)


def asked_of(people):
    """Addresses with a question in them."""
    first, office = people.releases[0].pk, people.office.code
    ticket = QueueTicket.objects.values_list("code", flat=True)[0]
    return [
        f"/buscar/?tramite={people.procedure.code}&lugar=El+Paso%2C+TX&personas=1",
        f"/aperturas/?oficina={office}&todas=1", f"/aperturas/{first}/prueba/?boleto={ticket}",
        f"/oficinas/{office}/?tramite={people.procedure.code}&idioma=en", f"/api/v1/releases?office={office}",
        f"/api/v1/availability/soonest?procedure={people.procedure.code}",
    ]  # fmt: skip


def read(client, asked):
    """Each answer with its headers, whatever it is: an address to go on to could tell as much as a page."""
    bodies = {}
    for number, address in enumerate(dict.fromkeys(asked)):
        response = client.get(address, REMOTE_ADDR=f"198.51.{number // 250}.{number % 250 + 1}")
        assert response.status_code < 500, address
        content = b"".join(response.streaming_content) if response.streaming else response.content
        bodies[f"{response.status_code} {address}"] = content + repr(dict(response.headers)).encode()
    return bodies


def files_in(folder):
    return {str(path): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_nobody_is_found_in_anything_that_a_stranger_can_read(client, people):
    bodies = read(client, [*addresses(*values_of(people)), *asked_of(people)])
    given = [where.split()[1] for where in bodies if where.startswith("200")]
    for part in (".ics", ".atom", ".csv", ".ndjson", ".json", ".png", ".pdf", ".zip", "$bulk-publish", "/prueba/",
                 "/api/v1/releases", "/api/v1/figures", "/cifras/", "/lista-de-espera/sorteos/", "/cumplimiento/",
                 "fila.json", "/buscar/", "/giras/", "/oficinas/plantel/", "anuncio.json"):  # fmt: skip
        assert any(part in address for address in given), f"nothing with {part} was read"
    bodies |= files_in(settings.PUBLIC_DIR) | files_in(settings.QUEUE_DIR)

    assert len(people.marks) > 60
    assert leaks(bodies, people.marks) == {}


def test_one_who_leaks_is_found_in_page_feed_file_and_api(client, people):
    """The control: a name in the name of an opening, and a mailbox in that of an office."""
    opening = people.releases[0]
    Release.objects.filter(pk=opening.pk).update(name="Apertura de Plantadita")
    type(people.office).objects.filter(pk=people.office.pk).update(name_es="Escriba a plantado1@correo-plantado.mx")
    bulk.write_all(now=NOW)
    feeds.write_all(now=NOW)
    asked = [
        f"/aperturas/{opening.pk}/", f"/api/v1/releases/{opening.pk}", "/datos/aperturas/es/red.atom",
        "/datos/aperturas/es/red.ics", "/datos/smart/lugares-tx.ndjson", f"/oficinas/{people.office.code}/",
        f"/datos/carteles/es/{opening.pk}-carta.pdf",
    ]  # fmt: skip
    assert sorted(leaks(read(client, asked), people.marks)) == sorted(f"200 {address}" for address in asked)


def test_a_mark_is_found_however_it_is_written_or_packed():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        folder.writestr("boletos.csv", gzip.compress("código,PLANTADITA".encode()))
    bodies = {"zip": packed.getvalue(), "phone": b"tel. (213) 555-4001", "html": b"plantado1&#64;correo-plantado.mx"}
    marks = ["plantadita", "2135554001", "plantado1@correo-plantado.mx"]
    assert leaks(bodies, marks) == {"zip": {marks[0]}, "phone": {marks[1]}, "html": {marks[2]}}


def test_an_address_that_nobody_can_fill_stops_the_walk(people):
    values, own = values_of(people)
    with pytest.raises(KeyError):
        list(addresses({name: found for name, found in values.items() if name != "month"}, own))
