"""From a kept message to an e-mail, and the backend that writes e-mails as files."""

import base64
import json
import os
import re
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
    """Each mail as a file, for runs in which nothing must leave the machine.

    A mailbox that is handed the same Message-ID twice shows one mail; so does this folder. A file appears whole or
    not at all, whenever its writer is killed.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MESSAGES_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            message = mail.message()
            name = re.sub(r"[^\w.@-]", "", message["Message-ID"])
            draft = folder / f"{name}.{os.getpid()}.draft"
            draft.write_bytes(message.as_bytes())
            draft.replace(folder / f"{name}.eml")
        return len(email_messages)
