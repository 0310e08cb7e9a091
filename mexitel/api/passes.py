"""A pass: a sign-in that is read without asking anybody, for the minutes of an opening (docs/adr/0040).

It carries what booking needs to know of the account, sealed, and the bearer token that it was made from. Where it is
used as that token, the token is looked up as ever.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.fernet import InvalidToken

from mexitel.accounts.models import User
from mexitel.api.models import ApiToken
from mexitel.utils.crypto import decrypt, encrypt

PREFIX = "mxp_"
VALID_FOR = timedelta(minutes=10)
# What is not among these is read when somebody asks for it.
CARRIED = ("id", "email", "phone_hash", "phone_verified_at")


class Pass(NamedTuple):
    token_id: int
    account: User


def pass_for(token: ApiToken, *, now: datetime) -> tuple[str, datetime]:
    """The pass and when it ends: after ten minutes, or with the token."""
    account, until = token.account, min(now + VALID_FOR, token.expires_at)
    verified = account.phone_verified_at
    carried = [
        account.pk,
        account.email,
        bytes(account.phone_hash).hex() if account.phone_hash else None,
        verified.timestamp() if verified else None,
    ]
    return PREFIX + encrypt(json.dumps(["api", until.timestamp(), token.pk, *carried])), until


def read_pass(text: str, *, now: datetime) -> Pass | None:
    """None for what is forged, over, or no pass."""
    if not text.startswith(PREFIX):
        return None
    try:
        purpose, until, token_id, pk, email, phone, verified = json.loads(decrypt(text.removeprefix(PREFIX)))
    except (InvalidToken, ValueError, TypeError):
        return None
    if purpose != "api" or until <= now.timestamp():
        return None
    phone_hash, verified_at = phone and bytes.fromhex(phone), verified and datetime.fromtimestamp(verified, UTC)
    return Pass(token_id, User.from_db("default", CARRIED, [pk, email, phone_hash, verified_at]))
