"""What the outbox itself can do: send a kept mail, send a kept text message.

Each runs inside the transaction that holds the outbox row; what it marks and that row's ``done_at`` become
true together. A second run finds the mark and does nothing.
"""

import json
import smtplib
from collections.abc import Callable
from datetime import datetime

from . import sms as text_messages
from .mail import build, message_id
from .models import OutgoingMessage


class Refused(Exception):
    """The other side will never take this message; trying again would change nothing."""


def mail(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _send_once(payload["message"], _send_mail, now)


def sms(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _send_once(payload["message"], _send_sms, now)


def _send_once(pk: int, send: Callable[[OutgoingMessage], str], now: datetime) -> None:
    message = OutgoingMessage.objects.select_for_update().get(pk=pk)
    if message.sent_at or message.given_up_at:
        return
    if message.expires_at and message.expires_at <= now:
        message.given_up_at, message.given_up_reason = now, "expired"
    else:
        try:
            message.receipt = send(message)
            message.sent_at = now
        except Refused:
            message.given_up_at, message.given_up_reason = now, "refused"
            message.bounced_at = now
    message.save(update_fields=["receipt", "sent_at", "given_up_at", "given_up_reason", "bounced_at"])


def _send_mail(message: OutgoingMessage) -> str:
    try:
        build(message).send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            raise Refused from None
        raise
    return message_id(message)


def _send_sms(message: OutgoingMessage) -> str:
    text = json.loads(message.body)["text"]
    try:
        return text_messages.gateway().send(to=message.recipient, text=text, key=f"mexitel-{message.pk}")
    except text_messages.SmsRefused:
        raise Refused from None
