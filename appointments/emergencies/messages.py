"""What the person is told: it arrived, yes with the time, no with a why and what else helps. Mail and text message.

As in appointments/notifications, each reloads what it is about and says what is true when it is sent.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from appointments import links
from appointments.emergencies.help import what_helps, why_sentence
from appointments.models import Appointment, EmergencyRequest, EmergencyStatus
from appointments.models.emergency import WAITING
from appointments.notifications.mail import Mail, mail_from
from appointments.notifications.sms import short_day, to_gsm
from appointments.notifications.telling import News, tell_account, text_from
from appointments.visits import visits_of
from consulates.wording import clock, local_day, moment

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
    with translation.override(account.language):
        facts = facts_of(request)
        text = text_from(f"{SMS}/{kind}", sms_facts(request, kind, facts))
        key = f"emergency.{kind}:{VERSION}:{request.pk}"
        news = News(mail_about(kind, request, facts), text)
        tell_account(account, news, kind=f"emergency.{kind}", key=key, now=now, ends=now + LASTS)


def sms_facts(request: EmergencyRequest, kind: str, facts: dict) -> dict:
    zone_name = request.consulate.time_zone
    short = {"town": to_gsm(request.consulate.city)[:20].rstrip()}
    if kind == "asked" and request.answer_by:
        short |= {
            "day": short_day(local_day(request.answer_by, zone_name)),
            "clock": clock(request.answer_by, zone_name),
        }
    if kind == "granted" and facts.get("visit"):
        visit = facts["visit"]
        first = visit.first
        short |= {
            "day": short_day(local_day(first.starts_at, first.session.time_zone)),
            "clock": visit.clock,
            "town": to_gsm(visit.place.city)[:20].rstrip(),
        }
    return short
