"""Are two records one person? All people are invented; Andrea and Adriana, Luis and Luisa are twins."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antifraud.matching import verdict as rules
from antifraud.matching import weights
from antifraud.matching.records import Record, prepare
from antifraud.matching.verdict import judge

LUCIA = Record(
    "1", "Lucía", "Robles", "Quintana", "1987-03-04", "F", "ROQL870304MJCBNC07",
    "4120", "Maple Street", "Houston", "77002", "TX",
)  # fmt: skip
FOLLOWING = {"given_names": "Elena", "birth_date": "1989-06-21", "document_id": "ROQE890621MJCBNL03"}


def kind(a, b):
    return judge(prepare(a), prepare(b)).kind


def other(record=LUCIA, **changes):
    return record._replace(record_id="2", **changes)


def test_a_record_is_the_same_person_as_its_copy():
    assert kind(LUCIA, other()) == "same"


@pytest.mark.parametrize(
    "changes",
    [
        {"given_names": "LUCIA", "surname_1": "ROBLES"},
        {"given_names": "Lucia", "surname_1": "Robels"},
        {"surname_2": ""},
        {"surname_1": "Quintana", "surname_2": "Robles"},
        {"surname_1": "Robles-Quintana", "surname_2": ""},
        {"surname_1": "de Robles"},
        {"given_names": "Robles Quintana", "surname_1": "Lucía", "surname_2": ""},
        {"birth_date": "1987-04-03"},
        {"birth_date": "04/03/1987"},
        {"birth_date": "1987-03-05"},
        {"birth_date": ""},
        {"birth_date": "unknown"},
        {"document_id": "ROQL870304MJCBNC"},
        {"document_id": "ROQL87O304MJCBNC07"},
        {"document_id": ""},
        {"given_names": ""},
        {"sex": ""},
        {"street_number": "", "street": "", "locality": "", "postal_code": "", "state": ""},
        {"street_number": "9", "street": "Oak Lane", "locality": "Dallas", "postal_code": "75201"},
    ],
    ids=lambda changes: " ".join(f"{field}={text}" for field, text in changes.items()),
)
def test_one_slip_of_the_finger_or_one_empty_cell_leaves_one_person(changes):
    assert kind(LUCIA, other(**changes)) == "same"


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ("María Fernanda", "Ma. Fernanda"),
        ("José Luis", "J. Luis"),
        ("Luis Ángel", "Ángel Luis"),
        ("María Guadalupe", "Guadalupe"),
        ("Juan Carlos", "Juan"),
    ],
)
def test_given_names_as_mexico_writes_them_are_one_name(given, again):
    assert kind(LUCIA._replace(given_names=given), other(given_names=again)) == "same"


TWINS = [
    ("Andrea", "Adriana", "ROQA870304MJCBNN01", "ROQA870304MJCBND02", "F"),
    ("Luis", "Luisa", "ROQL870304HJCBNS01", "ROQL870304MJCBNS08", "M"),
    ("Mario", "Marco", "ROQM870304HJCBNR05", "ROQM870304HJCBNR13", "M"),
    ("Juan Carlos", "Juan Pablo", "ROQJ870304HJCBNN09", "ROQJ870304HJCBNN17", "M"),
    ("María José", "María Elena", "ROQJ870304MJCBNS06", "ROQE870304MJCBNL04", "F"),
]


@pytest.mark.parametrize(("name", "twin", "curp", "curp_of_twin", "sex"), TWINS)
@pytest.mark.parametrize("documents", ["both", "one", "none"])
def test_twins_are_never_one_person(name, twin, curp, curp_of_twin, sex, documents):
    a = LUCIA._replace(given_names=name, sex=sex, document_id=curp if documents != "none" else "")
    b = other(given_names=twin, sex=(curp_of_twin[10] == "M" and "F") or "M")
    b = b._replace(document_id=curp_of_twin if documents == "both" else "")

    assert kind(a, b) != "same"


def test_twins_whose_curps_are_one_letter_apart_are_not_one_person():
    a = LUCIA._replace(given_names="Alma", document_id="ROQA870304MJCBNL05")
    b = other(given_names="Ana", document_id="ROQA870304MJCBNN05")

    assert kind(a, b) != "same"


def test_twins_with_passports_issued_together_are_not_one_person():
    a = LUCIA._replace(given_names="Alma", document_id="G41230718")
    b = other(given_names="Beatriz", document_id="G41230719")

    assert kind(a, b) != "same"


def test_the_given_name_veto_is_what_keeps_twins_apart(monkeypatch):
    """Control."""
    a = LUCIA._replace(given_names="Alma", document_id="G41230718")
    b = other(given_names="Beatriz", document_id="")
    assert judge(prepare(a), prepare(b)).vetoes == ("given_name",)

    monkeypatch.delitem(rules.VETOES, "given_name")

    assert kind(a, b) == "same"


@pytest.mark.parametrize("missing", [{}, {"document_id": ""}, {"birth_date": ""}, {"surname_2": ""}, {"sex": ""}])
def test_siblings_under_one_roof_are_different(missing):
    assert kind(LUCIA._replace(**missing), other(**FOLLOWING, **{})._replace(**missing)) == "different"


def test_the_weights_of_relatives_are_what_keeps_siblings_apart(monkeypatch):
    """Control: against strangers alone, one address and two surnames outweigh name, date and document."""

    def against_strangers_alone(levels):
        strangers = weights.weigh(levels).strangers
        return weights.Bits(strangers, strangers)

    monkeypatch.setattr(rules, "weigh", against_strangers_alone)

    assert kind(LUCIA, other(**FOLLOWING)) == "possible"


@pytest.mark.parametrize("document", ["", "ROQL620911MJCBNC04"])
def test_mother_and_daughter_of_one_name_are_not_one_person(document):
    daughter = LUCIA._replace(surname_2="")
    mother = other(daughter, birth_date="1962-09-11", document_id=document)

    assert kind(daughter, mother) != "same"
    assert kind(daughter._replace(birth_date=""), mother) != "same"


def test_without_the_date_veto_father_and_son_would_merge_over_a_missing_date(monkeypatch):
    a, b = LUCIA._replace(document_id="", birth_date=""), other(document_id="")
    assert judge(prepare(a), prepare(b)).vetoes == ("birth_date",)

    monkeypatch.delitem(rules.VETOES, "birth_date")

    assert kind(a, b) == "same"


def test_name_and_birth_date_alone_are_at_most_possible(monkeypatch):
    a = Record("1", "Juan", "Hernández", "García", "1987-03-04", "M")
    b = a._replace(record_id="2")
    assert kind(a, b) == "possible"

    monkeypatch.delitem(rules.VETOES, "witness")

    assert kind(a, b) == "same"


@pytest.mark.parametrize(
    ("document", "verdict"), [("N5521907", "same"), ("N5521970", "same"), ("", "possible"), ("N7315522", "possible")]
)
def test_a_number_that_is_no_echo_of_the_name_can_mend_a_given_name(document, verdict):
    a = LUCIA._replace(document_id="N5521907")

    assert kind(a, other(given_names="Ximena", document_id=document)) == verdict


def test_documents_of_two_kinds_say_nothing():
    assert judge(prepare(LUCIA), prepare(other(document_id="G41230718"))).levels.document == "missing"


NAMES = st.sampled_from(["Ana", "Luis", "Luisa", "María José", "J.", "de la O", "Núñez", "Hernández", "X", ""])
RECORDS = st.builds(
    Record,
    record_id=st.just("1"),
    given_names=NAMES | st.text(max_size=12),
    surname_1=NAMES,
    surname_2=NAMES,
    birth_date=st.sampled_from(["1987-03-04", "1987-04-03", "19870305", "04/03/1987", "2001-01-01", "198703", ""]),
    sex=st.sampled_from(["F", "M", "X", ""]),
    document_id=st.sampled_from(["ROQL870304MJCBNC07", "ROQL870304MJCBNC15", "G41230718", "G41230781", "7", ""]),
    street_number=st.sampled_from(["12", "12-A", "120", ""]),
    street=st.sampled_from(["Maple Street", "Calle Maple", "Mapel St", "Oak", ""]),
    locality=st.sampled_from(["Houston", "Huoston", "Dallas", ""]),
    postal_code=st.sampled_from(["77002", "77020", "9", ""]),
    state=st.sampled_from(["TX", "CA", ""]),
)


def test_exchanged_names_weigh_the_same_from_either_side():
    a = LUCIA._replace(given_names="Ana", surname_1="Luis", surname_2="X")
    b = LUCIA._replace(record_id="2", given_names="Luis", surname_1="Ana", surname_2="")

    assert judge(prepare(a), prepare(b)) == judge(prepare(b), prepare(a))


@given(RECORDS, RECORDS)
def test_the_order_of_two_records_means_nothing(a, b):
    assert judge(prepare(a), prepare(b)) == judge(prepare(b), prepare(a))


@given(RECORDS)
def test_no_record_contradicts_itself(record):
    person = prepare(record)
    levels = judge(person, person).levels

    assert not {"other", "another", "kin", "half"} & set(levels)


@given(RECORDS, st.sampled_from(Record._fields[1:]))
def test_emptying_a_cell_never_speaks_for_one_person(record, field):
    whole, emptied = prepare(record), prepare(record._replace(**{field: ""}))

    assert judge(whole, emptied).score <= judge(whole, whole).score


def test_every_level_that_can_occur_has_its_weight():
    texts = [LUCIA, *(other(**{field: text}) for field in LUCIA._fields[1:] for text in ("", "Zzyzx", "1"))]

    for a, b in permutations(map(prepare, texts), 2):
        judge(a, b)  # a KeyError would say which level weights.toml forgot
