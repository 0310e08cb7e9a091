from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.allocation.dictatorship import Application, Award, Choice, Lot, Skip, allot

DAY, NEXT = date(2027, 1, 9), date(2027, 1, 10)
EARLY, LATE, AWAY = Choice("lax", DAY, "am"), Choice("lax", DAY, "pm"), Choice("boise", NEXT, "am")


def lot(choice, seats, session=1, procedures=()):
    return Lot(*choice, session, seats, procedures)


def wish(code, *choices, party=1, procedure=""):
    return Application(code, party, 1, choices, procedure)


def test_each_in_turn_takes_the_best_that_is_left():
    lots = [lot(EARLY, 1), lot(LATE, 1), lot(AWAY, 1, session=2)]
    order = [wish("A", LATE, EARLY), wish("B", LATE, EARLY), wish("C", LATE, EARLY), wish("D", AWAY)]
    assert allot(order, lots) == [
        Award(1, "A", lots[1]),
        Award(2, "B", lots[0]),
        Skip(3, "C", "none_fits"),
        Award(4, "D", lots[2]),
    ]


def test_family_wins_whole_in_one_session_or_not_at_all():
    lots = [lot(EARLY, 2, session=1), lot(EARLY, 3, session=2)]
    family = wish("F", EARLY, party=3)
    assert allot([family, wish("A", EARLY)], lots) == [Award(1, "F", lots[1]), Award(2, "A", lots[0])]
    assert allot([wish("F", EARLY, party=4)], lots) == [Skip(1, "F", "none_fits")]


def test_seat_of_a_session_without_the_procedure_does_not_suit():
    lots = [lot(EARLY, 5, session=1, procedures=("visa",)), lot(EARLY, 1, session=2, procedures=("passport", "visa"))]
    assert allot([wish("A", EARLY, procedure="passport")], lots) == [Award(1, "A", lots[1])]


def test_nobody_is_passed_over_when_nothing_is_left():
    assert allot([wish("A", EARLY), wish("B", EARLY)], [lot(EARLY, 1)]) == [Award(1, "A", lot(EARLY, 1))]


def test_refused_winner_is_skipped_with_the_reason_and_the_next_takes_the_seat():
    order = [wish("A", EARLY), wish("B", EARLY), wish("C", EARLY)]
    lots = [lot(EARLY, 1)]
    assert allot(order, lots, {"A": "full_permits"}) == [Skip(1, "A", "full_permits"), Award(2, "B", lots[0])]


def test_same_lot_twice_is_refused():
    with pytest.raises(ValueError, match="lot"):
        allot([], [lot(EARLY, 1), lot(EARLY, 2)])


choices = st.sampled_from([EARLY, LATE, AWAY])
worlds = st.tuples(
    st.lists(st.tuples(st.integers(1, 4), st.lists(choices, max_size=3, unique=True)), max_size=12),
    st.lists(st.tuples(choices, st.integers(1, 2), st.integers(0, 6)), max_size=5, unique_by=lambda row: row[:2]),
    st.sets(st.integers(0, 11), max_size=4),
)


@given(worlds)
def test_allotment_keeps_its_promises_in_any_world(world):
    wishes, supply, refusing = world
    order = [wish(f"T{place}", *suits, party=party) for place, (party, suits) in enumerate(wishes, 1)]
    lots = [lot(choice, seats, session) for choice, session, seats in supply]
    refused = {f"T{place}": "full_permits" for place in refusing}
    lines = allot(order, lots, refused)
    left = {entry: entry.seats for entry in lots}
    assert [line.place for line in lines] == list(range(1, len(lines) + 1))
    for line, asked in zip(lines, order, strict=False):
        room = [choice for choice in asked.choices if any(e.choice == choice and left[e] >= asked.party for e in lots)]
        if isinstance(line, Award):
            assert asked.code not in refused
            assert line.lot.choice == room[0], "the best of what is left"
            left[line.lot] -= asked.party
            assert left[line.lot] >= 0
        else:
            assert asked.code in refused or not room
    assert len(lines) == len(order) or not sum(left.values()), "the allotment ends early only with nothing left"


@given(worlds)
def test_later_refusal_changes_nothing_for_those_before(world):
    wishes, supply, refusing = world
    order = [wish(f"T{place}", *suits, party=party) for place, (party, suits) in enumerate(wishes, 1)]
    lots = [lot(choice, seats, session) for choice, session, seats in supply]
    for place in refusing:
        after = allot(order, lots, {f"T{place}": "full_permits"})
        assert after[: place - 1] == allot(order, lots)[: place - 1]
