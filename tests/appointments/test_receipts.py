import base64
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from appointments.receipts import (
    InvalidReceipt,
    Receipt,
    check,
    find_token,
    person_digest,
    sign,
)
from mexitel.utils.signing import SigningKey, as_jwk, key_name, public_key

KEY = SigningKey.from_seed(base64.b64encode(bytes(range(32))).decode())
OTHER = SigningKey.from_seed(base64.b64encode(bytes(range(1, 33))).decode())
KEYS = {KEY.name: KEY.public}
BIRTH = date(1980, 2, 3)
NAMES = ["Ana María", "Núñez", "Ruiz"]
RECEIPT = Receipt(
    reference="ABCDEFGH0",
    office="san-bernardino",
    starts_at=datetime(2027, 8, 3, 10, 30, tzinfo=ZoneInfo("America/Los_Angeles")),
    procedure="passport-adult-renewal",
    person=person_digest(reference="ABCDEFGH0", names=NAMES, birth_date=BIRTH),
)
TOKEN = sign(RECEIPT, key=KEY)


def test_receipt_says_what_was_signed():
    assert check(TOKEN, keys=KEYS) == RECEIPT
    assert TOKEN.startswith(f"MX1.{KEY.name}.ABCDEFGH0.san-bernardino.20270803T1030-0700.passport-adult-renewal.")


def test_receipt_names_nobody():
    assert not any(word in TOKEN.lower() for word in ["ana", "mar", "nunez", "núñez", "ruiz", "1980"])


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_receipt_with_one_letter_changed_is_refused(place):
    for letter in {"A", "b", "0", "-", "."} - {TOKEN[place]}:
        with pytest.raises(InvalidReceipt):
            check(TOKEN[:place] + letter + TOKEN[place + 1 :], keys=KEYS)


@pytest.mark.parametrize("end", [0, 1, 10, len(TOKEN) - 1])
def test_receipt_cut_short_is_refused(end):
    with pytest.raises(InvalidReceipt):
        check(TOKEN[:end], keys=KEYS)


@pytest.mark.parametrize(
    "text", ["", "MX1", "MX1.......", "MX2" + TOKEN[3:], TOKEN + ".", TOKEN + "\n", "á" * 50, "M" * 10**6]
)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidReceipt):
        check(text, keys=KEYS)


def test_signature_of_one_receipt_does_not_fit_another():
    later = sign(replace(RECEIPT, starts_at=RECEIPT.starts_at.replace(hour=11)), key=KEY)
    with pytest.raises(InvalidReceipt):
        check(later.rpartition(".")[0] + "." + TOKEN.rpartition(".")[2], keys=KEYS)


def test_another_key_is_refused_even_under_our_name():
    forged = sign(RECEIPT, key=SigningKey(OTHER.private, KEY.name))
    with pytest.raises(InvalidReceipt):
        check(forged, keys=KEYS)
    with pytest.raises(InvalidReceipt):
        check(sign(RECEIPT, key=OTHER), keys=KEYS)


def test_receipt_of_an_earlier_key_stays_good_while_it_is_published():
    assert check(sign(RECEIPT, key=OTHER), keys={**KEYS, OTHER.name: OTHER.public}) == RECEIPT


@pytest.mark.parametrize(
    "names", [NAMES, ["ANA MARIA", "NUNEZ", "RUIZ"], ["ana ma.", "Nuñez Ruiz"], ["Ruiz", "Núñez", "María Ana"]]
)
def test_door_knows_the_person_in_any_spelling(names):
    assert RECEIPT.is_of(names=names, birth_date=BIRTH)


@pytest.mark.parametrize(
    ("names", "birth"),
    [(["Ana María", "Núñez"], BIRTH), (["Eva María", "Núñez", "Ruiz"], BIRTH), (NAMES, date(1980, 2, 4))],
)
def test_door_refuses_another_person(names, birth):
    assert not RECEIPT.is_of(names=names, birth_date=birth)


def test_digest_of_one_person_differs_from_receipt_to_receipt():
    digests = {person_digest(reference=reference, names=NAMES, birth_date=BIRTH) for reference in ["A", "B", "C"]}
    assert len(digests) == 3


def test_published_key_is_enough_to_check():
    key = public_key(as_jwk(KEY.public)["x"])
    assert check(TOKEN, keys={key_name(key): key}) == RECEIPT


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"https://citas.example/verificar/?r={TOKEN}",
        f"  {TOKEN}\n",
        f"Mi cita: https://citas.example/verificar/?r={TOKEN[:40]}\n{TOKEN[40:]}",
    ],
)
def test_pasted_text_is_searched_for_the_receipt(pasted):
    assert find_token(pasted) == TOKEN


def test_pasted_text_without_a_receipt_gives_nothing():
    assert find_token("hola") == ""
