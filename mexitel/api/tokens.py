"""Bearer tokens: opened by a one-time code, known by hash only, ended by sign-out, by time or with the account."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from mexitel.accounts.models import User
from mexitel.api.models import LONGEST, ApiToken
from mexitel.api.passes import read_pass
from mexitel.utils.crypto import keyed_hash

PREFIX = "mxt_"
SEEN_EVERY = timedelta(minutes=1)


class Opened(NamedTuple):
    token: str
    expires_at: datetime


def open_token(*, account: User, now: datetime) -> Opened:
    """A new token of 256 random bits. The account's tokens that are over go away with it."""
    ApiToken.objects.filter(account=account, expires_at__lte=now).delete()
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        account=account, token_hash=_hash(token), created_at=now, seen_at=now, expires_at=now + LONGEST
    )
    return Opened(token, now + LONGEST)


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """The living token ``text``, or the one that the pass ``text`` was made from, of somebody who may use it; its sign
    of life is noted once a minute.

    Staff never: what they may do needs a second factor, which a token does not carry.
    """
    passed = read_pass(text, now=now)
    known = {"pk": passed.token_id} if passed else {"token_hash": _hash(text)}
    token = ApiToken.objects.alive(now=now).select_related("account").filter(**known).first()
    if token is None or not may_use(token.account):
        return None
    if token.seen_at <= now - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(seen_at=now)
    return token


def close_token(token: ApiToken) -> None:
    token.delete()


def forget(account: User, now: datetime) -> None:
    """End every sign-in of ``account``; a step for the deletion of accounts."""
    ApiToken.objects.filter(account=account).delete()


def may_use(account: User) -> bool:
    return account.is_active and account.deleted_at is None and not account.needs_second_factor


def _hash(text: str) -> bytes:
    return keyed_hash("api token", text)
