"""How many are let in: never more than makes sense, and never nobody while a seat is free."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.queueing.pace import FIRST, MOST, Hall, Wait, chance_of, how_many_next, poll_seconds, wait_for

halls = st.builds(
    Hall,
    free=st.integers(0, 6000),
    choosing=st.integers(0, 3000),
    waiting=st.integers(0, 60000),
    ended=st.integers(0, 6000),
    taken=st.integers(0, 12000),
    lately=st.integers(0, 2000),
)


@given(halls)
def test_nobody_is_called_to_nothing_and_nobody_starves(hall):
    people = how_many_next(hall)

    assert 0 <= people <= hall.waiting
    assert people + hall.choosing <= MOST or people == 0
    if not hall.free:
        assert people == 0
    elif hall.waiting and not hall.choosing:
        assert people >= 1


@given(halls)
def test_more_seats_never_call_fewer(hall):
    assert how_many_next(replace(hall, free=hall.free + 1)) >= how_many_next(hall)


def test_it_begins_with_a_handful_and_follows_those_who_finish():
    start = Hall(free=5000, choosing=0, waiting=50_000)
    assert how_many_next(start) == FIRST
    assert how_many_next(replace(start, choosing=FIRST)) == 0
    assert how_many_next(replace(start, choosing=100, ended=100, taken=100, lately=100)) == 200
    assert how_many_next(replace(start, ended=4000, taken=4000, lately=2000)) == MOST


@pytest.mark.parametrize(
    ("ended", "taken", "called"),
    [(0, 0, 10), (180, 180, 10), (180, 80, 20), (180, 380, 5)],
    ids=["at first", "one each", "half come", "families"],
)
def test_ten_seats_call_as_many_as_will_take_them(ended, taken, called):
    assert how_many_next(Hall(free=10, choosing=0, waiting=500, ended=ended, taken=taken, lately=100)) == called


def test_a_wait_is_a_range_and_nothing_is_said_without_a_pace():
    assert wait_for(ahead=100, called_a_minute=0) is None
    assert wait_for(ahead=100, called_a_minute=20) == Wait(3, 8)
    assert wait_for(ahead=1, called_a_minute=200) == Wait(1, 1)
    assert wait_for(ahead=1000, called_a_minute=20) == Wait(30, 90)


def test_chances_are_said_as_they_are():
    assert chance_of(ahead=10, free=100, back=0) == "likely"
    assert chance_of(ahead=100, free=90, back=0) == "open"
    assert chance_of(ahead=1000, free=90, back=30) == "small"


def test_fifty_thousand_pages_look_at_the_file_at_most_two_thousand_times_a_second():
    assert 50_000 / poll_seconds(waiting=50_000) < 2000
    assert poll_seconds(waiting=10) == 3
