"""Telling an account something: one mail and one text message, on the channels that it has."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import get_language

from appointments.models import Caller
from appointments.notifications.mail import Mail
from appointments.notifications.sms import to_gsm
from mexitel.accounts.addresses import takes_sms
from mexitel.accounts.models import User
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import Attachment, send_mail, send_sms

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What is told in the active language. ``text`` is the text message, in one part; "" sends none."""

    mail: Mail
    text: str = ""
    attachments: Sequence[Attachment] = ()


def tell_account(
    account: User, news: News, *, kind: str, key: str, now: datetime, ends: datetime | None = None
) -> None:
    """``key`` is sent once on each channel, and not after ``ends``. Raises SmsLimited where a text message is all that
    an account has: the outbox comes back to it. Whoever has a mailbox reads it there, and everybody on their pages.
    """
    language = get_language() or "es"
    if account.email:
        mail = news.mail
        send_mail(
            to=account.email, subject=mail.subject, text=mail.text, html=mail.html, language=language, now=now,
            kind=kind, attachments=list(news.attachments), dedupe_key=key, expires_at=ends,
        )  # fmt: skip
    number = number_of(account) if news.text else ""
    if not number:
        return
    try:
        with transaction.atomic():
            send_sms(to=number, text=news.text, language=language, now=now, kind=kind, dedupe_key=key, expires_at=ends)
    except SmsLimited as error:
        logger.warning("no text message of kind %s: %s", kind, error.code)
        if not account.email and account.has_verified_phone:
            raise


def number_of(account: User) -> str:
    """The verified number; of a caller who has none, and no e-mail either, the one that they stated. "" for none."""
    if account.has_verified_phone:
        return account.phone
    if account.email:
        return ""
    caller = Caller.objects.filter(account=account).first()
    return caller.phone if caller and caller.phone and takes_sms(caller.phone) else ""


def text_from(template: str, facts: dict) -> str:
    """The text message of ``templates/<template>.txt``, in letters that cost one part."""
    return " ".join(to_gsm(render_to_string(f"{template}.txt", facts)).split())
