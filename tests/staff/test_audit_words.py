"""Every act that the code writes into the audit trail has words, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from appointments.models import AttendanceState, Recovery
from appointments.models.closure import ClosureKind
from consulates.audit_words import ACTIONS, NOUNS, OBJECTS, action_words, object_words
from consulates.transfer.saving import OFFICES, SESSIONS
from mexitel.accounts.models import LinkPurpose

ROOMS = ("antifraud", "appointments", "consulates", "mexitel")
# Functions that write a line, or hand an action on to one that does.
WRITERS = {"record", "_record", "_note", "note", "looked", "_look"}
# Actions whose end is a value of the row: what may stand there.
FAMILIES = {
    "attendance.": [*AttendanceState.values, "undone", "called_again", "priority_set", "priority_taken"],
    "caller.recovery_": Recovery.Outcome.values,
    "closure.": ClosureKind.values,
    "import.": [SESSIONS, OFFICES],
    "plan.": ["create", "edit", "delete", "copy", "template", "publish"],
    "staff_link.": LinkPurpose.values,
}


def written() -> dict[str, str]:
    """Each action of the code, with a file that writes it; an open end stands as ``prefix*``."""
    found = {}
    for room in ROOMS:
        for path in sorted((Path(settings.BASE_DIR) / room).rglob("*.py")):
            if "migrations" not in path.parts:
                for action in actions_of(ast.parse(path.read_text("utf-8"))):
                    found.setdefault(action, path.relative_to(settings.BASE_DIR).as_posix())
    return found


def actions_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in WRITERS:
            for value in [*node.args, *(one.value for one in node.keywords if one.arg == "action")]:
                yield from _texts(value)
        if isinstance(node, ast.Assign) and any(_name(target).lower() == "action" for target in node.targets):
            yield from _texts(node.value)


def _name(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield f"{node.values[0].value}*"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
        yield node.value


def every_action() -> dict[str, str]:
    whole = {}
    for action, path in written().items():
        ends = FAMILIES[action[:-1]] if action.endswith("*") else [""]
        whole |= {action.rstrip("*") + end: path for end in ends}
    return whole


def test_every_act_that_is_written_has_words():
    assert {action: path for action, path in every_action().items() if action not in ACTIONS} == {}


def test_every_kind_of_act_can_be_chosen_in_the_filter():
    assert {action.partition(".")[0] for action in every_action()} - set(NOUNS) == set()


def test_words_are_spanish_and_english():
    for words in (ACTIONS, NOUNS, OBJECTS):
        for key, text in words.items():
            with translation.override("es"):
                spanish = str(text)
            with translation.override("en"):
                assert spanish != str(text) or key in {"staff"}, key


def test_finder_sees_each_way_of_writing():
    """The control: an act in any of the shapes that the code uses is found."""
    code = """
record(actor=a, action="one.a", target=t, now=now)
record(actor=a, action="two.b" if x else "two.c", target=t, now=now)
self._record(request, "three.d", target)
action = "four.e"
ACTION = "five.f"
record(actor=a, action=f"six.{kind}", target=t, now=now)
"""
    assert sorted(actions_of(ast.parse(code))) == ["five.f", "four.e", "one.a", "six.*", "three.d", "two.b", "two.c"]


def test_act_of_an_older_version_is_shown_as_it_is_kept():
    assert action_words("gone.by") == "gone.by"


@pytest.mark.parametrize("key", ["", "list"])
def test_thing_without_a_number_is_named_alone(key):
    with translation.override("en"):
        assert object_words("accounts.user", key) == "account"
