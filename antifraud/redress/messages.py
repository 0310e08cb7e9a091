"""What is told of a cancellation by a reviewer, and of the answer to an appeal: by mail and text message, to who
booked, and to who attends where they have shown a contact of their own.

As in appointments/notifications each reloads what it is about, and running twice keeps one message.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation

from antifraud.models import Appeal, AppealState, PriorityToken
from antifraud.redress.appealing import is_bookers, tokens_of
from antifraud.redress.links import Kind, page_url
from antifraud.redress.words import why
from antifraud.validation.contacts import Validated, validated_contact
from appointments.calendar_file import NAME, calendar_file, content_type
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from appointments.notifications.handlers import load
from appointments.notifications.mail import mail_of
from appointments.notifications.sms import text_of
from appointments.notifications.telling import number_of
from appointments.visits import visits_of
from mexitel.accounts.models import User
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import Attachment, send_mail, send_sms
from mexitel.utils.calendar import long_date

logger = logging.getLogger(__name__)

VERSION = 1
LASTS = timedelta(days=2)
FOLDER = "antifraud/redress/{}"


def cancelled(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"decision", "account"}: why, in words, what they can do, and the link. Nothing of what was given back since."""
    found = PriorityToken.objects.filter(decision=payload["decision"], account=payload["account"], used_at=None)
    tokens = list(found.select_related("decision", "account").order_by("appointment__starts_at", "pk"))
    if not tokens:
        return
    _tell("cancelled", tokens, _contact_of(tokens[0].account), "booker", now=now)
    for token in tokens:
        contact = validated_contact(token.appointment_id)
        if contact is not None:
            _tell("cancelled", [token], contact, "person", now=now)


def answered(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"appeal"}: the reviewer's own words, and what follows."""
    appeal = Appeal.objects.select_related("decision").get(pk=payload["appeal"])
    tokens = tokens_of(appeal)
    if appeal.state == AppealState.OPEN or not tokens:
        return
    kind: Kind = "booker" if is_bookers(appeal, tokens) else "person"
    contact = _contact_of(tokens[0].account) if kind == "booker" else validated_contact(tokens[0].appointment_id)
    if contact is not None:
        _tell("answered", tokens, contact, kind, now=now, appeal=appeal, about=str(appeal.pk))


def facts_of(
    kind: str, tokens: Sequence[PriorityToken], link: Kind, *, now: datetime, appeal: Appeal | None = None
) -> dict:
    """What the templates of ``kind`` say beyond the visits, in the active language."""
    facts = {"link": page_url(link, tokens[0].pk), "why": why(tokens[0].decision.reason), "short": True}
    if kind == "cancelled":
        return facts | {"appeal_until": long_date(tokens[0].appeal_until.date())}
    assert appeal is not None  # noqa: S101 - an answer is of an appeal
    return facts | {
        "appeal": appeal,
        "upheld": appeal.state == AppealState.UPHELD,
        "given_back": any(token.used_at for token in tokens),
        "may_choose": any(not token.used_at for token in tokens),
    }


def _tell(
    kind: str, tokens: Sequence[PriorityToken], contact: Validated, link: Kind, *, now: datetime,
    appeal: Appeal | None = None, about: str = "",
) -> None:  # fmt: skip
    appointments = _told(tokens, appeal)
    if not appointments:
        return
    key = f"redress.{kind}:{VERSION}:{link}:{about or tokens[0].pk}"
    with translation.override(contact.language):
        visits = visits_of(appointments, now=now)
        if contact.email:
            facts = facts_of(kind, tokens, link, now=now, appeal=appeal)
            mail = mail_of(kind, visits, folder=FOLDER.format("email"), **facts)
            calendar = Attachment(NAME, calendar_file(visits, now=now), content_type(visits))
            send_mail(
                to=contact.email, subject=mail.subject, text=mail.text, html=mail.html, language=contact.language,
                now=now, kind=f"redress.{kind}", dedupe_key=key,
                attachments=[calendar] if kind == "cancelled" else [],
            )  # fmt: skip
        if contact.phone:
            _text(contact, text_of(kind, visits, folder=FOLDER.format("sms")), kind=kind, key=key, now=now)


def _told(tokens: Sequence[PriorityToken], appeal: Appeal | None) -> list[Appointment]:
    """The appointments that were cancelled; of an answer, those that were given back in their place. What is booked in
    the practice office is told to nobody.
    """
    ids = [(appeal and token.used_for_id) or token.appointment_id for token in tokens]
    return [
        one
        for one in load([str(pk) for pk in ids])
        if not one.consulate.is_practice and (appeal or one.status == AppointmentStatus.CANCELLED)
    ]


def _contact_of(account: User) -> Validated:
    return Validated(email=account.email or "", phone=number_of(account), language=account.language)


def _text(contact: Validated, text: str, *, kind: str, key: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            send_sms(
                to=contact.phone, text=text, language=contact.language, now=now, kind=f"redress.{kind}",
                dedupe_key=key, expires_at=now + LASTS,
            )  # fmt: skip
    except SmsLimited as error:
        logger.warning("no text message of kind %s: %s", kind, error.code)
        if not contact.email:
            raise
