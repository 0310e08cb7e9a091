"""One-time codes: asked for, sent again, tried. Ten minutes, single use, few tries; all of it decided by rows."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from mexitel.accounts import limits, messages
from mexitel.accounts.addresses import phone_prefix
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Channel, CodePurpose, CodeRequest, User
from mexitel.outbox.limits import SmsLimited
from mexitel.utils.emails import mailbox

DIGITS = 6
LIFETIME = timedelta(minutes=10)
MAX_ATTEMPTS = 5
MAX_SENDS = 4
SEND_AGAIN_AFTER = timedelta(seconds=30)


class CodeError(Exception):
    """Why a code was not sent or not accepted; ``code`` is stable."""

    code = "code"


class CodeLimited(CodeError):
    """This mailbox, number or network asked too often. The same for known and unknown addresses."""

    code = "code_limited"


class CodeTooSoon(CodeError):
    """Sent a moment ago; ``wait_seconds`` until it may be sent again."""

    code = "code_too_soon"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds)
        self.wait_seconds = wait_seconds


class CodeWrong(CodeError):
    """Not the code; ``attempts_left`` more tries."""

    code = "code_wrong"

    def __init__(self, attempts_left: int) -> None:
        super().__init__(attempts_left)
        self.attempts_left = attempts_left


class CodeExpired(CodeError):
    """Too old, used, tried too often, or never there."""

    code = "code_expired"


def ask(
    *,
    purpose: CodePurpose,
    channel: Channel,
    address: str,
    user: User | None,
    language: str,
    origin: Origin,
    now: datetime,
    known_device: bool = False,
) -> CodeRequest:
    """Send a code to ``address`` (exact e-mail or E.164) and return the request that it answers.

    What is done is the same for every address; whether a code can match is ``_answer``'s matter. Raises
    CodeLimited, which leaves nothing behind.
    """
    _count(channel, address, origin, known_device, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    request = CodeRequest(
        purpose=purpose, channel=channel, user=user, address=address, code=code, language=language,
        created_at=now, sent_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    with transaction.atomic():
        _answer(request, now)
        request.save(force_insert=True)
    return request


def send_again(*, request_id: uuid.UUID, origin: Origin, now: datetime, known_device: bool = False) -> CodeRequest:
    """The same code once more, with ten new minutes: whichever mail arrives first is right. Tries are not forgiven.

    Raises CodeTooSoon, CodeLimited, CodeExpired.
    """
    with transaction.atomic():
        request = CodeRequest.objects.select_for_update().filter(pk=request_id, used_at=None).first()
        if request is None or request.expires_at <= now or request.attempts >= MAX_ATTEMPTS:
            raise CodeExpired
        wait = request.sent_at + SEND_AGAIN_AFTER - now
        if wait > timedelta():
            raise CodeTooSoon(int(wait.total_seconds()) + 1)
        if request.sends >= MAX_SENDS:
            raise CodeLimited
        _count(Channel(request.channel), request.address, origin, known_device, now)
        request.sends, request.sent_at, request.expires_at = request.sends + 1, now, now + LIFETIME
        _answer(request, now)
        request.save()
    return request


def check(*, request_id: uuid.UUID, purpose: CodePurpose, typed: str, now: datetime) -> CodeRequest:
    """Spend a try; return the request if ``typed`` was its code, which is then used up.

    Raises CodeWrong and CodeExpired. The try is counted before the comparison and in one statement, so that
    a hundred guesses at once are still only ``MAX_ATTEMPTS``.
    """
    alive = CodeRequest.objects.filter(pk=request_id, purpose=purpose, used_at=None)
    tried = alive.filter(expires_at__gt=now, attempts__lt=MAX_ATTEMPTS).update(attempts=F("attempts") + 1)
    request = alive.first() if tried else None
    if request is None:
        raise CodeExpired
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    if not request.code or not constant_time_compare(digits, request.code):
        if request.attempts >= MAX_ATTEMPTS:
            raise CodeExpired
        raise CodeWrong(MAX_ATTEMPTS - request.attempts)
    if not alive.update(used_at=now, code=""):
        raise CodeExpired  # two right answers at once: one wins
    return request


def _count(channel: Channel, address: str, origin: Origin, known_device: bool, now: datetime) -> None:
    if channel == Channel.SMS:
        fits = limits.take("sms", {"number": address, "block of numbers": phone_prefix(address)}, origin, now)
    else:
        box = mailbox(address)
        # Whoever signed in on this device before is not locked out by a stranger who asks for their codes.
        counted = {"mailbox on a known device": box} if known_device else {
            "mailbox and client": f"{box}\x1f{origin.client}", "mailbox": box,
        }  # fmt: skip
        fits = limits.take("code", counted, origin, now)
    if not fits:
        raise CodeLimited


def _answer(request: CodeRequest, now: datetime) -> None:
    """Put the code, or the message that stands in for it, in the outbox; the page looks the same for all."""
    owner = _owner(request)
    common: dict[str, Any] = {"to": request.address, "language": request.language, "now": now}
    if request.purpose == CodePurpose.CHANGE_EMAIL and owner is not None and owner.pk != request.user_id:
        request.code = ""
        return messages.send_taken_hint(**common)
    if request.purpose == CodePurpose.SIGN_IN and owner is not None and owner.needs_second_factor:
        request.code = ""
        return messages.send_staff_hint(**common)
    if request.purpose == CodePurpose.SIGN_IN and owner is not None and not owner.is_active:
        request.code = ""
        if request.channel == Channel.EMAIL:
            messages.send_closed_hint(**common)
        return None
    try:
        messages.send_code(
            purpose=request.purpose, by_sms=request.channel == Channel.SMS, code=request.code,
            expires_at=request.expires_at, **common,
        )  # fmt: skip
    except SmsLimited as error:
        raise CodeLimited from error


def _owner(request: CodeRequest) -> User | None:
    """Who is named by the address now, looked up the same way whether there is somebody or not."""
    if request.channel == Channel.SMS:
        return User.objects.by_phone_alone(request.address).first()
    return User.objects.by_email(request.address).first()
