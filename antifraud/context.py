"""What the pages of other rooms show of this one."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from antifraud.redress.shown import own_cancelled
from antifraud.selectors import blocks_of
from mexitel.accounts.models import User
from mexitel.utils.time import now


def own_blocks(request: HttpRequest) -> dict:
    """Context processor: the blocks that the signed-in person is under, and what reviewers cancelled for them. Asked
    only by the pages that show them.
    """
    user = getattr(request, "user", None)
    return {
        "own_blocks": SimpleLazyObject(lambda: blocks_of(user, now=now()) if isinstance(user, User) else []),
        "own_cancelled": SimpleLazyObject(lambda: own_cancelled(user, now=now()) if isinstance(user, User) else []),
    }
