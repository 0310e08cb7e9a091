"""The door for fairness: dotted paths in ``BOOKING_GUARDS`` are asked before anything is held, confirmed or
moved.
"""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING

Verb = Literal["hold", "confirm", "move", "accept", "join"]


@dataclass(frozen=True)
class BookingAttempt:
    """Who wants to do what. ``client`` is the network prefix and the browser's mark, as far as the edge saw
    them (mexitel.utils.browsers.Seen).
    """

    verb: Verb
    account: User
    channel: str
    party: int = 1
    client: tuple[str, str] = NOTHING


class BookingRefused(Exception):
    """A guard says no. ``code`` is stable; the sentence for it stands in appointments/refusals.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run_guards(attempt: BookingAttempt) -> None:
    """Ask every guard in the order of the settings. Raises BookingRefused; whatever else a guard raises goes
    on up, because a crash is never consent. Called outside the transaction, so that a refusal keeps its
    evidence.
    """
    for path in settings.BOOKING_GUARDS:
        import_string(path)(attempt)
