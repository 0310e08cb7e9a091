"""What those who asked are told: a release is announced, is cancelled, opens soon. By mail, else by text message."""

import logging
from datetime import datetime, timedelta

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from appointments import links
from appointments.announcing.hours import in_daytime
from appointments.models import AlertKind, ReleaseAlert
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import short_day, to_gsm
from appointments.notifications.telling import number_of
from consulates.announcing import words
from consulates.models import ReleaseOffice
from consulates.releases.shown import Shown, Stage, public_release
from consulates.wording import clock, local_day, moment
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import send_mail, send_sms

logger = logging.getLogger(__name__)

VERSION = 1


def told(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"alert", "release", "kind", "opens_at"}; nothing to whoever stopped it, nothing that is no longer true."""
    alert = ReleaseAlert.objects.select_related("account", "consulate").filter(pk=payload["alert"]).first()
    shown = public_release(payload["release"], now=now)
    if alert is None or shown is None or not alert.stands:
        return
    row = next((row for row in shown.offices if row.consulate_id == alert.consulate_id), None)
    kind = AlertKind(payload["kind"])
    if row is not None and _is_true(kind, shown, row, now=now):
        tell(kind, alert, shown, row, now=now)


def _is_true(kind: AlertKind, shown: Shown, row: ReleaseOffice, *, now: datetime) -> bool:
    cancelled = shown.stage == Stage.CANCELLED
    if kind == AlertKind.CANCELLED:
        return cancelled
    if kind == AlertKind.SOON and in_daytime(now, row.consulate.time_zone) != now:
        return False  # it was late: nobody is woken
    return not cancelled and row.opens_at > now


def tell(kind: AlertKind, alert: ReleaseAlert, shown: Shown, row: ReleaseOffice, *, now: datetime) -> None:
    account = alert.account
    key = f"release.{kind}:{VERSION}:{shown.release.pk}:{row.opens_at.isoformat()}:{account.pk}"
    ends = max(row.opens_at, now + timedelta(hours=1))
    with translation.override(account.language):
        facts = facts_of(alert, shown, row)
        if account.email and not account.email_bounced_at:
            mail = mail_from(f"announcing/email/{kind}", facts)
            send_mail(
                to=account.email, subject=mail.subject, text=mail.text, html=mail.html,
                language=get_language() or "es", now=now, kind=f"release.{kind}", dedupe_key=key, expires_at=ends,
            )  # fmt: skip
        elif number := number_of(account):
            text = " ".join(to_gsm(render_to_string(f"announcing/sms/{kind}.txt", facts)).split())
            try:
                send_sms(to=number, text=text, language=account.language, now=now, kind=f"release.{kind}",
                         dedupe_key=key, expires_at=ends)  # fmt: skip
            except SmsLimited as error:
                # The public page says the same.
                logger.warning("no text message of kind %s: %s", kind, error.code)


def facts_of(alert: ReleaseAlert, shown: Shown, row: ReleaseOffice) -> dict:
    """In the active language, as the office of the wish sees it."""
    own = Shown(shown.release, shown.stage, [row], shown.procedures)
    zone_name = row.consulate.time_zone
    return {
        "shown": own,
        "office": row.consulate.name,
        "city": to_gsm(row.consulate.city)[:18].rstrip(),
        "moment": moment(row.opens_at, zone_name),
        "day": short_day(local_day(row.opens_at, zone_name)),
        "clock": clock(row.opens_at, zone_name),
        "seats": words.seats_words(row.seats),
        "what": words.what_words(own),
        "reason": shown.release.shown_reason,
        "page": words.page_url("release", shown.release.pk),
        "short_page": links.public_url("release", shown.release.pk),
        "stop": links.public_url("release_alert_stop", alert.code),
    }
