"""What every address answers to every role: the words in which tests/staff/rows/ says it.

A row is written by hand and never read off the code: it is the second opinion on consulates/roles.py and on each page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from consulates.models import Consulate, Role

PLANNERS = frozenset({Role.PLANNER, Role.OFFICE_MANAGER, Role.NETWORK_COORDINATOR})
MANAGERS = frozenset({Role.OFFICE_MANAGER, Role.NETWORK_COORDINATOR})
CLERKS = frozenset({Role.DESK_CLERK, Role.OFFICE_MANAGER})
AGENTS = frozenset({Role.PHONE_AGENT, Role.DESK_CLERK, Role.OFFICE_MANAGER})
COORDINATORS = frozenset({Role.NETWORK_COORDINATOR})
EVERYBODY = frozenset(Role)


@dataclass
class World:
    """Two offices: an actor of scope "own" works in ``office``, one of scope "other" in ``elsewhere``."""

    office: Consulate
    elsewhere: Consulate


def in_office(world: World) -> dict:
    """The arguments of an address that names the office alone."""
    return {"code": world.office.code}


@dataclass(frozen=True)
class Staff:
    """An address of staff. ``get`` and ``post`` are the roles that may; None where the method does not exist (405 for
    everybody). ``kwargs`` makes the address, with its objects in ``world.office``; without it the address names no
    office, and whoever has the role anywhere may open it (and sees their own offices there).
    """

    get: frozenset[Role] | None = None
    post: frozenset[Role] | None = None
    kwargs: Callable[[World], dict] | None = None
    of_office: bool = field(default=True)

    @property
    def is_of_office(self) -> bool:
        return self.of_office and self.kwargs is not None


@dataclass(frozen=True)
class Open:
    """An address where a role changes nothing: everybody gets the answer of somebody of the staff without any role."""

    kwargs: Callable[[World], dict] | None = None


@dataclass(frozen=True)
class OfLibrary:
    """An address of a library whose own rules are tested where it is mounted; ``tested_in`` is that file."""

    tested_in: str


Row = Staff | Open | OfLibrary
