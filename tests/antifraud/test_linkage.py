"""What a file of records shows that no pair of them shows alone. All people are invented."""

from antifraud.matching.blocking import LARGEST_BLOCK, blocking_keys, candidate_pairs
from antifraud.matching.linkage import match_records
from antifraud.matching.records import Record, prepare

HOME = {"street_number": "88", "street": "Cedar Lane", "locality": "Fresno", "postal_code": "93701", "state": "CA"}
ANA = Record("1", "Beatriz", "Olvera", "Luna", "1990-05-17", "F", "N5521907", **HOME)


def kinds(*records):
    return {(match.record_id_a, match.record_id_b): match.kind for match in match_records(records)}


def copy(number, record=ANA, **changes):
    return record._replace(record_id=number, **changes)


def test_the_order_of_the_records_means_nothing():
    records = [ANA, copy("2", given_names="Baetriz"), copy("3", birth_date=""), copy("4", document_id="X")]

    assert match_records(records) == match_records(reversed(records))


def test_each_pair_stands_once_and_in_order():
    assert list(kinds(copy("b"), copy("a"), copy("c"))) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_two_bad_copies_are_one_person_over_their_original():
    no_name = copy("2", given_names="", surname_2="", birth_date="1990-05-71")
    no_number = copy("3", document_id="N7000001", given_names="Beatris")

    assert kinds(no_name, no_number)["2", "3"] == "possible"
    assert kinds(ANA, no_name, no_number)["2", "3"] == "same"


def test_a_number_typed_for_a_brother_makes_him_nobody_else():
    """The middle record has her name and his number; it joins both, and still they are two people."""
    brother = copy("2", given_names="Tomás", sex="M", birth_date="1994-02-02", document_id="N8110045")
    mixed_up = copy("3", document_id="N8110045")

    found = kinds(ANA, brother, mixed_up)

    assert found["1", "3"] == "same"
    assert found.get(("1", "2")) != "same"


def test_a_blank_name_is_filled_in_by_two_records_that_agree():
    blank = copy("3", given_names="", document_id="N3090909")

    assert kinds(ANA, blank) == {("1", "3"): "possible"}
    assert kinds(ANA, copy("2"), blank) == {("1", "2"): "same", ("1", "3"): "same", ("2", "3"): "same"}


def test_a_blank_name_stays_open_when_there_is_a_twin():
    twin = copy("4", given_names="Rebeca", document_id="N3090908")
    blank = copy("3", given_names="", document_id="N6400131")

    found = kinds(ANA, copy("2"), blank, twin)

    assert found["1", "3"] == found["2", "3"] == found["3", "4"] == "possible"


def test_keys_are_made_of_two_facts_and_empty_ones_of_none():
    assert blocking_keys(prepare(Record("1"))) == set()
    assert all(key.count("|") >= 2 or key.startswith("document") for key in blocking_keys(prepare(ANA)))


def test_a_key_that_a_crowd_shares_pairs_nobody():
    """A shelter: one address, many people, and still no pair for each two of them."""
    dates = [f"{1900 + n % 100}-{n // 100 + 1:02}-01" for n in range(LARGEST_BLOCK + 1)]
    crowd = [Record(f"{n:03}", "", "", "", date, **HOME) for n, date in enumerate(dates)]

    assert list(candidate_pairs([prepare(one) for one in crowd])) == []
    assert len(list(candidate_pairs([prepare(one) for one in crowd[:3]]))) == 3
