from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consulates.parties import FreeSlot, choices

NINE = datetime(2026, 11, 24, 15, tzinfo=UTC)
HALF = timedelta(minutes=30)


def slots(*free: int | None) -> list[FreeSlot]:
    """Half-hour slots from nine on; None leaves one out, as a selector leaves out full ones."""
    return [
        FreeSlot(number, NINE + number * HALF, NINE + (number + 1) * HALF, seats)
        for number, seats in enumerate(free)
        if seats is not None
    ]


def values(*free: int | None, party: int) -> list[str]:
    return [choice.value for choice in choices(slots(*free), party)]


def test_one_person_may_take_any_free_slot():
    assert values(1, 0, 2, party=1) == ["0:1", "2:1"]


def test_a_family_fits_at_once_or_in_a_row():
    assert values(2, 1, 3, party=3) == ["0:2,1:1", "1:1,2:2", "2:3"]


def test_a_gap_splits_nobody():
    assert values(1, None, 1, party=2) == []
    assert values(1, 0, 1, party=2) == []
    assert values(2, None, 1, 1, party=2) == ["0:2", "2:1,3:1"]


def test_a_choice_says_until_when_people_are_called():
    [choice] = choices(slots(1, 1), 2)
    assert (choice.starts_at, choice.last_starts_at, choice.together) == (NINE, NINE + HALF, False)


@given(free=st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=12), party=st.integers(1, 5))
def test_every_choice_seats_the_party_in_consecutive_free_slots(free, party):
    known = {slot.id: slot for slot in slots(*free)}
    for choice in choices(slots(*free), party):
        ids = [slot_id for slot_id, _seats in choice.parts]
        assert sum(seats for _slot, seats in choice.parts) == party
        assert all(0 < seats <= known[slot_id].free for slot_id, seats in choice.parts)
        assert ids == list(range(ids[0], ids[0] + len(ids)))
