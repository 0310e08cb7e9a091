"""What other rooms call: say what must happen after this transaction, or what must be told to whom.

Everything here only writes rows, in the caller's transaction: rolled back, nothing was said. Nothing here
talks to the broker, the mail server or the SMS provider.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from mexitel.utils.crypto import keyed_hash

from . import limits
from .models import Channel, OutgoingMessage
from .sms import check_one_part


class Attachment(NamedTuple):
    name: str
    content: bytes
    mimetype: str


def publish(*, kind: str, payload: dict, now: datetime, due_at: datetime | None = None) -> int:
    """Write one outbox row in the current transaction and return its id.

    ``kind`` names a handler in ``settings.OUTBOX_HANDLERS``; ``payload`` holds ids and codes, never personal
    data; ``due_at`` (default ``now``) is the first moment at which the relay may hand it on.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_message (created_at, due_at, kind, payload) VALUES (%s, %s, %s, %s) RETURNING id",
            [now, due_at or now, kind, json.dumps(payload)],
        )
        return cursor.fetchone()[0]


def send_mail(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    language: str,
    now: datetime,
    kind: str,
    attachments: Sequence[Attachment | tuple[str, bytes, str]] = (),
    dedupe_key: str | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Keep a mail to be sent after the commit; returns the id of its OutgoingMessage.

    ``attachments`` are (file name, bytes, MIME type). With a ``dedupe_key`` (the event's name and id) a
    second call sends nothing and returns the first message. After ``expires_at`` it is no longer sent.
    """
    body = {
        "subject": " ".join(subject.split()),  # a header is one line
        "text": text,
        "html": html,
        "attachments": [
            {"name": name, "type": mimetype, "base64": base64.b64encode(content).decode()}
            for name, content, mimetype in attachments
        ],
    }
    return _keep(Channel.MAIL, to, body, kind, language, dedupe_key, expires_at, now)


def send_sms(
    *,
    to: str,
    text: str,
    now: datetime,
    kind: str,
    language: str = "es",
    dedupe_key: str | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Keep a text message to be sent after the commit; returns the id of its OutgoingMessage.

    ``to`` is E.164. Raises SmsTooLong when ``text`` does not fit one part, and SmsLimited when the number,
    its prefix or the whole portal has had its share of the last 24 hours (``settings.SMS_LIMITS``); both
    leave nothing behind.
    """
    check_one_part(text)
    already = OutgoingMessage.objects.filter(channel=Channel.SMS, dedupe_key=dedupe_key).first() if dedupe_key else None
    if already:
        return already.pk
    limits.take(to, now)
    return _keep(Channel.SMS, to, {"text": text}, kind, language, dedupe_key, expires_at, now)


def recipient_hash(channel: str, to: str) -> bytes:
    """How a recipient is found again without being readable: e-mail in lower case, phone as it stands in
    E.164."""
    return keyed_hash(f"outgoing.{channel}", to.strip().lower())


def mark_bounced(*, message: int, now: datetime) -> None:
    """The provider said that this message did not arrive; the owner's page tells it
    (selectors.last_bounce)."""
    OutgoingMessage.objects.filter(pk=message, bounced_at=None).update(bounced_at=now)


def _keep(
    channel: Channel,
    to: str,
    body: dict,
    kind: str,
    language: str,
    dedupe_key: str | None,
    expires_at: datetime | None,
    now: datetime,
) -> int:
    fields = {
        "kind": kind,
        "language": language,
        "recipient": to,
        "recipient_hash": recipient_hash(channel, to),
        "prefix": limits.prefix(to) if channel == Channel.SMS else "",
        "body": json.dumps(body),
        "created_at": now,
        "expires_at": expires_at,
    }
    if dedupe_key is None:
        message = OutgoingMessage.objects.create(channel=channel, **fields)
    else:
        message, created = OutgoingMessage.objects.get_or_create(
            channel=channel, dedupe_key=dedupe_key, defaults=fields
        )
        if not created:
            return message.pk
    publish(kind=channel.value, payload={"message": message.pk, "about": kind}, now=now)
    return message.pk
