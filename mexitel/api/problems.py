"""RFC 9457: every answer that is not a success says what happened, with a ``code`` that does not change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from mexitel.utils.batches import Crowded
from mexitel.utils.db import is_not_now

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

TITLES = {
    400: gettext_lazy("The request is not right"),
    401: gettext_lazy("Sign in first"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("That method does not exist here"),
    406: gettext_lazy("Only JSON is served here"),
    409: gettext_lazy("It could not be done"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Only JSON is understood here"),
    422: gettext_lazy("The key was used before"),
    429: gettext_lazy("Too many requests"),
    503: gettext_lazy("Try again later"),
}


class Problem(exceptions.APIException):
    """An answer in itself: ``code`` is stable, ``detail`` is for a person, ``errors`` name what is wrong where.

    ``stored`` says whether the same Idempotency-Key will get this very answer again. ``facts`` are further members.
    """

    detail: Any

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping] = (),
        headers: Mapping[str, str] | None = None,
        stored: bool = False,
        **facts: Any,
    ) -> None:
        self.status_code, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.stored, self.facts = errors, dict(headers or {}), stored, facts

    def __str__(self) -> str:
        return f"{self.status_code} {self.code}"

    def body(self, path: str) -> dict[str, Any]:
        """``instance`` is left out of a 404, so that what is absent and what is somebody else's are the same bytes."""
        body: dict[str, Any] = {
            "type": f"{settings.PUBLIC_URL}/api/docs/#{self.code}",
            "title": str(TITLES[self.status_code]),
            "status": self.status_code,
            "code": self.code,
            "detail": str(self.detail) or str(TITLES[self.status_code]),
        }
        if self.status_code != 404:
            body["instance"] = path
        if self.errors:
            body["errors"] = list(self.errors)
        return body | self.facts


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for a bug: that goes on up to Django."""
    problem = as_problem(error)
    if problem is None:
        return None
    request, view = context["request"], context["view"]
    body = problem.body(request.path)
    if getattr(view, "idempotent", False) and request.method == "POST":
        body["stored"] = problem.stored
    return Response(body, status=problem.status_code, headers=problem.headers, content_type=MEDIA_TYPE)


def as_problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return Problem(400, "invalid", _("Some of the data is not right."), errors=list(_flat(error.detail, "#")))
    if is_not_now(error) or isinstance(error, Crowded):
        return unavailable()
    for kind, make in _PLAIN.items():
        if isinstance(error, kind):
            return make(error)
    return None


def unavailable() -> Problem:
    return Problem(
        503,
        "unavailable",
        _("The portal cannot answer at this moment. Send it again soon: the same key does nothing twice."),
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def invalid(pointer: str, code: str, detail: str) -> Problem:
    """A 400 about one member of the body, named by a JSON pointer such as ``#/people/0/birth_date``."""
    error = {"pointer": pointer, "code": code, "detail": str(detail)}
    return Problem(400, "invalid", _("Some of the data is not right."), errors=[error])


def not_found() -> Problem:
    return Problem(404, "not_found", _("There is nothing here, or it is not yours."))


def _unauthenticated(error: exceptions.APIException) -> Problem:
    wrong = isinstance(error, exceptions.AuthenticationFailed)
    return Problem(
        401,
        "token_invalid" if wrong else "sign_in_needed",
        _("The token is not valid or its time is over. Sign in again.") if wrong else _("Send a bearer token."),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"' if wrong else "Bearer"},
    )


_PLAIN = {
    Http404: lambda error: not_found(),
    exceptions.NotFound: lambda error: not_found(),
    PermissionDenied: lambda error: Problem(403, "forbidden"),
    exceptions.PermissionDenied: lambda error: Problem(403, "forbidden"),
    exceptions.NotAuthenticated: _unauthenticated,
    exceptions.AuthenticationFailed: _unauthenticated,
    exceptions.ParseError: lambda error: Problem(400, "malformed", _("The body is not the JSON that we expect.")),
    exceptions.MethodNotAllowed: lambda error: Problem(405, "method_not_allowed"),
    exceptions.NotAcceptable: lambda error: Problem(406, "not_acceptable"),
    exceptions.UnsupportedMediaType: lambda error: Problem(415, "unsupported_media_type"),
}


def _flat(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list with JSON pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flat(inner, pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}")
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _flat(inner, pointer if leaf else f"{pointer}/{place}")
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
