"""What everybody reads: pages, files and the API show the same numbers, without a query, and find nobody."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import SupplyFact, UseFact
from appointments.statistics import definitions, files, freezing, privacy, published
from mexitel.utils.plots import Plot, Series
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db
MONTH = date(2026, 3, 1)


@pytest.fixture
def office():
    return make.office("prueba")


def facts_of(office, *, booked=103, kept=88, no_show=3, day=MONTH, offered=120):
    procedure = make.procedure()
    SupplyFact.objects.create(
        day=day, consulate=office, kind="saturday", sessions=1, sessions_held=1, nominal=150, offered=offered,
        reserved=4, is_sample=False,
    )  # fmt: skip
    UseFact.objects.create(
        day=day, consulate=office, kind="saturday", procedure=procedure, channel="web", booked=booked, kept=kept,
        no_show=no_show, cancelled=7, moved_away=0, displaced=0, freed=7, reused=6, lead_days=booked * 9,
    )  # fmt: skip
    return procedure


def pages_of(office):
    return [
        reverse("figures"),
        reverse("figures_month", args=["2026-03"]),
        reverse("figures_office", args=[office.code]),
        reverse("figures_office_month", args=[office.code, "2026-03"]),
    ]


def test_pages_say_the_same_as_the_api_and_the_files(client, office):
    facts_of(office)

    page = client.get(reverse("figures_office_month", args=[office.code, "2026-03"])).text
    told = client.get(f"/api/v1/figures/offices/{office.code}/2026-03").json()["totals"]
    [row] = csv.DictReader(io.StringIO(client.get("/datos/cifras/2026-03.csv").text))

    expected = {"offered": 120, "booked": 105, "kept": 90, "no_show": "<5", "cancelled": 5, "reused": 5}
    assert {code: told[code] for code in expected} == expected
    assert {code: row[code] for code in expected} == {code: str(value) for code, value in expected.items()}
    assert (row["office"], row["session_kind"], row["capacity_opened"]) == ("prueba", "saturday", "82.7")
    assert "se ofrecieron 120 lugares" in page
    assert "&lt;5" in page


def test_a_warm_page_asks_no_database(client, office):
    facts_of(office)
    files_and_api = ["/api/v1/figures", "/datos/cifras/2026-03-dias.csv", "/datos/cifras/diccionario.csv"]
    addresses = pages_of(office) + files_and_api
    for address in addresses:
        assert client.get(address).status_code == 200

    with CaptureQueriesContext(
        connection,
    ) as queries:
        for address in addresses:
            client.get(address)

    assert [query["sql"] for query in queries] == []


def test_every_plot_has_its_name_its_description_and_a_table_of_the_same_numbers(client, office):
    facts_of(office)

    for address in pages_of(office):
        page = client.get(address).text
        drawn = page.count('class="pl-plot"')
        assert drawn >= 4
        assert page.count("<desc ") == page.count('aria-labelledby="') == drawn
        assert page.count("<details") == drawn


def test_pages_with_numbers_are_plain_spanish(client, office):
    facts_of(office)

    for address in pages_of(office):
        assert_plain(sentences_of(client.get(address).text))


def test_the_page_says_whether_a_month_can_still_change_and_that_sample_is_sample(client, office):
    facts_of(office)
    address = reverse("figures_month", args=["2026-03"])
    before = client.get(address).text
    SupplyFact.objects.update(is_sample=True)
    frozen = freezing.freeze(MONTH, now=NOW, from_ledger=False)
    published.published.path_of("datos/cifras/red-2026-03.json").unlink()
    after = client.get(address).text

    assert ["todavía pueden cambiar" in before, "Ya no cambian nunca" in before, "inventadas" in before] == [1, 0, 0]
    assert ["todavía pueden cambiar" in after, "Ya no cambian nunca" in after, "inventadas" in after] == [0, 1, 1]
    assert frozen.files["2026-03.csv"] in after


@pytest.mark.parametrize(
    "address",
    [
        "/cifras/2019-13/", "/cifras/2031-01/", "/cifras/oficinas/nadie/", "/cifras/oficinas/nadie/2026-03/",
        "/datos/cifras/2026-03.csv", "/datos/cifras/2026-99.csv", "/datos/cifras/2026-03-otros.csv",
        "/api/v1/figures/2026-03", "/api/v1/figures/offices/nadie",
    ],
)  # fmt: skip
def test_what_there_is_not_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_people_are_rounded_where_they_are_told_and_places_are_not():
    assert [privacy.published("kept", value) for value in (0, 1, 4, 5, 7, 8, 103)] == [0, "<5", "<5", 5, 5, 10, 105]
    assert privacy.published("offered", 3) == 3


def test_no_column_about_people_leaves_the_house_exact(client, office):
    """A subtraction of published numbers tells nobody apart: each is rounded by itself."""
    facts_of(office, booked=4, kept=2, no_show=1)
    facts_of(office, booked=101, kept=100, no_show=1, day=date(2026, 3, 7))
    texts = [content.decode() for content in files.of_month(MONTH).values()]

    for text in texts:
        for row in csv.DictReader(io.StringIO(text)):
            for code in definitions.USE:
                value = row.get(code, "0")
                assert value == "<5" or int(value) % 5 == 0
    document = json.dumps(published.month(None, "2026-03", now=NOW))
    assert '"booked": 105' in document
    assert '"booked": "<5"' in document


def test_the_dictionary_has_every_column_of_every_file_in_both_languages():
    rows = {row["column"]: row for row in csv.DictReader(io.StringIO(files.dictionary().decode()))}

    for keys, columns in files.KINDS.values():
        for column in ["month", *(files.HEADINGS.get(key, key) for key in keys), *columns]:
            assert rows[column]["significado"]
            assert rows[column]["meaning"] != rows[column]["significado"]


def test_a_record_is_the_highest_month_and_the_earliest_of_equals(client, office):
    for month, kept in ((1, 50), (2, 90), (3, 90)):
        facts_of(office, kept=kept, day=date(2026, month, 7))

    found = client.get("/api/v1/figures").json()["records"]

    assert {"measure": "kept", "month": "2026-02", "value": 90} in found


def test_a_plot_is_a_drawing_that_any_reader_of_svg_understands():
    plot = Plot(
        "Título <b>", "Dice", ["a", "b", "c"], [Series("Uno", [3, None, 7], 1), Series("Dos", [1, 2, 3], 2)], slug="x"
    )

    for text in (plot.columns(), plot.lines(), plot.rows(["3", "–", "7"])):
        root = ET.fromstring(text)
        assert root.attrib["aria-labelledby"] == "x-title x-desc"
        assert [node.text for node in root if node.tag in ("title", "desc")] == ["Título <b>", "Dice"]
        places = [float(node.attrib["y"]) + float(node.attrib["height"]) for node in root if node.tag == "rect"]
        assert all(0 <= place <= float(root.attrib["viewBox"].split()[3]) for place in places)


def test_a_long_name_takes_a_second_line_and_loses_no_letter():
    name = "Matrícula consular de alta seguridad (MCAS), mayor de edad"

    root = ET.fromstring(Plot("T", "D", [name, "Corto"], [Series("Uno", [9, 4], 1)]).rows(["9", "4"]))

    lines = [node.text for node in root if node.attrib.get("class") == "pl-name"]
    assert lines == ["Matrícula consular de alta seguridad (MCAS),", "mayor de edad", "Corto"]
    heights = [float(node.attrib["y"]) for node in root if node.tag == "text"]
    assert heights == sorted(set(heights))
    assert min(heights) > 10
