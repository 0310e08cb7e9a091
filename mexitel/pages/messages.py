"""The messages of the embedded run, so that anyone can try the sign-in: what was sent, and to whom.

It shows everybody's mail, so three locks stand before it: the URL exists only in the embedded run (which production
settings refuse), the request comes straight from this machine, and it names this machine as its host, so that no
page elsewhere can reach it through the reader's browser.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from importlib import import_module
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mexitel.outbox.models import Channel, OutgoingMessage
from mexitel.outbox.selectors import newest_messages
from mexitel.utils.time import now as clock

SHOWN = 50
REFRESH_SECONDS = 5
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
# The HTML part may style itself and do nothing else: no script, no request, no form, no frame around it.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True)
class Shown:
    pk: int
    is_sms: bool
    kind: str
    to: str
    at: datetime
    waits: bool
    given_up: str
    subject: str
    text: str
    has_html: bool
    attachments: list[str]


def local_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 for anybody but the person at this machine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not (settings.EMBEDDED and is_local(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(require_safe(guarded))


def is_local(request: HttpRequest) -> bool:
    """From a loopback address, through no proxy, to a loopback name."""
    try:
        loopback = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    passed_on = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA"))
    host = request.get_host().lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return loopback and not passed_on and name in LOCAL_NAMES


@local_only
def messages(request: HttpRequest) -> HttpResponse:
    refreshing = "actualizar" in request.GET
    context = {
        "outgoing": [shown(message) for message in newest_messages(SHOWN)],
        "codes": demo_codes(),
        "refresh_seconds": REFRESH_SECONDS if refreshing else None,
    }
    return render(request, "outbox/messages.html", context)


@local_only
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as a page of its own."""
    html = body_of(pk).get("html")
    if not html:
        raise Http404
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY, "Referrer-Policy": "no-referrer"})


@local_only
def message_attachment(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    attachments = body_of(pk).get("attachments", [])
    if number >= len(attachments):
        raise Http404
    part = attachments[number]
    response = HttpResponse(base64.b64decode(part["base64"]), content_type=part["type"])
    response.headers["Content-Disposition"] = f'attachment; filename="{safe_name(part["name"])}"'
    return response


def body_of(pk: int) -> dict:
    message = OutgoingMessage.objects.filter(pk=pk).first()
    if message is None or not message.body:
        raise Http404
    return json.loads(message.body)


def safe_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)


def shown(message: OutgoingMessage) -> Shown:
    body = json.loads(message.body) if message.body else {}
    return Shown(
        pk=message.pk,
        is_sms=message.channel == Channel.SMS,
        kind=message.kind,
        to=message.recipient,
        at=message.sent_at or message.created_at,
        waits=message.sent_at is None and message.given_up_at is None,
        given_up=message.given_up_reason,
        subject=body.get("subject", ""),
        text=body.get("text", ""),
        has_html=bool(body.get("html")),
        attachments=[part["name"] for part in body.get("attachments", [])],
    )


def demo_codes() -> list:
    """Second-factor codes of the demo staff; none where there are no demo accounts."""
    try:
        demo = import_module("mexitel.accounts.demo")
    except ModuleNotFoundError:
        return []
    return list(demo.current_codes(clock()))
