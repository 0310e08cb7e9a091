"""What a CURP says about a person, held against the form. All people are invented."""

from datetime import date

import pytest

from antifraud.curp import Identity, contradictions, derive_curp

BORN = date(1987, 3, 4)


def person(given="Lucía", first="Robles", second="Quintana", *, sex="F", state="", born=BORN):
    return Identity(given, first, second, born, sex, state)


@pytest.mark.parametrize(
    ("identity", "curp"),
    [
        (person(), "ROQL870304M??BNC"),
        (person(state="JC"), "ROQL870304MJCBNC"),
        (person(state="NE"), "ROQL870304MNEBNC"),
        (person("María Fernanda"), "ROQF870304M??BNR"),
        (person("Ma. Fernanda"), "ROQF870304M??BNR"),
        (person("María de los Ángeles"), "ROQA870304M??BNN"),
        (person("J. Guadalupe", sex="M"), "ROQG870304H??BND"),
        (person("José", sex="M"), "ROQJ870304H??BNS"),
        (person("María José"), "ROQJ870304M??BNS"),
        (person("Ana Sofía"), "ROQA870304M??BNN"),
        (person(first="Ñandú"), "XAQL870304M??NNC"),
        (person(first="Núñez"), "NUQL870304M??XNC"),
        (person(first="Nu\u0301n\u0303ez"), "NUQL870304M??XNC"),  # the same, typed with combining marks
        (person(first="De la O"), "OXQL870304M??XNC"),
        (person(second="de la Cruz"), "ROCL870304M??BRC"),
        (person(first="Mac Gregor"), "GEQL870304M??RNC"),
        (person(first="Robles-Gil"), "ROQL870304M??BNC"),
        (person(first="D'Angelo"), "DAQL870304M??NNC"),
        (person(second=""), "ROXL870304M??BXC"),
        (person("Olga", "Pérez", "Nava"), "PENO870304M??RVL"),
        (person("Óscar", "Pérez", "Díaz", sex="M"), "PXDO870304H??RZS"),  # PEDO would be rude
        (person(sex="X"), "ROQL870304???BNC"),
        (person(born=date(2001, 12, 31)), "ROQL011231M??BNC"),
    ],
)
def test_derive_curp_follows_the_registry(identity, curp):
    assert derive_curp(identity) == curp


def test_contradictions_of_ones_own_curp_are_none():
    assert contradictions("ROQL870304MJCBNC07", person(state="JC")) == ()


@pytest.mark.parametrize(
    ("identity", "parts"),
    [
        (person("Elena"), ("given_names",)),
        (person(first="Ibarra"), ("surname_1",)),
        (person(second="Ibarra"), ("surname_2",)),
        (person(born=date(1987, 4, 3)), ("birth_date",)),
        (person(sex="M"), ("sex",)),
        (person(state="OC"), ("birth_state",)),
        (person(state="NE"), ("birth_state",)),
        (person("Tomás", "Ibarra", "Vega", sex="M"), ("surname_1", "surname_2", "given_names", "sex")),
    ],
)
def test_contradictions_name_what_does_not_fit(identity, parts):
    assert contradictions("ROQL870304MJCBNC07", identity) == parts


@pytest.mark.parametrize(
    ("curp", "identity"),
    [
        ("ROQL870304MJCBNC07", person(second="")),  # a surname left out is no lie
        ("ROQM870304MJCBNR07", person("María Fernanda")),  # a clerk took the first word
        ("PEDO870304HJCRZS07", person("Óscar", "Pérez", "Díaz", sex="M")),  # the rude word was left standing
        ("PXDO870304HJCRZS07", person("Óscar", "Pérez", "Díaz", sex="M")),
        ("ROQL870304MNEBNC07", person()),  # born abroad, and the form does not ask where
        ("ROQL870304XJCBNC07", person(sex="X")),
    ],
)
def test_contradictions_are_kind_to_known_exceptions(curp, identity):
    assert contradictions(curp, identity) == ()
