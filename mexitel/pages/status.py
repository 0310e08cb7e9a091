"""What works at this moment. Each check answers within about a second and never raises."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from redis import Redis
from redis.exceptions import RedisError

from mexitel.outbox.selectors import outbox_status

NOT_WELL = _("Does not work well")


@dataclass(frozen=True)
class Part:
    """``works`` is None when this installation cannot tell."""

    name: Promise
    works: bool | None
    trouble: Promise
    trouble_word: Promise = NOT_WELL

    @property
    def level(self) -> str:
        return {True: "ok", False: "bad", None: "unknown"}[self.works]

    @property
    def word(self) -> Promise:
        return {True: _("Works"), False: self.trouble_word, None: _("Not known")}[self.works]

    @property
    def note(self) -> Promise | str:
        return self.trouble if self.works is False else ""


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool | None:
    url = getattr(settings, "REDIS_URL", "")
    if not url:
        return None
    try:
        with Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5) as client:
            return bool(client.ping())
    except (RedisError, OSError, ValueError):
        return False


def messages_go_out(now: dt.datetime) -> bool | None:
    """True while the relay shows signs of life (it sends even where no worker does) and nothing waits too long."""
    try:
        outbox = outbox_status(now=now)
    except DatabaseError:
        return None
    return outbox.alive("relay") and not outbox.late


def parts(now: dt.datetime) -> list[Part]:
    database = database_answers()
    sends: Callable[[], bool | None] = lambda: messages_go_out(now) if database else None  # noqa: E731
    return [
        Part(_("Find and book appointments"), database, _("Try again in a few minutes.")),
        Part(_("Codes, receipts and reminders"), sends(), _("They may arrive late. You need not ask again.")),
        Part(_("Speed"), redis_answers(), _("Everything can be done."), _("Slower than usual")),
    ]
