import pytest

from antifraud.events import Applicant
from antifraud.identities import mailbox_of, person_of, phone_key

T = 1_772_000_000_000  # February 2026


def applicant(**keys) -> Applicant:
    said = {
        "given_names": "Ana María", "surname_1": "de la Peña", "surname_2": "Nájera", "birth_date": "1990-05-17",
        "sex": "F", "curp": "", "minor": False, "guardian": False,
    }  # fmt: skip
    return Applicant(**{**said, **keys})


@pytest.mark.parametrize("typed", ["+5215512345678", "+52 55 1234 5678", "+52 1 55 1234 5678"])
def test_old_mexican_mobile_prefix_is_folded(typed):
    assert phone_key(typed) == phone_key("+525512345678")


@pytest.mark.parametrize("typed", ["(312) 555-0101", "312.555.0101", "1-312-555-0101", "+1 312 555 0101"])
def test_every_spelling_of_a_phone_has_one_key(typed):
    assert phone_key(typed) == phone_key("+13125550101")


def test_spellings_of_one_mailbox_have_one_key():
    one, other = mailbox_of("Ro.sa+kids@googlemail.com"), mailbox_of("rosa@gmail.com")

    assert one.key == other.key


def test_throw_away_domain_is_told():
    assert mailbox_of("x@mailinator.com").disposable
    assert not mailbox_of("x@duck.com").disposable


def test_person_is_one_in_every_spelling_and_order():
    assert (
        person_of(applicant(), T).key
        == person_of(applicant(given_names="MARIA ANA", surname_1="Nájera", surname_2="Peña"), T).key
    )


def test_minor_is_told_by_age_where_nobody_was_asked():
    assert person_of(applicant(birth_date="2015-05-17"), T).minor
    assert not person_of(applicant(), T).minor


def test_curp_of_somebody_else_is_a_contradiction():
    assert person_of(applicant(curp="PEPJ800101HDFRRN04"), T).contradiction
    assert not person_of(applicant(), T).contradiction
