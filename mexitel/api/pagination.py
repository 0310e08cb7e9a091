"""Pages by cursor: the place after the last row, sealed, so that it stays right while rows come and go."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from mexitel.api.problems import Problem

SALT = "mexitel.api.cursor"


def page(
    request: Request,
    rows: QuerySet,
    *,
    key: str,
    asked: Mapping[str, Any],
    show: Callable[[list], Any],
    newest_first: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """One page of ``rows`` by their unique column ``key``: ``{"items": [...], "next": address or null}``.

    ``asked`` holds ``limit`` and perhaps ``cursor``. The Link header names the first page and the next one.
    """
    limit = asked["limit"]
    if asked.get("cursor"):
        rows = rows.filter(**{f"{key}__{'lt' if newest_first else 'gt'}": _opened(asked["cursor"], request.path)})
    found = list(rows.order_by(f"-{key}" if newest_first else key)[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    links = {"first": _address(request, cursor=None)}
    if more:
        sealed = signing.dumps([request.path, str(getattr(shown[-1], key))], salt=SALT)
        links["next"] = _address(request, cursor=sealed)
    header = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items())
    return Response({**(extra or {}), "items": show(shown), "next": links.get("next")}, headers={"Link": header})


def _opened(cursor: str, path: str) -> str:
    try:
        made_for, value = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        made_for = None
    if made_for != path:
        raise Problem(400, "cursor_invalid", _("That cursor is not one of this list. Begin with the first page."))
    return value


def _address(request: Request, *, cursor: str | None) -> str:
    query = {name: value for name, value in request.query_params.items() if name != "cursor"}
    if cursor:
        query["cursor"] = cursor
    address = request.build_absolute_uri(request.path)
    return f"{address}?{urlencode(query)}" if query else address
