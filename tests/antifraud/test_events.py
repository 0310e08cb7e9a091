import json

import pytest

from antifraud.events import BadLine, moment, moment_text, read_events

HOLD = {"t": "2026-03-02T16:00:04.120Z", "kind": "hold", "hold": "h1", "account": "a", "surprise": [1]}


def lines(*raw: dict) -> list[str]:
    return [json.dumps(one) for one in raw]


def test_moment_is_whole_milliseconds_and_back():
    assert moment_text(moment("2026-03-02T16:00:04.120Z")) == "2026-03-02T16:00:04.120Z"


def test_unknown_keys_are_ignored_and_unknown_kinds_counted_once():
    said: list[str] = []
    strange = {**HOLD, "kind": "confirm"}

    [event] = read_events(lines(strange, HOLD, strange), warn=said.append)

    assert (event.kind, event.hold, event.account) == ("hold", "h1", "a")
    assert said == ["2 lines of the unknown kind 'confirm' were passed over"]


def test_null_and_empty_values_are_unknown():
    [event] = read_events(lines({**HOLD, "device": None, "email": "", "visible_at": None, "applicant": None}))

    assert (event.device, event.email, event.visible_at, event.applicant) == ("", "", None, None)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"kind": "hold", "hold": "h1"}',
        '{"t": "2026-03-02T16:00:04Z", "hold": "h1"}',
        '{"t": "2026-03-02T16:00:04Z", "kind": "hold"}',
        '{"t": "yesterday", "kind": "hold", "hold": "h1"}',
        '{"t": "2026-03-02T16:00:04Z", "kind": "hold", "hold": "h1", "applicant": "Rosa"}',
    ],
)
def test_bad_line_stops_with_its_number(line):
    with pytest.raises(BadLine) as caught:
        list(read_events([*lines(HOLD), "", line]))

    assert caught.value.number == 3
