"""A small run of the simulation, and the rest of a freed seat against the SQL that it repeats."""

import random
from pathlib import Path

import pytest

from bench import fair_release as bench

SEEDS = range(12)
ASKING = "everybody asks for one seat"


@pytest.mark.parametrize("way", ["queue", "draw"])
def test_a_hundred_requests_win_what_one_does(way):
    fair = bench.identity_share()
    assert fair == pytest.approx(60 / 460)
    # 12 seeds of 120 seats: two and a half standard deviations, over the two points of the bound.
    assert abs(bench.shares(way, ASKING, SEEDS).seats - fair) < 0.02 + 0.022


def test_first_come_first_served_shows_the_attack():
    assert bench.shares("first come, first served", ASKING, SEEDS).seats > 0.4


def test_who_frees_a_seat_gets_it_back_as_rarely_as_anybody_elses():
    got = bench.retaken("rests, the list first (by day)", SEEDS)
    assert got.own < 1.5 * got.strangers
    assert bench.retaken("back at once", SEEDS).own > 0.9


def test_rest_is_the_one_of_the_claim():
    sql = (Path(__file__).parents[2] / "appointments" / "sql" / "01_helpers.sql").read_text()
    assert sql.count("interval '1 minute' * (15 + random() * 225)") == 2
    drawn = [bench.rest_minutes(random.Random(n)) for n in range(2000)]
    assert 15 <= min(drawn) < 16
    assert 239 < max(drawn) < 240


def test_who_sleeps_loses_nothing():
    """A seat freed at night goes as one that was freed by day, where it went to who was awake."""
    by_day, morning, night = (
        bench.retaken(way, SEEDS).strangers
        for way in (
            "rests, the list first (by day)",
            "freed at night, seen in the morning",
            "freed at night, seen at night",
        )
    )
    assert abs(morning - by_day) < 0.04
    assert night > 2 * morning
    seen = [bench.seen_at(bench.EVENING + n, random.Random(n)) for n in range(-400, 600)]
    assert not [at for at in seen if bench.EVENING <= at < bench.MORNING]
