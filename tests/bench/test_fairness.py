"""The measuring itself, with detectors made by hand whose worth is known."""

import json
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bench import fairness
from bench.simulator import measuring, simulate
from bench.simulator.measuring import BadFlags, Count, Flag

UNFLAGGED = Flag(None, None, None, (), ())


@pytest.fixture(scope="module")
def entries():
    return simulate(6, size=1500).truth.appointments


def flags(entries, chosen):
    """Whatever ``chosen`` accepts is flagged as it is booked, one case for each actor."""
    return {
        entry["appointment"]: Flag(
            datetime.fromisoformat(entry["booked_at"]), entry["actor"], 9.0, (6.0, 5.0, -2.0), ("D3", "E1", "X3")
        )
        if chosen(entry)
        else UNFLAGGED
        for entry in entries
    }


def possible(entry):
    """An appointment booked for the next two days is over before anybody can find it."""
    return datetime.fromisoformat(entry["starts_at"]) - datetime.fromisoformat(entry["booked_at"]) > measuring.AHEAD


def test_a_perfect_detector_reaches_every_bound(entries):
    reachable = [entry for entry in entries if possible(entry) or not entry["broker"]]
    perfect = flags(reachable, lambda entry: entry["broker"])

    for row in fairness.ROWS:
        share = row.count(reachable, perfect).share
        assert share is None or row.holds(share), row.name
    assert measuring.recall(reachable, perfect).share == 1
    assert measuring.precision(reachable, perfect).share == 1
    assert measuring.cases_per_actor(reachable, perfect).share == 1


def test_flagging_everybody_is_as_precise_as_brokers_are_common(entries):
    everybody = flags(entries, lambda entry: True)
    brokers = sum(entry["broker"] for entry in entries)

    assert measuring.precision(entries, everybody) == Count(brokers, len(entries))
    assert measuring.families(entries, everybody).share == 1
    assert measuring.of_kinds("terminal")(entries, everybody).share == 1
    failed = [row.name for row in fairness.ROWS if not row.holds(row.count(entries, everybody).share or 0)]
    assert failed == [
        "precision",
        "families with any flag",
        "families of six or more",
        "helpers and drives",
        "public terminals",
        "singles",
    ]


def test_flagging_nobody_finds_nobody(entries):
    nobody = flags(entries, lambda entry: False)

    assert measuring.recall(entries, nobody).part == 0
    assert measuring.precision(entries, nobody).share is None
    assert measuring.cases(entries, nobody) == Count(0, len(entries))


def test_one_child_flags_the_family(entries):
    child = next(entry for entry in entries if entry["kind"] == "family")
    found = measuring.families(entries, flags(entries, lambda entry: entry is child))

    assert found.part == 1
    assert found.whole == len({entry["family"] for entry in entries if entry["family"]})


ENTRY = {
    "appointment": "a1",
    "kind": "B1",
    "broker": True,
    "booked_at": "2026-03-02T00:00:00.000Z",
    "starts_at": "2026-03-12T00:00:00.000Z",
    "freed_at": None,
    "transferred_at": None,
}
FLAG = Flag(None, "c", 9.0, (9.0,), ("D3",))


@pytest.mark.parametrize(
    ("at", "found"), [("2026-03-09T23:59:59.999Z", True), ("2026-03-10T00:00:00.000Z", False), (None, False)]
)
def test_found_means_before_48_hours_ahead(at, found):
    assert measuring.in_time(ENTRY, replace(FLAG, at=measuring.moment(at))) is found


@pytest.mark.parametrize(
    ("at", "found", "strictly"),
    [
        ("2026-03-04T11:59:59.000Z", True, True),
        ("2026-03-04T12:30:00.000Z", True, False),
        ("2026-03-04T13:00:00.000Z", False, False),
    ],
    ids=["before the seat was freed", "while it rested", "as the buyer got it"],
)
def test_found_means_before_the_transfer(at, found, strictly):
    sold = {**ENTRY, "freed_at": "2026-03-04T12:00:00.000Z", "transferred_at": "2026-03-04T13:00:00.000Z"}
    flag = replace(FLAG, at=measuring.moment(at))

    assert measuring.in_time(sold, flag) is found
    assert measuring.in_time(sold, flag, freed=True) is strictly


def test_a_cancellation_that_sold_nothing_ends_no_time():
    dropped = {**ENTRY, "freed_at": "2026-03-04T12:00:00.000Z"}

    assert measuring.in_time(dropped, replace(FLAG, at=measuring.moment("2026-03-05T00:00:00.000Z")))


@pytest.mark.parametrize(("minutes", "early"), [(60, 1), (61, 0)])
def test_soon_is_within_an_hour_of_the_booking(minutes, early):
    at = datetime.fromisoformat(ENTRY["booked_at"]) + timedelta(minutes=minutes)

    assert measuring.soon([ENTRY], {"a1": replace(FLAG, at=at)}) == Count(early, 1)


def test_points_that_do_not_sum_to_the_score_are_seen(entries):
    told = flags(entries, lambda entry: entry["broker"])
    name = next(name for name, flag in told.items() if flag.at)
    wrong = told | {name: replace(told[name], score=9.1)}

    assert measuring.explained(entries, told).share == 1
    assert measuring.explained(entries, wrong).part == measuring.explained(entries, wrong).whole - 1


def line(appointment, **changes):
    told = {"appointment": appointment, "flagged_at": None, "case": None, "score": 0.0, "reasons": []}
    return json.dumps(told | changes)


@pytest.mark.parametrize(
    "lines",
    [
        [line("a1")],
        [line("a1"), line("a2"), line("a2")],
        [line("a1"), line("a2"), line("a3")],
        [line("a1"), "not JSON"],
        [line("a1"), line("a2", flagged_at="yesterday")],
        [line("a1"), line("a2", reasons=[{"code": "D3"}])],
    ],
    ids=["missing", "twice", "unknown", "no JSON", "no moment", "no points"],
)
def test_flags_of_another_form_are_refused(tmp_path, lines):
    path = tmp_path / "flags.jsonl"
    path.write_text("\n".join(lines))

    with pytest.raises(BadFlags):
        measuring.read_flags(path, ["a1", "a2"])


def test_flags_of_the_right_form_are_read(tmp_path):
    path = tmp_path / "flags.jsonl"
    reasons = [{"code": "D3", "points": 12.5, "es": "", "en": ""}, {"code": "X1", "points": -3.5, "es": "", "en": ""}]
    told = {"flagged_at": "2026-03-02T16:03:11.000Z", "case": "c3", "score": 9.0, "reasons": reasons}
    path.write_text(line("a1", **told) + "\n" + line("a2") + "\n")

    found = measuring.read_flags(path, ["a1", "a2"])

    assert found["a1"].points == (12.5, -3.5)
    assert measuring.positive(found["a1"]) == ["D3"]
    assert found["a2"].at is None


def test_an_error_ratio_needs_enough_errors():
    assert measuring.ratio(Count(9, 100), Count(9, 100)) is None
    assert measuring.ratio(Count(30, 100), Count(10, 100)) == pytest.approx(3)
    assert measuring.ratio(Count(0, 100), Count(30, 100)) == float("inf")


def test_the_interval_holds_the_share_and_needs_three_worlds():
    counts = [Count(90, 100), Count(95, 100), Count(100, 100), Count(80, 100)]
    low, high = measuring.interval(counts)

    assert 0.8 <= low < measuring.added(counts).share < high <= 1
    assert measuring.interval(counts[:2]) is None


# Flags every second account, by its position among those that it has met: blind to ids, so that changes show.
DETECTOR = """
import json, os, sys
assert sorted(os.listdir(os.path.dirname(sys.argv[1]))) == ["events.jsonl"], "the truth stays elsewhere"
met = {}
with open(sys.argv[2], "w") as flags:
    for line in open(sys.argv[1]):
        event = json.loads(line)
        if event["kind"] != "book":
            continue
        hit = met.setdefault(event["account"], len(met) % 2)
        told = {"flagged_at": event["t"] if hit else None, "case": "c" + event["account"] if hit else None}
        told |= {"appointment": event["appointment"], "score": 9.0}
        told["reasons"] = [{"code": "E1", "points": 9.0, "es": "", "en": ""}]
        flags.write(json.dumps(told) + chr(10))
"""


def test_a_run_prints_the_table_and_writes_it_down(tmp_path, capsys):
    detector = tmp_path / "detector.py"
    detector.write_text(DETECTOR)
    command = f"{sys.executable} {detector} EVENTS FLAGS"

    fairness.main(["--seeds", "1-3", "--size", "500", "--command", command, "--results", str(tmp_path / "results")])

    printed = capsys.readouterr().out
    [written] = (tmp_path / "results").iterdir()
    assert written.read_text() == printed
    assert written.name.endswith("-fairness.txt")
    for row in (*fairness.ROWS, *fairness.WITHOUT_BROKERS):
        assert f"\n{row.name} " in printed
    assert "false alarm" in printed
    assert "FAILS" in printed


def test_changed_histories_are_compared(tmp_path, capsys):
    detector = tmp_path / "detector.py"
    detector.write_text(DETECTOR)
    command = f"{sys.executable} {detector} EVENTS FLAGS"
    arguments = ["--seeds", "1", "--size", "400", "--only-brokers", "--metamorphic", "--command", command]

    fairness.main([*arguments, "--results", str(tmp_path / "results")])

    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("changed history")]
    assert len(said) == 5
    assert said[1] == "changed history, every id another: flags lost and gained in each world -0 +0"
    assert said[2] == "changed history, a week later: flags lost and gained in each world -0 +0"
    assert not said[3].endswith("-0 +0")


def test_a_detector_that_fails_stops_the_run(tmp_path):
    with pytest.raises(Exception, match="returned non-zero exit status 3"):
        fairness.main(["--seeds", "1", "--size", "300", "--command", f"{sys.executable} -c 'raise SystemExit(3)'"])


def test_the_measuring_leaves_the_portal_alone():
    source = Path(fairness.__file__).read_text()

    assert not any(f"import {room}" in source or f"from {room}" in source for room in ("antifraud", "appointments"))
