from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consulates import calendars
from consulates.calendars import Hours, plan_slots, to_utc
from consulates.reference import rows_of

ZONES = sorted({row["time_zone"] for name in ("offices.csv", "sessions_sample.csv") for row in rows_of(name)})
MOVING = [name for name in ZONES if name not in {"America/Phoenix", "America/Puerto_Rico"}]
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize("zone", MOVING)
def test_an_hour_that_spring_skips_is_refused(zone):
    with pytest.raises(calendars.NonexistentLocalTime):
        to_utc(SPRING, time(2, 30), zone)


@pytest.mark.parametrize("zone", MOVING)
def test_an_hour_that_autumn_repeats_is_refused(zone):
    with pytest.raises(calendars.AmbiguousLocalTime):
        to_utc(AUTUMN, time(1, 30), zone)


@pytest.mark.parametrize("zone", sorted(set(ZONES) - set(MOVING)))
def test_places_that_keep_their_hour_know_every_time(zone):
    for day in (SPRING, AUTUMN):
        for wall in (time(1, 30), time(2, 30)):
            back = to_utc(day, wall, zone).astimezone(calendars.zone(zone))
            assert back.replace(tzinfo=None) == datetime.combine(day, wall)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("switch", [SPRING, AUTUMN])
def test_nine_in_the_morning_stays_nine_around_a_switch(zone, switch):
    for offset in range(-3, 4):
        day = date.fromordinal(switch.toordinal() + offset)
        hours = Hours(day, time(9), time(13), zone)
        slots = plan_slots(hours, windows=1, slot_minutes=30, factor=Decimal(1))
        local = [slot.starts_at.astimezone(calendars.zone(zone)) for slot in slots]
        assert local[0].replace(tzinfo=None) == datetime.combine(day, time(9))
        assert len(slots) == 8
        assert {at.date() for at in local} == {day}


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Anchorage"])
def test_a_night_with_a_switch_has_as_many_slots_as_hours_pass(zone):
    spring = Hours(SPRING, time(0), time(6), zone)
    autumn = Hours(AUTUMN, time(0), time(6), zone)
    assert len(plan_slots(spring, windows=1, slot_minutes=60, factor=Decimal(1))) == 5
    assert len(plan_slots(autumn, windows=1, slot_minutes=60, factor=Decimal(1))) == 7


def test_an_unknown_zone_is_named():
    for name in ("Mars/Olympus", "../etc/passwd", "", "\x00"):
        with pytest.raises(calendars.UnknownTimeZone):
            to_utc(SPRING, time(9), name)


def test_slots_are_whole_and_half_open():
    hours = Hours(date(2026, 11, 24), time(9), time(10, 50), "America/Chicago")
    slots = plan_slots(hours, windows=3, slot_minutes=30, factor=Decimal(1))
    assert [slot.starts_at.strftime("%H:%M") for slot in slots] == ["15:00", "15:30", "16:00"]
    assert [slot.ends_at for slot in slots[:-1]] == [slot.starts_at for slot in slots[1:]]
    assert slots[0].starts_at.tzinfo == UTC


def test_hours_without_a_whole_slot_are_refused():
    with pytest.raises(calendars.NoRoomForASlot):
        plan_slots(Hours(SPRING, time(9), time(9, 20), "America/Denver"), windows=1, slot_minutes=30, factor=Decimal(1))


def test_nine_tenths_of_five_windows_are_45_seats_in_ten_slots():
    assert calendars.offered_seats(5, Decimal("0.9"), 10) == [4, 5] * 5


@given(
    windows=st.integers(1, 200),
    factor=st.decimals(0, 1, places=2),
    slots=st.integers(1, 100),
)
def test_offered_seats_follow_the_factor(windows, factor, slots):
    offered = calendars.offered_seats(windows, factor, slots)
    assert len(offered) == slots
    assert all(0 <= seats <= windows for seats in offered)
    for number in range(1, slots + 1):
        share = windows * factor * number
        assert share - 1 < sum(offered[:number]) <= share


@given(
    day=st.dates(date(2020, 1, 1), date(2037, 12, 31)),
    wall=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_a_wall_time_comes_back_or_is_refused(day, wall, zone):
    try:
        moment = to_utc(day, wall, zone)
    except (calendars.NonexistentLocalTime, calendars.AmbiguousLocalTime):
        assert wall < time(4)
        return
    assert moment.astimezone(calendars.zone(zone)).replace(tzinfo=None) == datetime.combine(day, wall)
    assert moment.utcoffset() == timedelta(0)
