"""Small middleware that every page needs."""

import json
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from mexitel.utils.db import is_not_now

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]
RETRY_AFTER_SECONDS = 5
PLAIN_SORRY = (
    '<!doctype html><html lang="es"><meta charset="utf-8"><title>Intente de nuevo</title>'
    "<h1>El portal no puede responder en este momento</h1>"
    "<p>Sus citas están guardadas. Intente de nuevo en unos segundos.</p>"
    '<p lang="en">The portal cannot answer right now. Your appointments are safe. Try again in a few seconds.</p>'
)


class PermissionsPolicy:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class PersonalPagesAreNotStored:
    """What a signed-in person sees stays out of every cache, also the browser's on a shared computer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and self.is_personal(request):
            add_never_cache_headers(response)
        return response

    @staticmethod
    def is_personal(request: HttpRequest) -> bool:
        """Asking for the user would itself read the session, so only requests whose page did are looked at."""
        session = getattr(request, "session", None)
        return session is not None and session.accessed and request.user.is_authenticated


class DatabaseAway:
    """503 with Retry-After instead of 500 while PostgreSQL is away or busy; ``server_error`` does it outside views."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return try_again_later(request, error) if is_not_now(error) else None


def try_again_later(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """A 503 that needs no database and no template engine, as problem+json for the API."""
    logger.error("the database cannot answer: %s", type(error).__name__)
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "Try again later",
            "status": 503,
            "code": "unavailable",
            "detail": "The portal cannot answer at this moment. Send it again soon: the same key does nothing twice.",
        }
        response = HttpResponse(json.dumps(problem), status=503, content_type="application/problem+json")
    else:
        response = HttpResponse(sorry_page(), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


@cache
def sorry_page() -> str:
    """templates/503.html is a static page on purpose: it is read once and never rendered."""
    page = Path(settings.BASE_DIR) / "templates" / "503.html"
    return page.read_text() if page.exists() else PLAIN_SORRY
