"""What the edge sees of whoever books: the network around them, and a random mark that their browser keeps.

The mark says nothing about anybody: 128 random bits in a signed first-party cookie, set only where somebody signs in or
books, never on pages that are only read. No fingerprint is taken. What is kept anywhere is its keyed hash.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from mexitel.utils.clients import client_address, prefix_of
from mexitel.utils.crypto import keyed_hash

COOKIE = "mx_browser"
SALT = "mexitel.utils.browsers"
MAX_AGE_SECONDS = 180 * 86400
MARK_BYTES = 16


class Seen(NamedTuple):
    """The network prefix (a /24, or a /56 of IPv6) and the browser's mark as a keyed hash in hex; "" where unknown."""

    prefix: str = ""
    device: str = ""


NOTHING = Seen()


class BrowserMark:
    """Sets the cookie that a view asked for with ``seen_of`` or ``new_mark``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        given = getattr(request, "browser_mark", None)
        if given is not None:
            mark, lasts = given
            response.set_cookie(
                COOKIE, _signer().sign(mark), max_age=MAX_AGE_SECONDS if lasts else None, httponly=True,
                secure=request.is_secure(), samesite="Lax",
            )  # fmt: skip
        return response


def seen_of(request: HttpRequest) -> Seen:
    """What is seen of this request. A browser without a mark gets one with the answer, and is known by it from then
    on: one that keeps no cookies stays unknown, which says nothing against anybody.
    """
    mark = _mark_of(request)
    if not mark and not hasattr(request, "browser_mark"):
        new_mark(request)
    return Seen(prefix_of(client_address(request)), _hashed(mark) if mark else "")


def network_seen(request: Any) -> Seen:
    """Of a program, which keeps no cookie of ours: its network is all that is seen."""
    return Seen(prefix_of(client_address(request)))


def new_mark(request: HttpRequest, *, lasts: bool = True) -> Seen:
    """Another mark from now on, for a shared computer one that ends with the browser (``lasts`` is false)."""
    mark = secrets.token_hex(MARK_BYTES)
    request.browser_mark = (mark, lasts)  # type: ignore[attr-defined]
    return Seen(prefix_of(client_address(request)), _hashed(mark))


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)


def _mark_of(request: HttpRequest) -> str:
    try:
        return _signer().unsign(request.COOKIES.get(COOKIE, ""))
    except signing.BadSignature:
        return ""


def _hashed(mark: str) -> str:
    return keyed_hash("browser", mark)[:MARK_BYTES].hex()
