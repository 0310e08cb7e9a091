"""What the person reads: appointments are free, and did you ask for this one? Without a name and without a suspicion.

Each reloads what it is about and says what is true when it is sent; running twice keeps one message. A text message
carries a link here, and nowhere else in the portal: whoever is asked may have no account to sign in to.
"""

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from antifraud.models import IdentityRequest
from antifraud.models.validation import AskedBy
from antifraud.validation.tokens import request_url
from appointments import links
from appointments.models import Appointment
from appointments.notifications.mail import Mail, mail_from
from appointments.notifications.sms import short_day, to_gsm
from appointments.visits import Visit, visits_of
from consulates.wording import local_day, moment
from mexitel.outbox.services import send_mail, send_sms
from mexitel.outbox.sms import GSM_PART, length

VERSION = 1
FOLDER = "antifraud/validation"


def asked(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"request"}; nothing when it was answered or left to the window meanwhile."""
    _send("asked", payload, now=now)


def reminder(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _send("reminder", payload, now=now)


def text_of(kind: str, request: IdentityRequest) -> str:
    """One part: with the day where the portal's address leaves room for it."""
    session = request.appointment.session
    day = to_gsm(short_day(local_day(request.appointment.starts_at, session.time_zone)))
    facts = {"link": request_url(request.pk), "day": day}
    text = _text(kind, facts)
    return text if length(text)[0] <= GSM_PART else _text(kind, facts | {"day": ""})


def mail_of(kind: str, request: IdentityRequest, *, now: datetime) -> Mail:
    """The subject shows on locked screens: it names neither the person nor the place."""
    session = request.appointment.session
    facts = {
        "visit": visit_of(request, now=now),
        "until": moment(request.until, session.time_zone),
        "page": request_url(request.pk),
        "contact": links.public_url("contact"),
        "again": kind == "reminder",
    }
    return mail_from(f"{FOLDER}/email/asked", facts)


def visit_of(request: IdentityRequest, *, now: datetime) -> Visit:
    """The one appointment, as pages that a link opens show it: initials only."""
    [visit] = visits_of(Appointment.objects.for_pages().filter(pk=request.appointment_id), now=now)
    return visit


def _send(kind: str, payload: dict, *, now: datetime) -> None:
    found = IdentityRequest.objects.open(now=now).exclude(appointment__consulate__is_practice=True)
    request = found.filter(pk=payload["request"]).select_related("appointment__session").first()
    if request is None:
        return
    sent = {"now": now, "kind": f"validation.{kind}", "expires_at": request.until}
    sent["dedupe_key"] = f"validation.{kind}:{VERSION}:{request.pk}"
    with translation.override(request.language):
        language = get_language() or "es"
        if request.asked_by == AskedBy.SMS:
            send_sms(to=request.contact, text=text_of(kind, request), language=language, **sent)
        elif request.asked_by == AskedBy.MAIL:
            mail = mail_of(kind, request, now=now)
            send_mail(
                to=request.contact, subject=mail.subject, text=mail.text, html=mail.html, language=language, **sent
            )


def _text(kind: str, facts: dict) -> str:
    return " ".join(to_gsm(render_to_string(f"{FOLDER}/sms/{kind}.txt", facts)).split())
