"""The link to a proposal: it opens without signing in, shows initials only, and can do one thing, accept.

As in appointments/links.py nothing of it is stored: the id of the hold, and a keyed hash that serves this alone.
"""

import base64
import binascii
import hmac
from uuid import UUID

from appointments.links import BadLink, public_url
from mexitel.utils.crypto import keyed_hash

PURPOSE = "closure.offer.1"
PROOF_BYTES = 16
LENGTH = 43


def token_for(hold_id: UUID) -> str:
    return base64.urlsafe_b64encode(hold_id.bytes + _proof(hold_id)).decode().rstrip("=")


def read_token(token: str) -> UUID:
    """The hold. Raises BadLink."""
    if len(token) != LENGTH or not token.isascii():
        raise BadLink
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadLink from error
    hold_id = UUID(bytes=raw[:16])
    if not hmac.compare_digest(token, token_for(hold_id)):
        raise BadLink
    return hold_id


def offer_url(hold_id: UUID) -> str:
    """With the portal's own address, for mails. Never written to a log."""
    return public_url("offer", token_for(hold_id))


def _proof(hold_id: UUID) -> bytes:
    return keyed_hash(PURPOSE, str(hold_id))[:PROOF_BYTES]
