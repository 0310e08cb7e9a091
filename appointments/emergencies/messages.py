"""What the person is told: it arrived, yes with the time, no with a why and what else helps. Mail and text message.

As in appointments/notifications, each reloads what it is about and says what is true when it is sent.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from babel.dates import format_date
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from appointments import links
from appointments.emergencies.help import what_helps, why_sentence
from appointments.models import Appointment, EmergencyRequest, EmergencyStatus
from appointments.models.emergency import WAITING
from appointments.notifications.mail import Mail, mail_from
from appointments.notifications.sms import to_gsm
from appointments.visits import visits_of
from consulates.wording import clock, local_day, moment
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.services import send_mail, send_sms

logger = logging.getLogger(__name__)

VERSION = 1
LASTS = timedelta(days=2)
FOLDER = "emergencies/email"
SMS = "emergencies/sms"


def asked(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"request"}; nothing when it was answered meanwhile."""
    request = _load(payload)
    if request and request.status in WAITING:
        _tell(request, "asked", _asked_facts, now=now)


def granted(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"request"}; the booking's own message says what to bring, this one says yes and when."""
    request = _load(payload)
    if request and request.status == EmergencyStatus.GRANTED and _first(request, now=now):
        _tell(request, "granted", lambda one: _granted_facts(one, now=now), now=now)


def refused(*, outbox_id: int, payload: dict, now: datetime) -> None:
    request = _load(payload)
    if request and request.status == EmergencyStatus.REFUSED:
        _tell(request, "refused", _refused_facts, now=now)


def mail_about(kind: str, request: EmergencyRequest, facts: dict) -> Mail:
    """From ``templates/emergencies/email/<kind>``. The subject says nothing of what happened to the person."""
    shared = {
        "request": request,
        "line": settings.PROTECTION_LINE,
        "page": links.public_url("emergency", request.pk),
        "contact": links.public_url("contact"),
        **facts,
    }
    return mail_from(f"{FOLDER}/{kind}", shared)


def text_about(kind: str, facts: dict) -> str:
    return " ".join(to_gsm(render_to_string(f"{SMS}/{kind}.txt", facts)).split())


def _load(payload: dict) -> EmergencyRequest | None:
    found = EmergencyRequest.objects.select_related("account", "consulate", "procedure")
    return found.filter(pk=payload["request"]).first()


def _first(request: EmergencyRequest, *, now: datetime) -> Appointment | None:
    standing = Appointment.objects.upcoming(now=now).select_related("session", "consulate", "procedure")
    return standing.filter(party_id=request.party_id, account=request.account_id).order_by("starts_at", "pk").first()


def _asked_facts(request: EmergencyRequest) -> dict:
    return {"answer_by": when_words(request)}


def when_words(request: EmergencyRequest) -> str:
    """By when somebody answers, on the clock of the office."""
    return moment(request.answer_by, request.consulate.time_zone) if request.answer_by else ""


def _granted_facts(request: EmergencyRequest, *, now: datetime) -> dict:
    first = _first(request, now=now)
    if first is None:
        return {}
    [visit, *_rest] = visits_of(
        Appointment.objects.for_pages().filter(party_id=first.party_id, session=first.session_id), now=now
    )
    return {"visit": visit, "several": len(visit.visitors) > 1}


def _refused_facts(request: EmergencyRequest) -> dict:
    return {
        "why": why_sentence(request.why),
        "helps": what_helps(request),
        "search": links.public_url("search"),
        "offices": links.public_url("office_list"),
    }


def _tell(request: EmergencyRequest, kind: str, facts_of: Callable[[EmergencyRequest], dict], *, now: datetime) -> None:
    account = request.account
    key = f"emergency.{kind}:{VERSION}:{request.pk}"
    with translation.override(account.language):
        facts = facts_of(request)
        if account.email:
            mail = mail_about(kind, request, facts)
            send_mail(
                to=account.email,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                language=get_language() or "es",
                now=now,
                kind=f"emergency.{kind}",
                dedupe_key=key,
                expires_at=now + LASTS,
            )
        if account.has_verified_phone:
            _text(request, kind, text_about(kind, sms_facts(request, kind, facts)), key=key, now=now)


def sms_facts(request: EmergencyRequest, kind: str, facts: dict) -> dict:
    zone_name = request.consulate.time_zone
    short = {"town": to_gsm(request.consulate.city)[:20].rstrip()}
    if kind == "asked" and request.answer_by:
        short |= {"day": _short_day(request.answer_by, zone_name), "clock": clock(request.answer_by, zone_name)}
    if kind == "granted" and facts.get("visit"):
        visit = facts["visit"]
        first = visit.first
        short |= {
            "day": _short_day(first.starts_at, first.session.time_zone),
            "clock": visit.clock,
            "town": to_gsm(visit.place.city)[:20].rstrip(),
        }
    return short


def _short_day(at: datetime, zone_name: str) -> str:
    """``mar 24 nov``, ``Tue Nov 24``."""
    english = (get_language() or "es").startswith("en")
    pattern, locale = ("EEE MMM d", "en_US") if english else ("EEE d MMM", "es_MX")
    return format_date(local_day(at, zone_name), pattern, locale=locale)


def _text(request: EmergencyRequest, kind: str, text: str, *, key: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            send_sms(
                to=request.account.phone,
                text=text,
                language=request.account.language,
                now=now,
                kind=f"emergency.{kind}",
                dedupe_key=key,
                expires_at=now + LASTS,
            )
    except SmsLimited as error:
        logger.warning("no text message of kind %s: %s", kind, error.code)
        if not request.account.email:
            raise
