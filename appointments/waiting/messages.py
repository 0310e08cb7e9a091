"""What people on the list are told, by mail and text message: a place is kept, their place rests, their date came.

As in appointments/notifications, each reloads what it is about and says what is true when it is sent.
"""

from datetime import datetime, timedelta

from django.utils import translation

from appointments import links
from appointments.models import EndReason, WaitingEntry, WaitingOffer
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import short_day, to_gsm
from appointments.notifications.telling import News, tell_account, text_from
from appointments.waiting.answering import as_it_stands
from appointments.waiting.shown import until_words
from appointments.waiting.words import where_words
from consulates.wording import clock, local_day, moment

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
            "day": short_day(local_day(offer.starts_at, zone_name)),
            "clock": clock(offer.starts_at, zone_name),
            "town": to_gsm(offer.session.city)[:20].rstrip(),
            "office": offer.session.consulate.name,
        }
    return facts


def tell(
    kind: str, entry: WaitingEntry, *, about: str, ends: datetime, now: datetime, offer: WaitingOffer | None = None
) -> None:
    account = entry.account
    with translation.override(account.language):
        facts = facts_of(kind, entry, offer, now=now)
        news = News(mail_from(f"waiting/email/{kind}", facts), text_from(f"waiting/sms/{kind}", facts))
        key = f"waiting.{kind}:{VERSION}:{about}"
        tell_account(account, news, kind=f"waiting.{kind}", key=key, now=now, ends=ends)


def _load(payload: dict) -> WaitingEntry | None:
    return WaitingEntry.objects.select_related("account", "procedure").filter(pk=payload["entry"]).first()
