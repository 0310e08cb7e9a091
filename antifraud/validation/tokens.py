"""The link that asks one person about one appointment: 22 letters that nobody can guess, derived from the request.

Only a keyed hash of it is kept (``IdentityRequest.token_hash``), so that neither a copy of the database opens a page
nor a reminder needs a second link. It is good for one answer (antifraud/validation/answers.py).
"""

import base64
from uuid import UUID

from appointments.links import public_url
from mexitel.utils.crypto import keyed_hash

PURPOSE = "validation.link.1"
PROOF_BYTES = 16
LENGTH = 22


def token_for(request_id: UUID) -> str:
    return base64.urlsafe_b64encode(keyed_hash(PURPOSE, str(request_id))[:PROOF_BYTES]).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    return keyed_hash("validation.token", token)


def request_url(request_id: UUID) -> str:
    """With the portal's own address, for messages. Never written to a log."""
    return public_url("identity_answer", token_for(request_id))
