from decimal import Decimal

import pytest

from consulates import reference, requirements
from consulates.models import AddressBasis, BookingWay, Consulate, Place, Procedure
from consulates.places import find_place

pytestmark = pytest.mark.django_db


def test_the_network_has_51_offices_and_30_procedures():
    assert reference.load_offices() == reference.Loaded(created=51, updated=0, kept=0)
    assert reference.load_procedures() == reference.Loaded(created=30, updated=0, kept=0)
    assert Consulate.objects.filter(kind="consular_section").get().code == "washington"
    assert Procedure.objects.bookable().count() == 14


def test_loading_again_changes_nothing():
    reference.load_offices()
    reference.load_procedures()
    assert reference.load_offices() == reference.Loaded(0, 0, 0)
    assert reference.load_procedures() == reference.Loaded(0, 0, 0)


def test_what_staff_edited_is_never_overwritten():
    reference.load_offices()
    Consulate.objects.filter(code="detroit").update(
        street_address="1 Woodward Ave", address_basis=AddressBasis.VERIFIED
    )
    assert reference.load_offices() == reference.Loaded(created=0, updated=0, kept=1)
    office = Consulate.objects.get(code="detroit")
    assert (office.street_address, office.address_is_known) == ("1 Woodward Ave", True)


def test_a_field_that_nobody_edited_follows_the_file(monkeypatch):
    reference.load_procedures()
    Procedure.objects.filter(code="will").update(name_es="Testamento")
    rows = reference.rows_of("services.csv")
    monkeypatch.setattr(
        reference,
        "rows_of",
        lambda name, original=reference.rows_of: (
            [row | {"fee_usd_2026": "460", "name_es": "Otro"} for row in rows]
            if name == "services.csv"
            else original(name)
        ),
    )
    reference.load_procedures()
    will = Procedure.objects.get(code="will")
    assert (will.fee_usd, will.name_es) == (Decimal(460), "Testamento")


def test_only_addresses_read_on_a_page_are_shown():
    reference.load_offices()
    known = {office.code for office in Consulate.objects.all() if office.address_is_known}
    assert len(known) == 21
    assert not known & {"austin", "atlanta", "detroit", "presidio"}


def test_passports_are_one_group_and_consular_ids_another():
    reference.load_procedures()
    groups = dict(Procedure.objects.values_list("code", "group"))
    assert {code for code, group in groups.items() if group == "passport"} == {
        "passport-adult-first",
        "passport-adult-renewal",
        "passport-minor-first",
        "passport-minor-renewal",
    }
    assert {code for code, group in groups.items() if group == "consular-id"} == {
        "consular-id-adult",
        "consular-id-minor",
    }


def test_every_code_has_its_sentence():
    reference.load_procedures()
    for procedure in Procedure.objects.all():
        assert set(procedure.requires) <= set(requirements.REQUIRES)
        assert set(procedure.companions) <= set(requirements.COMPANIONS)
        if procedure.booking == BookingWay.CENTRAL:
            assert procedure.how_to == ""
        else:
            assert requirements.how_to_get(procedure)


def test_every_fee_has_its_year_and_source():
    reference.load_procedures()
    for procedure in Procedure.objects.exclude(fee_usd=None):
        assert procedure.fee_year == 2026
        assert procedure.fee_source.startswith("https://")


def test_the_map_knows_zip_codes_towns_and_their_spanish_names():
    reference.load_offices()
    assert reference.load_places() == Place.objects.count() > 75_000
    assert find_place("90012").name == "90012 (Los Angeles, CA)"
    assert find_place("Los Ángeles").name == "Los Angeles, CA"
    assert find_place("NUEVA YORK").name == "New York, NY"
    assert find_place("nuevo méxico").name == "New Mexico"
    assert find_place("Filadelfia").name == "Philadelphia, PA"
    assert find_place("Washington").name == "Washington, DC"
    assert find_place("kansas city, ks").name == "Kansas City, KS"
    # Every office's own city is found.
    for office in Consulate.objects.all():
        found = find_place(f"{office.city}, {office.state}")
        assert abs(found.latitude - float(office.latitude)) < 0.5
