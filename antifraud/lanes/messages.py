"""What a person who asked to be a registered helper is told: the answer, and later when the registration ends.

Reloads what it is about, and running twice keeps one message.
"""

from datetime import datetime, timedelta

from django.template.loader import render_to_string
from django.utils import translation

from antifraud.models import Helper, HelperState
from appointments.links import public_url
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import to_gsm
from appointments.notifications.telling import number_of
from mexitel.outbox.services import send_mail, send_sms

FOLDER = "antifraud/lanes/{}/helper_answered"
TOLD = {HelperState.CONFIRMED, HelperState.REFUSED, HelperState.WITHDRAWN}
LASTS = timedelta(days=2)


def helper_answered(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"helper", "state"}: by mail, or by text message where the account has no address."""
    helper = Helper.objects.select_related("account").get(pk=payload["helper"])
    if helper.state not in TOLD or helper.state != payload["state"]:
        return
    account, key = helper.account, f"helper.answered:{helper.pk}:{helper.state}"
    with translation.override(account.language):
        facts = {"helper": helper, "link": public_url("helper_own"), "contact": public_url("contact")}
        if account.email:
            mail = mail_from(FOLDER.format("email"), facts)
            send_mail(
                to=account.email,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                language=account.language,
                now=now,
                kind="helper.answered",
                dedupe_key=key,
            )
        elif number := number_of(account):
            text = to_gsm(render_to_string(f"{FOLDER.format('sms')}.txt", facts).strip())
            send_sms(
                to=number, text=text, language=account.language, now=now, kind="helper.answered", dedupe_key=key,
                expires_at=now + LASTS,
            )  # fmt: skip
