"""From a kept message to an e-mail, and the backend that writes e-mails as files."""

import base64
import json
import time
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from .models import OutgoingMessage


def message_id(message: OutgoingMessage) -> str:
    """The same for every try, so that a mailbox shows a mail once even when it was handed over twice."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<outgoing.{message.pk}.{message.recipient_hash[:6].hex()}@{domain}>"


def build(message: OutgoingMessage) -> EmailMultiAlternatives:
    body = json.loads(message.body)
    mail = EmailMultiAlternatives(
        subject=body["subject"],
        body=body["text"],
        to=[message.recipient],
        headers={
            "Message-ID": message_id(message),
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    if body["html"]:
        mail.attach_alternative(body["html"], "text/html")
    for part in body["attachments"]:
        mail.attach(part["name"], base64.b64decode(part["base64"]), part["type"])
    return mail


class FileBackend(BaseEmailBackend):
    """Writes each mail as a file named by its moment, for runs in which nothing must leave the machine."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MESSAGES_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            (folder / f"{time.time_ns():020d}.eml").write_bytes(mail.message().as_bytes())
        return len(email_messages)
