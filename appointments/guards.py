"""The door for fairness: dotted paths in ``BOOKING_GUARDS`` are asked before anything is held, confirmed or
moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING

if TYPE_CHECKING:
    from appointments.services.applicants import Entry

Verb = Literal["hold", "confirm", "move", "accept", "join", "correct"]
# What a step-up asks for: a little work of the device, a code by phone, or a call.
Need = Literal["work", "code", "call"]


@dataclass(frozen=True)
class BookingAttempt:
    """Who wants to do what. ``client`` is the network prefix and the browser's mark, as far as the edge saw
    them (mexitel.utils.browsers.Seen). A hold names the ``slots`` that it wants; a confirmation the ``hold``, its
    ``origin`` and its ``people``, a list for a seat; a correction the ``appointment``.
    """

    verb: Verb
    account: User
    channel: str
    party: int = 1
    client: tuple[str, str] = NOTHING
    now: datetime | None = None
    slots: tuple[int, ...] = ()
    hold: UUID | None = None
    origin: str = ""
    people: "Sequence[Sequence[Entry]]" = ()
    appointment: UUID | None = None


class BookingRefused(Exception):
    """A guard says no. ``code`` is stable; the sentence for it stands in appointments/refusals.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StepUpNeeded(BookingRefused):
    """Not a no: the booker does one thing more and goes on; the hold and what was typed stay as they are. On the
    telephone and at the window nobody is asked.
    """

    def __init__(self, need: Need) -> None:
        super().__init__("step_up")
        self.need = need


def run_guards(attempt: BookingAttempt) -> None:
    """Ask every guard in the order of the settings. Raises BookingRefused; whatever else a guard raises goes
    on up, because a crash is never consent. Called outside the transaction, so that a refusal keeps its
    evidence.
    """
    for path in settings.BOOKING_GUARDS:
        import_string(path)(attempt)
