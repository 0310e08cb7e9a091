import pytest
from django.core.exceptions import ValidationError

from mexitel.accounts.addresses import canonical_phone, clean_email, masked, phone_prefix, takes_sms
from mexitel.accounts.hints import meant


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Ana@Example.COM ", "ana@example.com"), ("a.b+c@gmail.com", "a.b+c@gmail.com")]
)
def test_clean_email_trims_and_lowers_and_nothing_else(typed, kept):
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "ana", "ana@", "@example.com", "a\x00@example.com", "a" * 250 + "@example.com", "ana@exa mple.com"]
)
def test_clean_email_refuses_what_cannot_be_an_address(typed):
    with pytest.raises(ValidationError):
        clean_email(typed)


@pytest.mark.parametrize(("typed", "kept"), [("(213) 555-0100", "+12135550100"), ("+52 55 1234 5678", "+525512345678")])
def test_canonical_phone_is_e164(typed, kept):
    assert canonical_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "12", "phone", "\x00" * 10, "9" * 60, "+999123456789012"])
def test_canonical_phone_refuses_what_cannot_be_a_number(typed):
    with pytest.raises(ValidationError):
        canonical_phone(typed)


def test_sms_goes_to_few_countries_only():
    assert takes_sms("+12135550100")
    assert takes_sms("+525512345678")
    assert not takes_sms("+37122123456")
    assert phone_prefix("+12135550100") == "+1213555"


def test_masked_shows_enough_to_recognise_ones_own():
    assert (masked("maria@example.com"), masked("+12135550100")) == ("ma•••@example.com", "•••• 0100")


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@gmail.con", "ana@gmail.com"),
        ("ana@hotmial.com", "ana@hotmail.com"),
        ("ana@yaho.com", "ana@yahoo.com"),
        ("ana@gmail.com", ""),
        ("ana@ymail.com", ""),
        ("ana@mail.com", ""),
        ("ana@example.com", ""),
        ("ana@ucla.edu", ""),
        ("ana", ""),
    ],
)
def test_hint_knows_near_misses_and_leaves_real_domains_alone(typed, suggested):
    assert meant(typed) == suggested
