"""Moments, shares and recurrence: no database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consulates.calendars import NonexistentLocalTime
from consulates.models import Gate
from consulates.releases.errors import DifferentMoments, TelephoneEndsTooSoon
from consulates.releases.moments import Terms, is_odd_hour, moments_of, way_at
from consulates.releases.recurrence import days_opened, openings
from consulates.releases.shares import phone_seats

HOUR = timedelta(hours=1)
ZONES = {1: "America/Chicago", 2: "America/Los_Angeles"}


def terms(mode=Gate.OPEN, **changes):
    values = {"name": "x", "mode": mode, "day": date(2026, 12, 2), "hour": time(13, 30)}
    if mode != Gate.OPEN:
        values |= {"joins_before": 2 * HOUR, "gate_for": 24 * HOUR}
    return Terms(**(values | changes))


@given(some.lists(some.integers(0, 40), max_size=60), some.integers(0, 50))
def test_share_is_met_over_the_whole_and_no_slot_gives_more_than_it_has(seats, percent):
    phone = phone_seats(seats, percent)

    assert sum(phone) == -(-sum(seats) * percent // 100)
    assert all(0 <= kept <= has for kept, has in zip(phone, seats, strict=True))


def test_share_is_spread_and_not_rounded_slot_by_slot():
    assert phone_seats([2] * 10, 10) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_open_release_opens_at_the_same_wall_time_in_each_zone():
    found = moments_of(terms(), ZONES)

    assert found.opens == {1: datetime(2026, 12, 2, 19, 30, tzinfo=UTC), 2: datetime(2026, 12, 2, 21, 30, tzinfo=UTC)}
    assert found.first == found.opens[1]
    assert (found.joins_from, found.opens_to_all_at, found.phone_until) == (None, None, None)


@pytest.mark.parametrize("mode", [Gate.QUEUE, Gate.DRAW])
def test_queue_and_draw_are_one_moment_and_offices_of_two_zones_need_a_clock(mode):
    with pytest.raises(DifferentMoments) as refused:
        moments_of(terms(mode), ZONES)
    assert refused.value.zones == ["America/Chicago", "America/Los_Angeles"]

    found = moments_of(terms(mode, clock="America/Los_Angeles"), ZONES)

    assert set(found.opens.values()) == {datetime(2026, 12, 2, 21, 30, tzinfo=UTC)}
    assert found.joins_from == found.first - 2 * HOUR
    assert found.opens_to_all_at == found.first + 24 * HOUR


def test_telephone_keeps_its_places_until_the_last_office_has_opened():
    with pytest.raises(TelephoneEndsTooSoon):
        moments_of(terms(phone_share=10, phone_for=2 * HOUR), ZONES)

    assert moments_of(terms(phone_share=10, phone_for=3 * HOUR), ZONES).phone_until is not None


def test_hour_that_the_clocks_skip_is_refused():
    with pytest.raises(NonexistentLocalTime):
        moments_of(terms(day=date(2027, 3, 14), hour=time(2, 30)), ZONES)


@pytest.mark.parametrize(("hour", "odd"), [(7, True), (8, False), (19, False), (20, True), (1, True)])
def test_hours_at_which_people_sleep_are_odd(hour, odd):
    at = datetime(2026, 12, 2, hour + 6, 0, tzinfo=UTC) if hour < 18 else datetime(2026, 12, 3, hour - 18, tzinfo=UTC)

    assert is_odd_hour(at, "America/Chicago") is odd


def test_way_of_a_place_changes_at_its_moments():
    opens, to_all = datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC)
    seen = [way_at(Gate.DRAW, opens_at=opens, opens_to_all_at=to_all, at=at) for at in (opens - HOUR, opens, to_all)]

    assert seen == ["later", "draw", "all"]
    assert way_at(Gate.OPEN, opens_at=opens, opens_to_all_at=None, at=opens) == "all"


def test_rule_of_wednesdays_opens_the_week_of_two_weeks_later():
    days = list(openings(2, first=date(2026, 11, 30), last=date(2026, 12, 9)))

    assert days == [date(2026, 12, 2), date(2026, 12, 9)]
    assert days_opened(days[0], weeks_ahead=2) == (date(2026, 12, 14), date(2026, 12, 20))
