"""What this room knows about a person: notices that carry a contact of theirs. Nobody has to leave one."""

from datetime import datetime
from typing import Any

from antifraud.adverts.telling import notices_of
from antifraud.models import PostNotice
from mexitel.accounts.models import User


def own_data(user: User) -> dict[str, Any]:
    found = PostNotice.objects.filter(notices_of(user)).select_related("post").order_by("told_at")
    return {
        "notices_of_adverts": [
            {
                "told_at": one.told_at, "where": one.address, "words": one.words, "contact_in_it": one.contact,
                "price": one.price, "seen_on": one.seen_on, "own_contact": one.reporter, "state": one.post.state,
            }
            for one in found
        ],
    }  # fmt: skip


def forget(user: User, now: datetime) -> None:
    """The advert stays told; who told of it is forgotten."""
    PostNotice.objects.filter(notices_of(user)).update(reporter="", reporter_key=None)
