"""The Idempotency-Key header: required where something is booked, moved or cancelled (DESIGN 4.10)."""

import hashlib
import json
import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from mexitel.api.problems import Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,200}")


def key_of(request: Request) -> str:
    """The key that came with ``request``. Raises Problem (400) when there is none or it cannot be one."""
    key = request.headers.get(HEADER)
    if key is None:
        raise Problem(
            400, "key_missing", _("Send an Idempotency-Key: a new one for each booking, move or cancellation.")
        )
    if not KEY.fullmatch(key):
        raise Problem(400, "key_invalid", _("An Idempotency-Key has 1 to 200 visible ASCII characters."))
    return key


def body_hash(request: Request) -> bytes:
    """SHA-256 of where the request goes and what it says; spaces and the order of names do not count."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.path}\n{body}".encode()).digest()
