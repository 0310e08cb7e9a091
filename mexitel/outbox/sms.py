"""Text messages: what fits one part, and the gateways that send them."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

# GSM 03.38: one septet each, and the extension table, two septets each. á, í, ó, ú are not in it; é, ñ, ü, ¿
# and ¡ are.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
GSM_PART = 160
UCS2_PART = 70
TIMEOUT_SECONDS = 5


class SmsTooLong(ValueError):
    code = "sms_too_long"


def length(text: str) -> tuple[int, int]:
    """(units used, units in one part): septets of GSM-7, or UTF-16 units when a letter is outside GSM-7."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        return sum(2 if letter in EXTENDED else 1 for letter in text), GSM_PART
    return len(text.encode("utf-16-be")) // 2, UCS2_PART


def check_one_part(text: str) -> None:
    used, limit = length(text)
    if used > limit:
        raise SmsTooLong(f"{used} units, one part holds {limit}")


class SmsGateway(Protocol):
    def send(self, *, to: str, text: str, key: str) -> str:
        """Send and return the provider's receipt.

        ``key`` is the same for every try of one message, so that the provider can refuse a second copy.
        Raises OSError when it is worth trying again, SmsRefused when it is not.
        """


class SmsRefused(Exception):
    """The provider will never take this message (unknown number, blocked by the person)."""


@dataclass(frozen=True)
class HttpGateway:
    """POST {"to", "text", "key"} with a bearer token; the answer carries {"id"}."""

    url: str
    token: str

    def send(self, *, to: str, text: str, key: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - http_gateway checks the scheme
            self.url,
            data=json.dumps({"to": to, "text": text, "key": key}).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
            method="POST",
        )
        try:
            with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return _receipt(answer.read(65536))
        except urllib.error.HTTPError as error:
            if error.code in (400, 404, 410, 422):
                raise SmsRefused(str(error.code)) from None
            raise ConnectionError(f"gateway answered {error.code}") from None


def _receipt(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["id"])[:200]
    except (ValueError, KeyError, TypeError):
        return "accepted"  # a 2xx without a readable id is still a message that went out


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None  # a token must not follow a redirect


_opener = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class FileGateway:
    """Writes each message as a file, for runs in which nothing must leave the machine."""

    folder: Path

    def send(self, *, to: str, text: str, key: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}.sms"
        (self.folder / name).write_text(json.dumps({"to": to, "text": text, "key": key}, ensure_ascii=False))
        return name


def gateway() -> SmsGateway:
    """The one that ``settings.SMS_GATEWAY`` names: a dotted path to a function without arguments."""
    return import_string(settings.SMS_GATEWAY)()


class NoGateway:
    """There is no provider: every message is given up at once, and nobody waits for it."""

    def send(self, *, to: str, text: str, key: str) -> str:
        raise SmsRefused("no provider")


def http_gateway() -> SmsGateway:
    if not settings.SMS_GATEWAY_URL:
        return NoGateway()
    address = urlsplit(settings.SMS_GATEWAY_URL)
    if address.scheme != "https" and address.hostname != "127.0.0.1":
        raise ImproperlyConfigured("SMS_GATEWAY_URL must be an https address.")
    return HttpGateway(url=settings.SMS_GATEWAY_URL, token=settings.SMS_GATEWAY_TOKEN)


def file_gateway() -> SmsGateway:
    return FileGateway(folder=Path(settings.MESSAGES_DIR))
