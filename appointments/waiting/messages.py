"""What people on the list are told, by mail and text message: a place is kept, their place rests, their date came.

As in appointments/notifications, each reloads what it is about and says what is true when it is sent.
"""

import logging
from datetime import datetime, timedelta

from babel.dates import format_date
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from appointments import links
from appointments.models import EndReason, WaitingEntry, WaitingOffer
from appointments.notifications.handlers import number_of
from appointments.notifications.mail import Mail, mail_from
from appointments.notifications.sms import to_gsm
from appointments.waiting.answering import as_it_stands
from appointments.waiting.shown import until_words
from appointments.waiting.words import where_words
from consulates.wording import clock, local_day, moment
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import send_mail, send_sms

logger = logging.getLogger(__name__)

VERSION = 1
LASTS = timedelta(days=2)


def offered(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"offer"}; nothing of one that is over."""
    found = WaitingOffer.objects.select_related("entry__account", "entry__procedure", "session__consulate")
    offer = found.filter(pk=payload["offer"]).first()
    if offer is None or not as_it_stands(offer, now=now).is_open:
        return
    tell("offered", offer.entry, about=str(offer.pk), ends=offer.expires_at, now=now, offer=offer)


def paused(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"entry"}"""
    entry = _load(payload)
    if entry is not None and entry.is_live(now=now) and entry.paused_at is not None:
        tell("paused", entry, about=f"{entry.pk} {entry.paused_at.isoformat()}", ends=now + LASTS, now=now)


def over(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"entry"}"""
    entry = _load(payload)
    if entry is not None and entry.end_reason == EndReason.OVER:
        tell("over", entry, about=str(entry.pk), ends=now + LASTS, now=now)


def facts_of(kind: str, entry: WaitingEntry, offer: WaitingOffer | None, *, now: datetime) -> dict:
    """In the active language."""
    facts = {
        "entry": entry,
        "where": where_words(entry),
        "page": links.public_url("waiting_entry", entry.pk),
        "search": links.public_url("search"),
        "join": links.public_url("waiting_join"),
    }
    if offer is not None:
        zone_name = offer.session.time_zone
        facts |= {
            "offer": offer,
            "link": links.public_url("waiting_offer", offer.code),
            "until": until_words(as_it_stands(offer, now=now)),
            "until_clock": clock(offer.expires_at, zone_name),
            "moment": moment(offer.starts_at, zone_name),
            "day": _short_day(offer),
            "clock": clock(offer.starts_at, zone_name),
            "town": to_gsm(offer.session.city)[:20].rstrip(),
            "office": offer.session.consulate.name,
        }
    return facts


def mail_about(kind: str, facts: dict) -> Mail:
    """From ``templates/waiting/email/<kind>``."""
    return mail_from(f"waiting/email/{kind}", facts)


def text_about(kind: str, facts: dict) -> str:
    return " ".join(to_gsm(render_to_string(f"waiting/sms/{kind}.txt", facts)).split())


def tell(
    kind: str, entry: WaitingEntry, *, about: str, ends: datetime, now: datetime, offer: WaitingOffer | None = None
) -> None:
    account = entry.account
    key = f"waiting.{kind}:{VERSION}:{about}"
    with translation.override(account.language):
        facts = facts_of(kind, entry, offer, now=now)
        if account.email:
            mail = mail_about(kind, facts)
            send_mail(
                to=account.email,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                language=get_language() or "es",
                now=now,
                kind=f"waiting.{kind}",
                dedupe_key=key,
                expires_at=ends,
            )
        if number := number_of(account):
            _text(entry, number, kind, text_about(kind, facts), key=key, ends=ends, now=now)


def _load(payload: dict) -> WaitingEntry | None:
    return WaitingEntry.objects.select_related("account", "procedure").filter(pk=payload["entry"]).first()


def _short_day(offer: WaitingOffer) -> str:
    """``mar 24 nov``, ``Tue Nov 24``."""
    english = (get_language() or "es").startswith("en")
    pattern, locale = ("EEE MMM d", "en_US") if english else ("EEE d MMM", "es_MX")
    return format_date(local_day(offer.starts_at, offer.session.time_zone), pattern, locale=locale)


def _text(entry: WaitingEntry, to: str, kind: str, text: str, *, key: str, ends: datetime, now: datetime) -> None:
    try:
        with transaction.atomic():
            send_sms(
                to=to,
                text=text,
                language=entry.account.language,
                now=now,
                kind=f"waiting.{kind}",
                dedupe_key=key,
                expires_at=ends,
            )
    except SmsLimited as error:
        # The page of the entry says the same.
        logger.warning("no text message of kind %s: %s", kind, error.code)
        if not entry.account.email and entry.account.has_verified_phone:
            raise
