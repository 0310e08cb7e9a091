"""Pure: the drawn order of those who joined on the same day: that of a draw with tickets of weight 1, kept as the place
of each ticket, so that the database sorts by it.
"""

import hashlib
import secrets
from datetime import date, datetime

from appointments.allocation.order import Ticket, best_number
from appointments.phone.call import LETTERS
from consulates.calendars import zone

# The network's calendar day: people of all its zones join one list.
ZONE = "America/Chicago"
TICKET_LETTERS, OFFER_LETTERS = 20, 12


def day_of(at: datetime) -> date:
    return at.astimezone(zone(ZONE)).date()


def commitment_of(seed: bytes) -> bytes:
    return hashlib.sha256(seed).digest()


def drawn_place(seed: bytes, code: str) -> bytes:
    """Where a ticket stands among those of its day: lower is earlier."""
    return best_number(seed, Ticket(code))


def new_code(length: int = TICKET_LETTERS) -> str:
    """Random letters that say nothing about a person."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
