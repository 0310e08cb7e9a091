"""The development worlds: their form, that a seed means one world, and that the truth is whole."""

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from stdnum.mx import curp as registry

from bench.simulator import curp, metamorphic, simulate
from bench.simulator.dialects import DIALECTS, told
from bench.simulator.names import COMMON, person
from bench.simulator.ranges import GUIDE, HARD, Drawn

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "bench" / "simulator").rglob("*.py"))
BROKERS = {"B1", "B2", "B3", "B4", "B5", "B6", "B7"}
HONEST = {"single", "family", "aliased family", "helper", "registered helper", "B8", "terminal", "drive"}
# The keys that antifraud/EVENTS.md requires of each kind, besides the moment.
REQUIRED = {
    "register": {"account", "email"},
    "verify_phone": {"account", "phone"},
    "poll": {"office", "procedure"},
    "hold": {"hold", "account", "slot", "office", "procedure", "starts_at", "visible_at", "applicant", "fill_s"},
    "expire": {"hold"},
    "book": {"appointment", "hold"},
    "correct": {"appointment", "applicant"},
    "move": {"appointment", "slot", "office", "starts_at", "visible_at"},
    "cancel": {"appointment", "by"},
    "attend": {"appointment"},
    "no_show": {"appointment"},
    "other_person": {"appointment"},
    "helper": {"account"},
    "drive": {"office", "devices", "until"},
    "public_device": {"device"},
    "review": {"appointment", "verdict"},
}
APPLICANT = {"given_names", "surname_1", "surname_2", "birth_date", "sex", "curp", "minor", "guardian"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module", params=[1, 2], ids=["seed 1", "seed 2"])
def world(request):
    return simulate(request.param, size=4000)


@pytest.fixture(scope="module")
def small():
    return simulate(3, size=1500)


def roots(source: str) -> set[str]:
    """The top-level packages that a module imports by their full name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: path.name)
def test_the_simulator_needs_itself_and_the_standard_library_alone(path):
    assert roots(path.read_text()) - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("line", ["import antifraud.linking", "from appointments import identities"])
def test_an_import_of_ours_would_be_seen(line):
    assert roots(line) - set(sys.stdlib_module_names) != set()


def test_a_seed_means_one_world_byte_for_byte(tmp_path):
    def written(name: str, hashes: str, seed: int) -> list[bytes]:
        words = ["-m", "bench.simulator", "--seeds", str(seed), "--size", "500", "--output", str(tmp_path / name)]
        subprocess.run([sys.executable, *words], cwd=ROOT, env={"PYTHONHASHSEED": hashes}, check=True)
        return [file.read_bytes() for file in sorted((tmp_path / name).rglob("*.*"))]

    first = written("a", "1", seed=4)

    assert len(first) == 2
    assert written("b", "2", seed=4) == first
    assert written("c", "1", seed=5) != first


def test_events_have_the_form_of_the_contract(world):
    for event in world.events:
        assert REQUIRED[event["kind"]] - event.keys() == set(), event
        assert MOMENT.fullmatch(event["t"])
        assert "applicant" not in event or event["applicant"].keys() == APPLICANT
    assert all(one["t"] <= next_one["t"] for one, next_one in pairwise(world.events))
    assert {event["kind"] for event in world.events} >= REQUIRED.keys() - {"public_device", "review", "other_person"}


def test_a_seat_is_kept_by_one_at_a_time_and_never_before_it_is_seen(world):
    seat_of, taken = {}, set()
    for event in world.events:
        kind = event["kind"]
        if kind in ("expire", "cancel", "move"):
            taken.remove(seat_of[event["hold"] if kind == "expire" else event["appointment"]])
        if kind in ("hold", "move"):
            assert event["seat"] not in taken
            assert event["visible_at"] <= event["t"]
            taken.add(event["seat"])
            seat_of[event["hold"] if kind == "hold" else event["appointment"]] = event["seat"]
        if kind == "book":
            seat_of[event["appointment"]] = seat_of[event["hold"]]


def test_the_truth_names_every_appointment_once_and_in_order(world):
    booked = [event["appointment"] for event in world.events if event["kind"] == "book"]
    entries = world.truth.appointments

    assert [entry["appointment"] for entry in entries] == booked
    assert {entry["kind"] for entry in entries} == BROKERS | HONEST
    assert {entry["kind"] for entry in entries if entry["broker"]} == BROKERS
    assert {entry["actor"] for entry in entries} <= world.truth.actors.keys()
    assert {entry["kind"] for entry in entries if entry["family"]} == {"family", "aliased family"}


@pytest.mark.parametrize("mark", ["cgnat", "curp", "phone", "common"])
def test_every_subgroup_has_people_on_both_sides(world, mark):
    assert set(Counter(entry[mark] for entry in world.truth.appointments if not entry["broker"])) == {True, False}


def test_shares_of_the_population_lie_in_their_ranges(world):
    entries = world.truth.appointments
    kinds = Counter(entry["kind"] for entry in entries if not entry["broker"])
    honest = sum(kinds.values())

    # An actor more or less, and appointments booked a second time, move a share a little.
    assert 0.08 < sum(entry["broker"] for entry in entries) / len(entries) < 0.125
    assert 0.28 < kinds["family"] / honest < 0.47
    assert 0.025 < kinds["helper"] / honest < 0.09
    assert 0.01 < kinds["aliased family"] / honest < 0.035
    assert 0.12 < sum(entry["phone"] for entry in entries if entry["kind"] == "single") / kinds["single"] < 0.43
    assert 0.005 < kinds["terminal"] / honest < 0.05
    assert 0.005 < kinds["drive"] / honest < 0.05


@pytest.mark.parametrize("hard", [False, True], ids=["guide", "hard"])
def test_every_share_is_drawn_from_its_range(hard):
    drawn = Drawn(Random(7), hard=hard)

    for name, share in drawn.shares.items():
        low, high = HARD.get(name, GUIDE[name]) if hard else GUIDE[name]
        assert low <= share <= high, name


def test_hard_ranges_replace_ranges_of_the_guide():
    assert HARD.keys() <= GUIDE.keys()
    assert all(isinstance(HARD[name][0], type(GUIDE[name][0])) for name in HARD)


def test_a_transferred_seat_rested_before_its_buyer_got_it(world):
    rested = []
    for entry in world.truth.appointments:
        if entry["transferred_at"]:
            assert entry["broker"]
            freed, taken = (datetime.fromisoformat(entry[key]) for key in ("freed_at", "transferred_at"))
            rested.append(taken - freed)

    assert len(rested) > 10
    assert min(rested) >= timedelta(minutes=5)


def test_without_brokers_everybody_is_honest():
    world = simulate(1, brokers=0.0, size=800)

    assert {entry["broker"] for entry in world.truth.appointments} == {False}


def test_children_of_most_families_share_the_surname_of_their_father(world):
    surnames = defaultdict(set)
    holds = {event["hold"]: event["applicant"] for event in world.events if event["kind"] == "hold"}
    books = {event["appointment"]: holds[event["hold"]] for event in world.events if event["kind"] == "book"}
    for entry in world.truth.appointments:
        if entry["kind"] == "family" and books[entry["appointment"]]["minor"]:
            surnames[entry["family"]].add(books[entry["appointment"]]["surname_1"])

    assert 0.75 < sum(len(few) == 1 for few in surnames.values()) / len(surnames) < 1


# Names and CURPs.


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (("Gloria", "Hernández", "García", "1956-04-27", "F", "VZ"), "HEGG560427MVZRRL"),
        (("María José", "de la Cruz", "", "1999-12-31", "F", "NE"), "CUXJ991231MNERXS"),
        (("José Luis", "Núñez", "Peña", "2004-02-29", "M", "OC"), "NUPL040229HOCXXS"),
        (("Óscar", "Castro", "Méndez", "1980-01-02", "M", "DF"), "CAMO800102HDFSNS"),
        (("Óscar", "Cabrera", "Calles", "1980-01-02", "M", "DF"), "CXCO800102HDFBLS"),
    ],
    ids=["usual", "Maria and no second surname", "Jose and two eñes", "harmless opening", "rude opening"],
)
def test_a_curp_follows_from_the_person(told, code):
    assert curp.derive(*told)[:16] == code
    assert registry.is_valid(curp.derive(*told))


def test_the_check_digit_is_the_published_one():
    assert curp.check_digit("BOXW310820HNERXN0") == "9"


def test_honest_curps_are_in_order_and_many_of_b1_are_not(world):
    holds = {event["hold"]: event["applicant"]["curp"] for event in world.events if event["kind"] == "hold"}
    codes = defaultdict(list)
    for event in world.events:
        if event["kind"] == "book" and holds[event["hold"]]:
            codes[world.truth.by_id[event["appointment"]]["kind"]].append(registry.is_valid(holds[event["hold"]]))

    assert sum(codes["single"]) / len(codes["single"]) > 0.95
    assert sum(codes["B1"]) / len(codes["B1"]) < 0.9


def test_names_are_skewed_and_have_a_long_tail():
    rng = Random(1)
    surnames = Counter(person(rng).first for _ in range(4000))

    assert 0.2 < sum(surnames[name] for name in COMMON) / 4000 < 0.45
    assert len(surnames) > 150


# Dialects and changed histories.


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_keeps_every_appointment_and_the_order(small, name):
    events = told(small.events, [name])

    assert [event["appointment"] for event in events if event["kind"] == "book"] == list(small.truth.by_id)
    assert all(one["t"] <= other["t"] for one, other in pairwise(events))


def test_names_may_stand_in_the_booking(small):
    events = told(small.events, ["names-in-book"])

    assert all("applicant" in event and "fill_s" in event for event in events if event["kind"] == "book")
    assert not any("applicant" in event for event in events if event["kind"] == "hold")


def test_a_sparse_history_lacks_what_it_should(small):
    events = told(small.events, ["no-device", "no-network", "no-visible", "no-polls", "contacts-in-hold"])

    assert not {"device", "prefix", "asn_kind", "visible_at"} & {key for event in events for key in event}
    assert not {"poll", "register"} & {event["kind"] for event in events}
    assert any(event.get("phone") for event in events if event["kind"] == "hold")


def test_permuting_a_second_keeps_each_accounts_order(small):
    events = metamorphic.permuted_within_seconds(small.events, Random(1))

    def by_account(history):
        found = defaultdict(list)
        for event in history:
            found[event.get("account")].append(
                (event["kind"], event.get("hold"), event.get("appointment"), event["t"][:19])
            )
        found.pop(None)
        return found

    assert by_account(events) == by_account(small.events)
    assert [event["t"] for event in events] == [event["t"] for event in small.events]
    assert events != small.events


def test_relabelling_leaves_no_id_and_loses_none(small):
    events, names = metamorphic.relabelled(small.events, Random(1))

    assert len(set(names.values())) == len(small.truth.by_id)
    for old, new in zip(small.events, events, strict=True):
        assert not any(key in old and old[key] == new[key] for key in metamorphic.IDS)
        assert {key: old[key] for key in old if key not in (*metamorphic.IDS, "devices")} == {
            key: new[key] for key in new if key not in (*metamorphic.IDS, "devices")
        }


def test_a_shift_moves_every_moment_alike(small):
    [first] = metamorphic.shifted([next(event for event in small.events if event["kind"] == "hold")])
    old = next(event for event in small.events if event["kind"] == "hold")

    for key in ("t", "starts_at", "visible_at"):
        assert datetime.fromisoformat(first[key]) - datetime.fromisoformat(old[key]) == timedelta(weeks=1)
        assert MOMENT.fullmatch(first[key])
    assert first["applicant"] == old["applicant"]


def test_strangers_share_no_contact_with_those_who_were_there(small):
    other = simulate(103, brokers=0.0, size=800)
    events = metamorphic.with_strangers(small.events, other.events)

    def contacts(history):
        return {
            re.sub(r"\D", "", event["phone"])[-10:] if key == "phone" else event[key]
            for event in history
            for key in ("email", "phone", "account", "device", "slot", "hold")
            if event.get(key)
        }

    assert contacts(small.events) & contacts(metamorphic.with_strangers([], other.events)) == set()
    assert len(events) == len(small.events) + len(other.events)


def test_a_family_moves_in_beside_a_broker(small):
    line = metamorphic.broker_line(small.events, small.truth.appointments, Random(1))
    events, mothers = metamorphic.with_family(small.events, line, Random(1))
    added = [event for event in events if event.get("account") == "acc-mother"]

    assert len(mothers) == 6
    assert {event["prefix"] for event in added} == {line.prefix}
    assert [event for event in events if event.get("account") != "acc-mother"] == small.events
    assert sum(event["applicant"]["minor"] for event in added if event["kind"] == "hold") == 5
