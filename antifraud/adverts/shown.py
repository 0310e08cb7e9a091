"""What the person who told of an advert reads about it."""

from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from antifraud.adverts.receipts import key_of
from antifraud.models import PostNotice, PostState

SAID: dict[str, Promise] = {
    PostState.RECEIVED: _("We have it. A person will read it."),
    PostState.CONFIRMED: _("A person read it. We will report it to the platform."),
    PostState.REFUSED: _("A person read it. It is not something that we can report. Thank you for telling us."),
    PostState.REPORTED: _("We reported it to the platform. Now the platform decides."),
    PostState.REMOVED: _("It is gone. Thank you."),
    PostState.KEPT: _("The platform answered that it leaves it. We can ask again."),
    PostState.DECLINED: _("The platform has not looked at it. We can ask again."),
    PostState.REAPPEARED: _("It was gone and is there again. We will report it once more."),
}


class Came(NamedTuple):
    """What became of a notice: where the advert stands, in words, and since when."""

    told_on: date
    state: str
    words: Promise
    since: date


def came_of(number: str) -> Came | None:
    """By the number of a receipt; None when there is none of it."""
    key = key_of(number)
    notice = PostNotice.objects.filter(receipt_key=key).select_related("post").first() if key else None
    if notice is None:
        return None
    post = notice.post
    while post.joined_to is not None:
        post = post.joined_to
    told_on = notice.told_at.date()
    return Came(told_on, post.state, SAID[post.state], max(told_on, post.changed_at.date()))
