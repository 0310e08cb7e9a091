"""A hold that somebody began on the web and finishes on the telephone: what they say, and how an agent finds it.

Pure apart from ``find_held``. The reference is no secret: it opens nothing without a birth date.
"""

from datetime import datetime, timedelta
from uuid import UUID

from appointments.models import Hold
from appointments.services import HOLD_LENGTH

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TAIL_BITS = 40
# A hold lasts twice its length at most; older ones are not looked at.
OLDEST = 2 * HOLD_LENGTH + timedelta(minutes=1)


def said_reference(hold_id: UUID) -> str:
    """Eight letters and a check letter, like an appointment's (appointments/sql/01_helpers.sql, new_reference)."""
    tail = hold_id.int & ((1 << TAIL_BITS) - 1)
    digits = [(tail >> (5 * place)) & 31 for place in range(8)]  # from the right
    total = sum(digit * 2 // 32 + digit * 2 % 32 if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return "".join(LETTERS[digit] for digit in reversed(digits)) + LETTERS[(32 - total % 32) % 32]


def find_held(reference: str, *, now: datetime) -> Hold | None:
    """The open hold that is said so. Ids are ordered by time, so that only those of the last minutes are read."""
    since = UUID(int=int((now - OLDEST).timestamp() * 1000) << 80)
    recent = Hold.objects.open(now=now).filter(pk__gte=since).select_related("account")
    return next((held for held in recent.iterator() if said_reference(held.pk) == reference), None)
