"""The base of every endpoint: language, clock, limits, caching."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.api.authentication import BearerToken
from mexitel.api.parsers import StrictJSONParser
from mexitel.api.problems import Problem, not_found
from mexitel.utils import ratelimits
from mexitel.utils.time import now as clock


class ApiView(APIView):
    """A private endpoint. ``limits`` names entries of settings.RATE_LIMITS, counted for every call."""

    authentication_classes: Sequence[type] = [BearerToken]
    permission_classes: Sequence[type] = [IsAuthenticated]
    parser_classes: Sequence[type] = [StrictJSONParser]
    limits: Sequence[str] = ()
    http_method_names = ["get", "head", "post", "delete"]
    idempotent = False  # its POST takes an Idempotency-Key
    max_age_seconds: int | None = None  # None: personal, stored nowhere
    now: datetime

    @property
    def account(self) -> User:
        """Who holds the token of this call."""
        return person(self.request._request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.standings: list[ratelimits.Standing] = []
        language = language_of(request)
        with translation.override(language):  # until the last lazy sentence is bytes
            response = cast(Response, super().dispatch(request, *args, **kwargs))
            response.render()
        response["Content-Language"] = language
        for name, value in ratelimits.headers(self.standings).items():
            response[name] = value
        return self._cached(request, response)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.now = clock()
        super().initial(request, *args, **kwargs)
        for name in self.limits:
            self._count(request, name)

    def _count(self, request: Request, name: str) -> None:
        standing = ratelimits.count(request, name)
        if standing is None:
            return
        self.standings.append(standing)
        if standing.exceeded:
            raise Problem(
                429,
                "too_many_requests",
                _("There were many requests in a short time. Wait a moment and try again."),
                headers={"Retry-After": str(standing.reset_seconds)},
            )

    def _cached(self, request: HttpRequest, response: Response) -> HttpResponseBase:
        if self.max_age_seconds is None or response.status_code != 200:
            response["Cache-Control"] = "no-store"
            return response
        patch_vary_headers(response, ["Accept-Language"])
        fresh = f"max-age={self.max_age_seconds}" if self.max_age_seconds else "no-cache"
        response["Cache-Control"] = f"public, {fresh}"
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        return get_conditional_response(request, etag=response["ETag"], response=response) or response


class PublicView(ApiView):
    """Anybody may read it, nobody's token is looked at, and caches may keep it."""

    authentication_classes: Sequence[type] = []
    permission_classes: Sequence[type] = [AllowAny]
    limits: Sequence[str] = ["search"]
    max_age_seconds: int | None = 0


@extend_schema(exclude=True)
class NothingHere(PublicView):
    """Every other address below /api/v1/."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise not_found()


def language_of(request: HttpRequest) -> str:
    """The first of our languages that the client asks for; Spanish when it does not say."""
    ours = dict(settings.LANGUAGES)
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500].lower()):
        if wanted.split("-")[0] in ours:
            return wanted.split("-")[0]
    return settings.LANGUAGE_CODE
