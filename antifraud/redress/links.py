"""The link to the page of a cancelled appointment: it opens without signing in, shows initials only, and serves this
page alone. Nothing of it is stored.

``booker`` opens all that one account lost by a decision, ``person`` one appointment, for who attends it.
"""

from typing import Literal, NamedTuple
from uuid import UUID

from django.core import signing

from appointments.links import BadLink, public_url

SALT = "antifraud.cancelled.1"
Kind = Literal["booker", "person"]
_LETTERS: dict[Kind, str] = {"booker": "b", "person": "p"}


class Mark(NamedTuple):
    kind: Kind
    token_id: UUID


def mark_for(kind: Kind, token_id: UUID) -> str:
    return signing.Signer(salt=SALT).sign(f"{_LETTERS[kind]}{token_id.hex}")


def read_mark(text: str) -> Mark:
    """Raises BadLink."""
    try:
        plain = signing.Signer(salt=SALT).unsign(text)
    except signing.BadSignature as error:
        raise BadLink from error
    kinds = {letter: kind for kind, letter in _LETTERS.items()}
    return Mark(kinds[plain[0]], UUID(plain[1:]))


def page_url(kind: Kind, token_id: UUID) -> str:
    """With the portal's own address, for mails. Never written to a log."""
    return public_url("cancelled_by_review", mark_for(kind, token_id))
