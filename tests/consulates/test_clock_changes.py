"""A hundred thousand sessions around every change of clocks from 2024 to 2030, in every zone of the network.

The oracle never turns wall time into UTC: it walks the minutes of UTC around each day and notes what clocks show, so
that how often a wall time happens, and when, is counted and not computed.
"""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from consulates.calendars import AmbiguousLocalTime, Hours, NonexistentLocalTime, NoRoomForASlot, plan_slots
from consulates.reference import rows_of

SESSIONS = 100_000
YEARS = range(2024, 2031)
MINUTE = timedelta(minutes=1)


def zones():
    """Of all offices, of their stops, and those of the United States that no office is in yet."""
    files = ("offices.csv", "sessions_sample.csv", "offices_opened_since_2021.csv")
    named = {row["time_zone"] for file in files for row in rows_of(file) if row.get("time_zone")}
    return sorted(
        named | {"America/Phoenix", "America/Boise", "America/Anchorage", "Pacific/Honolulu", "America/Detroit"}
    )


@cache
def switches(zone):
    """Local days on which the offset changes, found hour by hour."""
    clocks = ZoneInfo(zone)
    hours = (YEARS[-1] + 1 - YEARS[0]) * 366 * 24
    moments = [datetime(YEARS[0], 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(hours)]
    offsets = [moment.astimezone(clocks).utcoffset() for moment in moments]
    changes = [after for after, (a, b) in zip(moments[1:], pairwise(offsets), strict=True) if a != b]
    return [moment.astimezone(clocks).date() for moment in changes if moment.astimezone(clocks).year in YEARS]


@cache
def shown(zone, day):
    """Wall time -> the moments of UTC at which clocks of ``zone`` show it on ``day``: none, one or two."""
    clocks = ZoneInfo(zone)
    found = defaultdict(list)
    moment = datetime.combine(day, time(), UTC) - timedelta(hours=16)
    for _minute in range(56 * 60):
        local = moment.astimezone(clocks)
        if local.date() == day:
            found[local.time()].append(moment)
        moment += MINUTE
    return found


def days_around():
    """(zone, day) of both sides of each switch and the switch itself; days of no switch where clocks never change."""
    for zone in zones():
        changes = switches(zone) or [date(year, month, 10) for year in YEARS for month in (3, 11)]
        for change in changes:
            yield from ((zone, change + timedelta(days=offset)) for offset in (-1, 0, 1))


def sessions(count):
    """Hours of every kind, many of them in the first hours of the day, where clocks change."""
    chance = random.Random(2021)
    places = list(days_around())
    for number in range(count):
        zone, day = places[number % len(places)]
        first = chance.choice([chance.randrange(0, 300, 5), chance.randrange(0, 1380, 15)])
        last = min(1439, first + chance.choice([5, 20, 45, 60, 120, 240, 480]))
        yield (
            Hours(day, time(*divmod(first, 60)), time(*divmod(last, 60)), zone),
            chance.choice([5, 15, 20, 30, 45, 60]),
        )


def judged(hours, minutes):
    """What the oracle says: "none", "twice", "short", or the starts of the slots."""
    clock = shown(hours.zone_name, hours.day)
    opens, closes = clock.get(hours.opens, []), clock.get(hours.closes, [])
    for moments in (opens, closes):  # the first that is wrong is the one that is told
        if not moments:
            return "none"
        if len(moments) > 1:
            return "twice"
    starts, at = [], opens[0]
    while at + timedelta(minutes=minutes) <= closes[0]:
        starts.append(at)
        at += timedelta(minutes=minutes)
    return starts or "short"


def planned(hours, minutes):
    try:
        slots = plan_slots(hours, windows=1, slot_minutes=minutes, factor=Decimal(1))
    except NonexistentLocalTime:
        return "none"
    except AmbiguousLocalTime:
        return "twice"
    except NoRoomForASlot:
        return "short"
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=minutes) for slot in slots)
    assert slots[-1].ends_at <= hours.in_utc()[1]
    return [slot.starts_at for slot in slots]


def test_every_zone_that_changes_its_clocks_does_so_twice_a_year():
    still = {zone for zone in zones() if not switches(zone)}

    assert still == {"America/Phoenix", "America/Puerto_Rico", "Pacific/Honolulu"}
    assert {len(switches(zone)) for zone in set(zones()) - still} == {2 * len(YEARS)}


def test_a_hundred_thousand_sessions_have_no_wrong_hour():
    wrong, met = [], defaultdict(int)
    for hours, minutes in sessions(SESSIONS):
        expected = judged(hours, minutes)
        met[expected if isinstance(expected, str) else "slots"] += 1
        if planned(hours, minutes) != expected:
            wrong.append((hours, minutes, expected))

    assert wrong == []
    # Every case was met, so that none of them passed for want of a session.
    assert sum(met.values()) == SESSIONS
    assert min(met[case] for case in ("none", "twice", "short", "slots")) > 500


def test_no_slot_starts_twice_or_at_an_hour_that_does_not_exist():
    for hours, minutes in sessions(5_000):
        starts = planned(hours, minutes)
        if isinstance(starts, str):
            continue
        clock = shown(hours.zone_name, hours.day)
        local = [at.astimezone(ZoneInfo(hours.zone_name)) for at in starts]

        assert len(set(starts)) == len(starts)
        assert all(at in clock[wall.time().replace(tzinfo=None)] for at, wall in zip(starts, local, strict=True))


@pytest.mark.parametrize("guess", [0, 1])
def test_control_a_guess_is_found_out(monkeypatch, guess):
    """Whoever resolves a wall time by one side of the fold instead of refusing it gives wrong hours."""
    from consulates import calendars

    def guessed(day, wall, zone_name):
        return datetime.combine(day, wall, ZoneInfo(zone_name)).replace(fold=guess).astimezone(UTC)

    monkeypatch.setattr(calendars, "to_utc", guessed)
    different = sum(planned(hours, minutes) != judged(hours, minutes) for hours, minutes in sessions(5_000))

    assert different > 50
