"""The few calls of an opening's minute, answered past the framework (docs/adr/0040).

There is one set of rules: the endpoint's own ``post`` is called, with the endpoint's own problems. What is left out
stands around it: sessions and other middleware, routing, negotiation, and the count of calls in Redis, in whose place
stands a small one of this process. Whoever signs in with a pass (mexitel/api/passes.py) is known without a look-up.
Whatever is not plainly such a call goes on to the application as it came, body and all.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from time import monotonic
from typing import Any, cast

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, connection
from django.http import HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from mexitel.api.authentication import bearer_of
from mexitel.api.parsers import MAX_BYTES, StrictJSONParser
from mexitel.api.passes import Pass, read_pass
from mexitel.api.problems import MEDIA_TYPE
from mexitel.api.tokens import find_token
from mexitel.api.views import ApiView, language_of
from mexitel.utils.time import now as clock

logger = logging.getLogger(__name__)

JSON = "application/json"
UNDERSTOOD = frozenset({"", "*/*", JSON})
# A minute's calls of one account that one process answers so; what comes above is counted as every other call.
MOST_IN_A_MINUTE = 20
MINUTE = timedelta(minutes=1)

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class NotForUs(Exception):
    """The application answers this one."""


class Pace:
    """How many calls of each account this minute has seen in this process. Forgets them all when it ends."""

    def __init__(self, most: int = MOST_IN_A_MINUTE) -> None:
        self.most = most
        self._ends: datetime | None = None
        self._seen: dict[int, int] = {}

    def allows(self, account_id: int, *, now: datetime) -> bool:
        if self._ends is None or now >= self._ends:
            self._ends, self._seen = now + MINUTE, {}
        self._seen[account_id] = number = self._seen.get(account_id, 0) + 1
        return number <= self.most


class ExpressApi:
    """WSGI around the application. ``endpoints`` are views by the pattern of their address; named groups are given to
    ``post``.
    """

    def __init__(self, application: App, endpoints: Mapping[str, Callable[[], ApiView]]) -> None:
        self.application = application
        self.endpoints = [(re.compile(pattern), view) for pattern, view in endpoints.items()]
        self.pace = Pace()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = self._endpoint(environ)
        if found is None:
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            response = self._answer(environ | {"wsgi.input": BytesIO(body)}, body, *found)
        except NotForUs:
            environ["wsgi.input"] = BytesIO(body)
            return self.application(environ, start_response)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def _endpoint(self, environ: Mapping[str, Any]) -> tuple[Callable[[], ApiView], dict[str, str]] | None:
        length = environ.get("CONTENT_LENGTH") or ""
        if (
            environ["REQUEST_METHOD"] != "POST"
            or environ.get("SCRIPT_NAME")
            or environ.get("QUERY_STRING")
            or environ.get("CONTENT_TYPE") != JSON
            or environ.get("HTTP_ACCEPT", "") not in UNDERSTOOD
            or not (length.isdecimal() and int(length) <= MAX_BYTES)
        ):
            return None
        for pattern, view in self.endpoints:
            address = pattern.fullmatch(environ["PATH_INFO"])
            if address:
                return view, address.groupdict()
        return None

    def _answer(self, environ: dict, body: bytes, view: Callable[[], ApiView], named: dict[str, str]) -> HttpResponse:
        """Raises NotForUs while nothing is done yet, or where doing it again says the same: the key sees to that."""
        try:
            request = WSGIRequest(environ)
            request.get_host()
            data = StrictJSONParser().parse(BytesIO(body))
            keep_connection()
            caller = self._caller(request)
        except (SuspiciousOperation, APIException, Error, UnicodeError) as error:
            raise NotForUs from error

        def answer(_request: Any) -> HttpResponseBase:
            return answer_of(view(), request, caller=caller, data=data, named=named)

        try:
            response = cast(HttpResponse, SecurityMiddleware(answer)(request))
        except NotForUs:
            raise
        except Exception as error:
            logger.exception("a call goes the long way")
            raise NotForUs from error
        if response.status_code == 503 and is_lost():
            raise NotForUs
        return response

    def _caller(self, request: WSGIRequest) -> Pass:
        now, text = clock(), bearer_of(request) or ""
        caller = read_pass(text, now=now)
        if caller is None:
            token = find_token(text, now=now)
            caller = Pass(token.pk, token.account) if token else None
        if caller is None or not self.pace.allows(caller.account.pk, now=now):
            raise NotForUs
        return caller


def keep_connection() -> None:
    """Each thread keeps its own. The framework asks before each request whether the server is still there; here a call
    that finds it gone goes the long way.
    """
    if connection.in_atomic_block:
        return
    if connection.errors_occurred or (connection.close_at is not None and monotonic() >= connection.close_at):
        connection.close_if_unusable_or_obsolete()
    connection.health_check_done = True  # type: ignore[attr-defined] # the stubs lack it


def is_lost() -> bool:
    """Whether the server hung up; then the next statement opens another connection."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    return connection.connection is None


def answer_of(view: ApiView, request: Any, *, caller: Pass, data: Any, named: Mapping[str, str]) -> HttpResponse:
    """What ``view`` answers to this POST, as ``view.dispatch`` would make it, but for the names of limits."""
    request.user, request.auth, request.data, request._request = caller.account, caller, data, request
    view.setup(request, **named)
    view.now = clock()
    language = language_of(request)
    with translation.override(language):  # until the last lazy sentence is bytes
        try:
            response: Response = view.post(request, **named)  # type: ignore[attr-defined]
        except Exception as error:
            response = view.handle_exception(error)
        content = JSONRenderer().render(response.data, JSON)
    kind = MEDIA_TYPE if response.content_type == MEDIA_TYPE else JSON
    made = HttpResponse(content, status=response.status_code, headers=dict(response.items()) | {"Content-Type": kind})
    made["Content-Language"] = language
    made["Cache-Control"] = "no-store"
    made["Content-Length"] = str(len(content))
    return made
