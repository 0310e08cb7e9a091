"""The drawn outline, where places lie on it, and the zones proposed for them."""

from datetime import UTC, date, datetime

import pytest

from consulates.openings import wednesday_before
from consulates.outline import HEIGHT, WIDTH, outline, position
from consulates.places import STATES
from consulates.reference import rows_of
from consulates.zones import all_zones, proposed_zone, zones_of


def points(path):
    """The whole units through which a relative path goes."""
    for ring in path.removesuffix("z").split("zM" if "zM" in path else "\0"):
        start, _l, steps = ring.removeprefix("M").partition("l")
        x, y = (int(number) for number in start.split(","))
        yield x, y
        for step in steps.split():
            dx, dy = (int(number) for number in step.split(","))
            x, y = x + dx, y + dy
            yield x, y


def test_every_state_of_the_drawing_is_drawn_once():
    assert set(outline()) == STATES.keys() - {"GU", "VI"}


@pytest.mark.parametrize("row", rows_of("offices.csv"), ids=lambda row: row["code"])
def test_every_office_lies_within_its_drawn_state(row):
    x, y = position(latitude=float(row["latitude"]), longitude=float(row["longitude"]), state=row["state"])
    xs, ys = zip(*points(outline()[row["state"]]), strict=True)

    assert min(xs) - 8 <= x <= max(xs) + 8
    assert min(ys) - 8 <= y <= max(ys) + 8
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT + 10


def test_what_the_drawing_does_not_reach_has_no_mark():
    assert position(latitude=13.4, longitude=144.8, state="GU") is None
    assert position(latitude=19.4, longitude=-99.1, state="TX") is None


@pytest.mark.parametrize("name", ["offices.csv", "offices_opened_since_2021.csv"])
def test_zone_of_every_office_is_the_one_proposed(name):
    """The reference data is the second opinion on the table of zones."""
    wrong = {
        row["code"]: (row["time_zone"], found)
        for row in rows_of(name)
        if (
            found := proposed_zone(
                state=row["state"], latitude=float(row["latitude"]), longitude=float(row["longitude"])
            )
        )
        != row["time_zone"]
    }
    assert wrong == {}


def test_every_host_city_of_the_sample_may_keep_its_zone():
    rows = rows_of("sessions_sample.csv")
    assert {(row["state"], row["time_zone"]) for row in rows if row["time_zone"] not in zones_of(row["state"])} == set()
    assert {row["time_zone"] for row in rows} <= set(all_zones())


def test_every_state_has_a_zone():
    assert {state for state in STATES if not zones_of(state)} == set()


def test_the_wednesday_before_is_ten_in_the_morning_there_on_both_sides_of_a_switch():
    assert wednesday_before(date(2027, 3, 20), "America/New_York", weeks=3) == datetime(2027, 2, 24, 15, tzinfo=UTC)
    assert wednesday_before(date(2027, 4, 11), "America/New_York", weeks=3) == datetime(2027, 3, 17, 14, tzinfo=UTC)
