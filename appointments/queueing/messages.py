"""What is told to whoever is in a queue: it opens in an hour (for those who asked), it is your turn, it was cancelled.

Each reloads the ticket and says nothing that is no longer so. Payloads carry {"ticket"} alone.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from appointments import links
from appointments.models import QueueTicket, TicketEnd
from appointments.notifications.handlers import number_of
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import short_day, to_gsm
from appointments.queueing.shown import queue_release
from consulates.models import Release
from consulates.wording import clock, local_day, moment
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import send_mail, send_sms

logger = logging.getLogger(__name__)

VERSION = 1
FOLDER = "queueing"
# A message that comes later than this tells nobody anything.
LASTS = timedelta(minutes=45)


def soon(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell("soon", payload, lambda ticket, release: not ticket.done and now < release.opens_at, now=now)


def called(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """Nothing to whoever has come by themselves."""
    _tell("called", payload, lambda ticket, release: not ticket.done and ticket.entered_at is None, now=now)


def cancelled(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell("cancelled", payload, lambda ticket, release: ticket.done == TicketEnd.CANCELLED, now=now)


def _tell(kind: str, payload: dict, is_so: Callable[[QueueTicket, Release], bool], *, now: datetime) -> None:
    ticket = QueueTicket.objects.select_related("account").filter(pk=payload["ticket"]).first()
    release = queue_release(ticket.release_id, now=now) if ticket else None
    if ticket is None or release is None or not is_so(ticket, release):
        return
    account = ticket.account
    key = f"queue.{kind}:{VERSION}:{ticket.pk}"
    with translation.override(account.language):
        facts = _facts(ticket, release)
        shared: dict[str, Any] = {
            "language": get_language() or "es",
            "now": now,
            "kind": f"queue.{kind}",
            "dedupe_key": key,
            "expires_at": now + LASTS if kind != "cancelled" else None,
        }
        if account.email:
            mail = mail_from(f"{FOLDER}/email/{kind}", facts)
            send_mail(to=account.email, subject=mail.subject, text=mail.text, html=mail.html, **shared)
        number = number_of(account)
        # A reminder costs one message; whoever is called or called off reads it where they look first.
        if number and not (kind == "soon" and account.email):
            _text(number, kind, facts, shared)


def _facts(ticket: QueueTicket, release: Release) -> dict[str, Any]:
    zone_name = release.time_zone  # type: ignore[attr-defined]
    until = ticket.admitted_until
    return {
        "release": release,
        "opens": moment(release.opens_at, zone_name),
        "day": short_day(local_day(release.opens_at, zone_name)),
        "clock": clock(release.opens_at, zone_name),
        "until": clock(until, zone_name) if until else "",
        "room": links.public_url("queue_room", release.pk),
        "search": links.public_url("search"),
        "contact": links.public_url("contact"),
    }


def _text(number: str, kind: str, facts: dict, shared: dict) -> None:
    text = " ".join(to_gsm(render_to_string(f"{FOLDER}/sms/{kind}.txt", facts)).split())
    try:
        with transaction.atomic():
            send_sms(to=number, text=text, **shared)
    except SmsLimited as error:
        # The page says the same; nobody loses a place for want of a message.
        logger.warning("no text message of kind queue.%s: %s", kind, error.code)
