"""Pages that every stranger sees alike, made once for all of them: under load they ask nothing of the database.

A page is shared where nobody is known by a cookie, the address asks for nothing but a language, and the view's answer
is the same for everybody: 200, without a cookie and without the token of a form. It is as old as the view says at most
(``shared``), and while the database is away it is given as it was. The files lie beside the public ones
(published.py), in a folder that the web server does not give by itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from mexitel.utils import published
from mexitel.utils.time import now as clock

View = Callable[..., HttpResponseBase]
Age = Callable[[datetime], timedelta]
FOLDER = "paginas"
ADDRESSES = {"", *(f"idioma={code}" for code, _name in settings.LANGUAGES)}
# Of a page that nobody has asked for since.
KEPT = timedelta(minutes=10)


class _NotForAll(Exception):
    """What the view answered, where it is for this visitor alone."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def shared(oldest: Age) -> Callable[[View], View]:
    """A view that only reads; ``oldest(now)`` is how old its page may be. Inside of rate limits, which count all."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_anybody(request):
                return view(request, *args, **kwargs)
            now = clock()

            def make(at: datetime) -> bytes:
                return _content(request, view(request, *args, **kwargs))

            try:
                return HttpResponse(_page(request, oldest(now), make, now))
            except _NotForAll as other:
                return other.response

        return answer

    return decorate


def is_anybody(request: HttpRequest) -> bool:
    """Whether nothing in this request makes its page another than a stranger's."""
    known = {settings.SESSION_COOKIE_NAME, "messages"} & set(request.COOKIES)
    asked = request.META.get("QUERY_STRING", "")
    return settings.SHARED_PAGES and request.method in ("GET", "HEAD") and not known and asked in ADDRESSES


def _page(request: HttpRequest, oldest: timedelta, make: published.Maker, now: datetime) -> bytes:
    name = name_of(request)
    if published.get(name) is None:  # an address that somebody made up leaves nothing on the disk
        return published.keep(name, make(now), now=now).content
    return published.fresh(name, oldest=oldest, make=make, now=now).content


def name_of(request: HttpRequest) -> str:
    """By language and address: the switch of languages leads back to the very one, ``?idioma=`` and all."""
    mark = sha256(request.get_full_path().encode()).hexdigest()[:32]
    return f"{FOLDER}/{request.LANGUAGE_CODE}/{mark}.html"


def _content(request: HttpRequest, response: HttpResponseBase) -> bytes:
    is_personal = response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
    if response.status_code != 200 or is_personal or not isinstance(response, HttpResponse):
        raise _NotForAll(response)
    return response.content


def drop_old(*, now: datetime) -> int:
    """Files of pages that nobody asked for lately; returns how many."""
    old = [
        path
        for path in published.path_of(FOLDER).glob("*/*.html")
        if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
        path.with_name(f".{path.name}.lock").unlink(missing_ok=True)
    return len(old)
