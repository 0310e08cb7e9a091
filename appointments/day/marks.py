"""A mark that a room above puts on people of the roster, with the one thing that the desk can note about it.

Rooms above register theirs from their app's ``ready``, as kinds of work do (consulates/today.py).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from django.utils.functional import Promise

from mexitel.accounts.models import User


class Mark(NamedTuple):
    """``text`` stands beside the name, ``act`` is the step that its button sends, ``button`` the word on it."""

    text: str | Promise
    act: str
    button: str | Promise


class Act(Protocol):
    def __call__(self, *, appointment_id: UUID, by: User, now: datetime) -> None:
        """Raises a DayError when it is refused."""


Finder = Callable[[Collection[UUID]], Mapping[UUID, Mark]]
FINDERS: list[Finder] = []
ACTS: dict[str, Act] = {}


def marks_people(find: Finder) -> Finder:
    """Register who is marked among some appointments, in one query."""
    FINDERS.append(find)
    return find


def act_of_mark(name: str) -> Callable[[Act], Act]:
    """Register what a mark's button does."""

    def register(act: Act) -> Act:
        ACTS[name] = act
        return act

    return register


def marks_of(appointment_ids: Collection[UUID]) -> dict[UUID, Mark]:
    found: dict[UUID, Mark] = {}
    for find in FINDERS:
        found.update(find(appointment_ids))
    return found
