"""A volumetric guard for pages that strangers post to. It pauses when Redis is gone; what protects accounts is
counted in PostgreSQL (mexitel.accounts.limits)."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from django_ratelimit.core import is_ratelimited

from mexitel.accounts.limits import Origin

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


def client(group: str, request: HttpRequest) -> str:
    """The key of a limit by dotted path, ``mexitel.accounts.views.guarding.client``."""
    return Origin.of(request).client


def volumetric(group: str, rate: str) -> Callable[[View], View]:
    """Answer 429 past ``rate`` POSTs per client. Whatever happens to the cache, the page is served."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST" and _is_over(request, group, rate):
                return requires_csrf_token(_too_many)(request)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _is_over(request: HttpRequest, group: str, rate: str) -> bool:
    try:
        return is_ratelimited(
            request, group=group, key="mexitel.accounts.views.guarding.client", rate=rate, increment=True
        )
    except Exception as error:  # the cache's client raises its own kinds
        logger.warning("volumetric limit %s paused: %s", group, type(error).__name__)
        return False


def _too_many(request: HttpRequest) -> HttpResponseBase:
    response = render(request, "accounts/too_many.html", status=429)
    response["Retry-After"] = "60"
    return response
