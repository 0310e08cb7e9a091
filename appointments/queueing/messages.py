"""What is told to whoever is in a queue: it opens in an hour (for those who asked), it is your turn, it was cancelled.

Each reloads the ticket and says nothing that is no longer so. Payloads carry {"ticket"} alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from appointments import links
from appointments.enums import Channel
from appointments.models import QueueTicket, TicketEnd
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import short_day
from appointments.notifications.telling import News, tell_account, text_from
from appointments.queueing.facts import facts_of
from appointments.queueing.shown import queue_release
from consulates.models import Release
from consulates.wording import clock, local_day, moment

VERSION = 1
FOLDER = "queueing"
BY_PHONE = {Channel.PHONE, Channel.COUNTER}
# A message that comes later than this tells nobody anything.
LASTS = timedelta(minutes=45)


def soon(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell("soon", payload, lambda ticket, release: not ticket.done and now < release.opens_at, now=now)


def called(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """Nothing to whoever has come by themselves. When all is taken in between, that is said, and where to go on."""
    _tell("called", payload, lambda ticket, release: not ticket.done and ticket.entered_at is None, now=now)


def cancelled(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell("cancelled", payload, lambda ticket, release: ticket.done == TicketEnd.CANCELLED, now=now)


def _tell(kind: str, payload: dict, is_so: Callable[[QueueTicket, Release], bool], *, now: datetime) -> None:
    ticket = QueueTicket.objects.select_related("account").filter(pk=payload["ticket"]).first()
    release = queue_release(ticket.release_id, now=now) if ticket else None
    if ticket is None or release is None or not is_so(ticket, release):
        return
    account = ticket.account
    with translation.override(account.language):
        facts = _facts(ticket, release, now=now)
        if kind == "called" and facts["is_full"]:
            kind = "full"
        # A reminder costs one message; whoever is called or called off reads it where they look first.
        is_one = kind == "soon" and account.email
        text = "" if is_one else text_from(f"{FOLDER}/sms/{kind}", facts)
        tell_account(
            account,
            News(mail_from(f"{FOLDER}/email/{kind}", facts), text),
            kind=f"queue.{kind}",
            key=f"queue.{kind}:{VERSION}:{ticket.pk}",
            now=now,
            ends=now + LASTS if kind != "cancelled" else None,
        )


def _facts(ticket: QueueTicket, release: Release, *, now: datetime) -> dict[str, Any]:
    zone_name = release.time_zone  # type: ignore[attr-defined]
    until = ticket.admitted_until
    left = facts_of(release, now=now)
    return {
        "release": release,
        "opens": moment(release.opens_at, zone_name),
        "day": short_day(local_day(release.opens_at, zone_name)),
        "clock": clock(release.opens_at, zone_name),
        "until": clock(until, zone_name) if until else "",
        "room": links.public_url("queue_room", release.pk),
        "search": links.public_url("search"),
        "contact": links.public_url("contact"),
        "waiting": links.public_url("waiting_join"),
        "releases": links.public_url("releases"),
        "free": left.phone_free + left.free if ticket.channel in BY_PHONE else left.free,
        "is_full": left.phase == "full",
    }
