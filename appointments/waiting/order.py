"""Pure: the drawn order of those who joined on the same day. The rule of a queue or a draw with tickets of weight 1:
HMAC-SHA256 of the numbered ticket under the day's seed, lowest first.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime

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
    return hmac.new(seed, f"{code}#1".encode(), hashlib.sha256).digest()


def new_code(length: int = TICKET_LETTERS) -> str:
    """Random letters that say nothing about a person."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
