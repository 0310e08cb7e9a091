"""The model of demand: small groups stay hidden, new places are found as a search of everything finds them."""

from datetime import date
from itertools import combinations, pairwise
from random import Random

import pytest

from appointments.demand import flows, privacy, sites, touring
from appointments.demand.flows import Supply
from appointments.demand.privacy import FEW, Area, shown
from appointments.demand.simulating import Place, What, best_places, simulate
from consulates.models import TourKind

MONDAY = date(2026, 11, 23)


def area(
    code: str, people: int, *, east: float = 0.0, north: float = 0.0, state: str = "TX", looks: int | None = None
) -> Area:
    """``east`` and ``north`` of a point in Texas, in degrees (about 60 and 69 miles)."""
    looks = people if looks is None else looks
    return Area((code,), f"Pueblo {code}", state, 31.0 + north, -100.0 + east, people, looks)


def some_map(seed: int, number: int = 7) -> list[Area]:
    dice = Random(seed)
    return [
        area(f"{700 + place}", dice.randint(1, 60), east=dice.uniform(-2, 2), north=dice.uniform(-2, 2))
        for place in range(number)
    ]


def test_small_groups_join_their_neighbours_and_a_small_state_has_no_number():
    found = shown([area("790", 6), area("791", 7, east=0.5), area("799", 52, east=9), area("010", 9, state="MA")])
    assert [(one.codes, one.people) for one in found.areas] == [(("799",), 50), (("791", "790"), 15)]
    assert found.few == ("MA",)


def test_a_large_family_is_no_crowd():
    """Two searches for eight people each: what counts for the threshold is how many looked."""
    assert shown([area("790", 16, looks=2)]).areas == ()


def test_small_groups_would_show_without_the_threshold(monkeypatch):
    """The control of the two tests above."""
    monkeypatch.setattr(privacy, "FEW", 1)
    found = shown([area("010", 9, state="MA"), area("790", 16, looks=2)])
    assert [one.code for one in found.areas] == ["790", "010"]


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_lost_and_no_group_is_small(seed):
    areas = some_map(seed)
    found = shown(areas)
    assert sorted(code for one in found.areas for code in one.codes) == sorted(one.code for one in areas)
    assert all(one.people >= FEW for one in found.areas)
    assert abs(found.people - sum(one.people for one in areas)) <= 2.5 * len(found.areas)


def brute_served(areas, reaches, capacities):
    """By matching person by person along augmenting paths; nothing of the module's own reasoning."""
    people = [number for number, one in enumerate(areas) for _person in range(one.people)]
    taken: list[list[int]] = [[] for _place in reaches]

    def seat(person: int, tried: set[int]) -> bool:
        for place, reach in enumerate(reaches):
            if people[person] not in reach or place in tried:
                continue
            tried.add(place)
            if len(taken[place]) < capacities[place]:
                taken[place].append(person)
                return True
            for position, other in enumerate(taken[place]):
                if seat(other, tried):
                    taken[place][position] = person
                    return True
        return False

    return sum(seat(person, set()) for person in range(len(people)))


@pytest.mark.parametrize("seed", range(6))
def test_served_is_what_seating_everybody_one_by_one_gives(seed):
    areas = some_map(seed, 6)
    reaches = [sites.reach_of(one.point, areas, within=90) for one in areas[:3]]
    for capacities in ([10, 20, 30], [40, 5, 0], [100, 100, 100]):
        assert sites.served(areas, reaches, capacities) == brute_served(areas, reaches, capacities)


@pytest.mark.parametrize("seed", range(12))
def test_best_places_against_every_choice(seed):
    areas, capacity = some_map(seed), 70
    candidates = [sites.reach_of(one.point, areas, within=60) for one in areas]
    every = [
        sites.served(areas, choice, [capacity] * len(choice))
        for count in (1, 2, 3)
        for choice in combinations(candidates, count)
    ]
    found = sites.best(areas, number=3, capacity=capacity, within=60)
    assert found[0].served == max(every[: len(areas)])  # the first is the best single place
    assert sum(one.served for one in found) >= max(every) * (1 - 1 / 2.7182818)


def test_planted_demand_is_found_first():
    planted = area("370", 400, east=8, state="TN")
    areas = [*some_map(3), planted]
    [first, *_others] = sites.best(areas, number=2, capacity=300)
    assert (first.area, first.served) == (planted, 300)
    assert best_places(areas[::-1], number=1, capacity=300)[0].point == planted.point


def office(key: str, east: float, weekly: float, wait: float = 10) -> Supply:
    return Supply(key, key, 31.0, -100.0 + east, weekly, wait)


def test_new_place_shortens_the_lines_around_it_and_no_other():
    areas = [area("790", 200), area("830", 100, east=20)]
    offices = [office("near", 1, 100), office("far", 20, 100)]
    near, far, new = flows.lines(areas, offices, [Supply("new", "Aquí", 31.0, -100.0, 100)])
    assert [(line.supply.key, line.wait_before) for line in (near, far)] == [("near", 24.0), ("far", 17.0)]
    assert near.wait_after < 24
    assert far.wait_after == 17
    assert new.after + near.after == pytest.approx(200)
    assert new.after > near.after  # it is nearer and as large


def test_stops_serve_the_nearest_and_shorten_the_line_by_them():
    areas = [area("790", 60), area("791", 100, east=0.5)]
    offices = [office("near", 1, 100)]
    here = Place("Aquí", 31.0, -100.0)
    found = simulate(What.STOPS, areas, offices, [here, here], capacity=80, weeks=4)
    assert [(site.served, [one.area.code for one in site.reached]) for site in found.sites] == [
        (80, ["790", "791"]),
        (80, ["790", "791"]),
    ]
    [line] = found.shorter
    assert (line.before, line.after) == (160, 0)
    assert not found.new_lines


@pytest.mark.parametrize("what", list(What))
def test_simulation_is_the_same_from_run_to_run_and_in_any_order(what):
    areas, offices = some_map(7), [office("a", 0, 50), office("b", 1, 80), office("c", 15, 20)]
    runs = []
    for turn in range(3):
        known = areas[turn:] + areas[:turn]
        places = best_places(known, number=3, capacity=90)
        runs.append(simulate(what, known, offices[turn:] + offices[:turn], places, capacity=90, weeks=1))
    assert runs[0] == runs[1] == runs[2]
    assert runs[0].served > 0


def test_everybody_goes_somewhere_and_order_changes_nothing():
    areas, offices = some_map(5), [office("a", 0, 50), office("b", 1, 80), office("c", 15, 20)]
    joined = flows.joins(areas, offices)
    assert sum(joined.values()) == pytest.approx(sum(one.people for one in areas))
    assert flows.joins(areas[::-1], offices[::-1]) == joined
    assert flows.shares(area("990", 10, east=40), offices) == {"c": 1.0}  # beyond everybody's reach: the nearest
    assert flows.shares(area("990", 10), []) == {}


@pytest.mark.parametrize(("kind", "weekdays", "gap"), [(TourKind.MOBILE, (5, 6), 14), (TourKind.ON_WHEELS, (1, 4), 7)])
def test_suggested_tour_keeps_to_the_days_of_its_team(kind, weekdays, gap):
    areas = [area(f"{700 + number}", 300, east=number * 1.2 + 0.6) for number in range(4)]
    visits = touring.suggest(areas, touring.Team(kind, (31.0, -100.0), 100), monday=MONDAY, weeks=4)
    assert [(one.first_day.weekday(), one.last_day.weekday()) for one in visits] == [weekdays] * len(visits)
    assert [(after.first_day - one.first_day).days for one, after in pairwise(visits)] == [gap] * (len(visits) - 1)
    points = [one.point for one in visits]
    assert len(set(points)) == len(points) >= 2


def test_tours_are_measured_alike_and_nobody_is_served_twice():
    areas = [area("700", 100, east=1), area("701", 30, east=1.3), area("702", 90, east=4)]
    team = touring.Team(TourKind.ON_WHEELS, (31.0, -100.0), 30)
    [first] = touring.suggest(areas, team, monday=MONDAY, weeks=1)
    twice = touring.worth(areas, [first, first], team.home)
    assert [one.served for one in twice] == [120, 10]
    assert twice[0].miles == pytest.approx(2 * 59.2, abs=0.2)


def test_team_stays_out_of_its_own_town_and_of_the_areas_of_others():
    areas = [area("700", 500), area("701", 50, east=1), area("702", 300, east=2)]
    team = touring.Team(TourKind.MOBILE, (31.0, -100.0), 100)
    [visit] = touring.suggest(areas, team, monday=MONDAY, weeks=2, around=areas[:2])
    assert visit.name == "Pueblo 701"


def test_first_stop_is_the_best_of_all_by_its_own_measure():
    areas = some_map(11)
    team = touring.Team(TourKind.ON_WHEELS, (31.2, -100.3), 20)
    [first] = touring.suggest(areas, team, monday=MONDAY, weeks=1)

    def measure(one: Area) -> float:
        miles = flows.miles_between(team.home, one.point)
        return touring.serve(areas, one.point, 80)[1] / (touring.FIXED + 2 * miles) if miles > touring.AT_HOME else 0

    assert measure(next(one for one in areas if one.name == first.name)) == max(map(measure, areas))
