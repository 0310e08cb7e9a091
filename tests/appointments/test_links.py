import base64
from uuid import UUID, uuid4

import pytest

from appointments.links import LENGTH, BadLink, Subject, read_token, token_for
from appointments.models import Appointment

PARTY = UUID("01a20a41-9de3-79f2-b1aa-da5a383d1062")


def test_link_opens_what_it_was_made_for():
    assert read_token(token_for(PARTY)) == Subject("party", PARTY)
    assert read_token(token_for(Appointment(pk=PARTY))) == Subject("appointment", PARTY)


def test_link_is_the_same_every_time_and_another_for_everything_else():
    tokens = {token_for(PARTY), token_for(PARTY), token_for(Appointment(pk=PARTY)), token_for(uuid4())}
    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {LENGTH}


@pytest.mark.parametrize("place", range(LENGTH))
def test_link_with_one_letter_changed_is_bad(place):
    token = token_for(PARTY)
    for letter in {"A", "b", "0", "-", "+", "/", "="} - {token[place]}:
        with pytest.raises(BadLink):
            read_token(token[:place] + letter + token[place + 1 :])


@pytest.mark.parametrize("text", ["", "x", "\x00" * LENGTH, "ñ" * LENGTH, "A" * LENGTH, "A" * 10**6, "." * LENGTH])
def test_anything_else_is_bad(text):
    with pytest.raises(BadLink):
        read_token(text)


def test_link_of_another_installation_is_bad(settings):
    token = token_for(PARTY)
    settings.HASH_KEY = "another"
    with pytest.raises(BadLink):
        read_token(token)


def test_link_carries_128_bits_that_cannot_be_guessed():
    raw = base64.urlsafe_b64decode(token_for(PARTY))
    assert raw[1:17] == PARTY.bytes
    assert len(raw[17:]) * 8 == 128
