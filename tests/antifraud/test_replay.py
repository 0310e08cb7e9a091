"""The command from file to file, and changes to a history that must not change who is flagged."""

import json
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from antifraud.events import parse_event
from antifraud.replay import flag_lines, replay
from antifraud.rulesets import ruleset
from tests.antifraud.history import History, child, who
from tests.antifraud.test_brokers import stranger
from tests.antifraud.test_honest import mother

SAMPLE = Path("antifraud/data/sample.events.jsonl")


def concierge_and_family() -> History:
    history = History()
    for number in range(14):
        keys = {"device": "office", "prefix": "203.0.113.0/24"}
        history.sign_up(f"client{number}", phone=f"+131255501{number % 2:02d}", **keys)
        history.wait(minutes=20)
        history.book(f"client{number}", stranger(number), office=f"city{number % 4}", **keys)
    mother(history, 4)
    return history


def flags(raw: list[dict]) -> dict[str, tuple[str | None, float]]:
    store = replay([parse_event(one) for one in raw], ruleset(1))
    told = [json.loads(line) for line in flag_lines(store)]
    return {one["appointment"]: (one["flagged_at"], one["score"]) for one in told}


def in_order(history: History) -> list[dict]:
    return sorted(history.raw, key=lambda raw: raw["t"])


def test_events_of_one_second_may_come_in_any_order():
    raw = in_order(concierge_and_family())
    seconds: dict[str, list[dict]] = {}
    for one in raw:
        seconds.setdefault(one["t"][:19], []).append(one)
    shuffled = [one for few in seconds.values() for one in Random(4).sample(few, len(few))]

    # A hold and its booking never fall into one second here, so nothing depends on the order within one.
    assert flags(shuffled) == flags(raw)


def test_other_names_for_ids_change_nothing():
    raw = in_order(concierge_and_family())
    keys = ("account", "device", "hold", "slot", "prefix")
    renamed = [{key: f"z{value[::-1]}" if key in keys else value for key, value in one.items()} for one in raw]

    assert flags(renamed) == flags(raw)


def test_a_week_later_is_the_same_week_later():
    early, late = concierge_and_family(), History()
    late.wait(days=7)
    later = [
        {key: value.replace("2026-03-0", "2026-03-1") if key in ("t", "starts_at", "visible_at") else value
         for key, value in one.items()}
        for one in in_order(early)
    ]  # fmt: skip

    assert {a: score for a, (_, score) in flags(later).items()} == {
        a: score for a, (_, score) in flags(in_order(early)).items()
    }


def test_honest_family_on_a_brokers_network_changes_nobodys_flags():
    history = concierge_and_family()
    before = flags(in_order(history))
    history.sign_up("neighbour", phone="+13125550177", device="phone", prefix="203.0.113.0/24")
    history.wait(minutes=2)
    made = [
        history.book("neighbour", one, device="phone", prefix="203.0.113.0/24", office="city1")
        for one in (who("Inés", "Zermeño", "Lazcano"), *(child(f"N{n}", "Urrutia", "Zermeño") for n in range(4)))
    ]

    after = flags(in_order(history))

    assert {a: after[a] for a in before} == before
    assert all(after[a][0] is None for a in made)


def run(events: Path, output: Path, **options) -> list[dict]:
    call_command("antifraud_replay", events, output=output, **options)
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def test_command_writes_a_line_for_each_appointment_in_the_order_of_booking(tmp_path, capsys):
    told = run(SAMPLE, tmp_path / "flags.jsonl")

    booked = [one["appointment"] for one in map(json.loads, SAMPLE.read_text().splitlines()) if one["kind"] == "book"]
    assert [one["appointment"] for one in told] == booked
    assert any(one["flagged_at"] for one in told)
    assert any(one["flagged_at"] is None for one in told)
    for one in told:
        assert set(one) == {"appointment", "flagged_at", "case", "score", "reasons"}
        assert sum(reason["points"] for reason in one["reasons"]) == one["score"]
        assert (one["case"] is None) == (one["flagged_at"] is None)


@pytest.mark.parametrize("bad", ["{", '{"t": "2026-03-02T16:00:04Z", "kind": "book"}'])
def test_nothing_is_written_when_a_line_is_bad(tmp_path, bad):
    events, output = tmp_path / "events.jsonl", tmp_path / "flags.jsonl"
    events.write_text(SAMPLE.read_text() + bad + "\n")
    output.write_text("as it was")

    with pytest.raises(CommandError, match=rf"line {len(SAMPLE.read_text().splitlines()) + 1}"):
        call_command("antifraud_replay", events, output=output)

    assert output.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "flags.jsonl"]


def test_unknown_rule_set_and_missing_file_are_told(tmp_path):
    with pytest.raises(CommandError, match="no rule set 999"):
        call_command("antifraud_replay", SAMPLE, output=tmp_path / "f", ruleset=999)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("antifraud_replay", tmp_path / "none", output=tmp_path / "f")
