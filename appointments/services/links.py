"""Scopes that accounts gain or lose: a verified contact, or a group that a reviewer found."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from appointments import claim
from appointments.services.hold import request_for
from mexitel.accounts.models import User


def adopt_scopes(*, account: User, now: datetime) -> int:
    """Count what ``account`` has in use in every scope that it has now; returns how many permits that added.

    To be called whenever a contact of the account was verified or changed. The permits come as
    ``grandfathered``: the scope may stand above its cap until they end, and until then nothing new fits.
    Called again it adds none.
    """
    return claim.adopt_scopes(request_for(account, "adopt", channel=""), now=now)


def link_accounts(*, accounts: Sequence[User], cap: int, now: datetime) -> tuple[int, int]:
    """These accounts share one group scope with ``cap`` from now on: its id, and how many permits came into it.

    The group that one of them is in already is kept, the oldest where there are several.
    """
    requests = [request_for(account, "link", channel="") for account in accounts]
    return claim.link_accounts(requests, key=secrets.token_bytes(32), cap=cap, now=now)


def unlink_accounts(*, accounts: Sequence[User], scope_id: int, now: datetime) -> None:
    """Nobody counts in that group scope any more; what they hold stays theirs in their own scopes."""
    claim.unlink_accounts(
        [request_for(account, "link", channel="") for account in accounts], scope_id=scope_id, now=now
    )
