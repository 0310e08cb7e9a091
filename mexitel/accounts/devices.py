"""A device where somebody signed in before keeps that, so that a stranger who asks for their codes from elsewhere
cannot lock them out. It opens nothing."""

from django.core import signing
from django.http import HttpRequest, HttpResponse

from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import mailbox

COOKIE = "mx_device"
SALT = "mexitel.accounts.devices"
MAX_AGE_SECONDS = 180 * 86400
MOST = 6  # a family on one computer


def knows(request: HttpRequest, address: str) -> bool:
    return _mark(address) in _marks(request)


def remember(request: HttpRequest, response: HttpResponse, address: str) -> None:
    marks = [_mark(address), *(mark for mark in _marks(request) if mark != _mark(address))][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(marks, salt=SALT),
        max_age=MAX_AGE_SECONDS,
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> list[str]:
    try:
        marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return []
    return marks if isinstance(marks, list) else []


def _mark(address: str) -> str:
    name = mailbox(address) if "@" in address else address
    return keyed_hash("device", name).hex()[:24]
