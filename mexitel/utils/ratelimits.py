"""Volumetric limits: how fast one client may ask. Counted in Redis by django-ratelimit, so they pause without it.

What protects fairness or an account is never counted here but in PostgreSQL. ``settings.RATE_LIMITS`` names each
limit with a key (a dotted path, called with the group and the request) and a rate such as ``"240/m"``.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_ratelimit.core import _split_rate, get_usage
from redis.exceptions import RedisError

from mexitel.utils.clients import client_address, client_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """Where a client stands in one limit: ``quota`` calls per ``window_seconds``, new ones in ``reset_seconds``."""

    name: str
    quota: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    exceeded: bool


def count(request: Any, name: str) -> Standing | None:
    """Count this request in the limit ``name``. None when the limit is off or Redis is away: the client passes."""
    key, rate = settings.RATE_LIMITS[name]
    try:
        usage = get_usage(request, group=name, key=key, rate=rate, increment=True)
    except (RedisError, OSError) as error:  # a cache that is not the resilient one
        logger.warning("the limit %s is not counted (%s)", name, type(error).__name__)
        return None
    if usage is None or usage["time_left"] < 0:
        return None
    quota, window = _split_rate(rate)
    return Standing(
        name=name,
        quota=quota,
        window_seconds=window,
        remaining=max(0, quota - usage["count"]),
        reset_seconds=max(1, usage["time_left"]),
        exceeded=usage["should_limit"],
    )


def headers(standings: Sequence[Standing]) -> dict[str, str]:
    """RateLimit and RateLimit-Policy as the IETF draft writes them; nothing when nothing was counted."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{one.name}";q={one.quota};w={one.window_seconds}' for one in standings),
        "RateLimit": ", ".join(f'"{one.name}";r={one.remaining};t={one.reset_seconds}' for one in standings),
    }


def limited(name: str, *, methods: Iterable[str] = ("GET", "HEAD", "POST")) -> Callable:
    """A page that counts in the limit ``name`` and answers 429.html when it is full."""
    counted = frozenset(methods)

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            standing = count(request, name) if request.method in counted else None
            if standing is not None and standing.exceeded:
                return too_many(request, standing)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def too_many(request: HttpRequest, standing: Standing) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(standing.reset_seconds)
    response["Cache-Control"] = "no-store"
    for name, value in headers([standing]).items():
        response[name] = value
    return response


# -- keys, named by dotted path in settings.RATE_LIMITS --------------------------------------------


def client(group: str, request: Any) -> str:
    """Who asks (mexitel.utils.clients)."""
    return client_of(client_address(request))


def account(group: str, request: Any) -> str:
    """The signed-in account; the client when nobody is."""
    user = getattr(request, "user", None)
    return f"account {user.pk}" if user is not None and user.is_authenticated else client(group, request)
