"""Feeds, share cards and posters over HTTP: from the file where it is fresh, without the database."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, register_converter
from django.views.decorators.http import require_safe

from consulates.models import Consulate, Release
from consulates.places import STATES
from mexitel.utils import published
from mexitel.utils.time import now as clock

from . import files, pictures
from .files import Supply

Maker = Callable[[datetime], bytes]


def _given(
    request: HttpRequest, name: str, content_type: str, make: Maker, *, there: bool | Callable[[datetime], bool] = True
) -> HttpResponseBase:
    """``there`` is asked before the first making alone: names that somebody makes up leave nothing on the disk."""
    now = clock()
    if not there or (callable(there) and published.get(name) is None and not there(now)):
        raise Http404
    oldest = files.FEEDS_OLDEST if content_type in files.FORMS.values() else files.PICTURES_OLDEST
    return published.answer(request, name, content_type=content_type, oldest=oldest, make=make, now=now)


@require_safe
def releases_feed(request: HttpRequest, language: str, code: str, form: str) -> HttpResponseBase:
    """``code`` is an office's, or "red" for all of them."""

    def make(now: datetime) -> bytes:
        office = None if code == files.NETWORK else Consulate.objects.real().get(code=code)
        return files.releases_file(Supply.read(now), language=language, office=office, form=form)

    there = code == files.NETWORK or _office(code)
    return _given(request, files.releases_name(language, code, form), files.FORMS[form], make, there=there)


@require_safe
def tours_feed(request: HttpRequest, language: str, state: str, form: str) -> HttpResponseBase:
    """``state`` is a code in small letters, or "todas"."""
    code = state if state == files.ALL_STATES else state.upper()

    def make(now: datetime) -> bytes:
        return files.tours_file(Supply.read(now), language=language, state=code, form=form)

    there = state == state.lower() and (code in STATES or code == files.ALL_STATES)
    return _given(request, files.tours_name(language, state, form), files.FORMS[form], make, there=there)


@require_safe
def release_picture(request: HttpRequest, language: str, release_id: int) -> HttpResponseBase:
    def make(now: datetime) -> bytes:
        return files.release_picture(release_id, language, now=now)

    name = files.picture_name("aperturas", language, release_id)
    return _given(request, name, "image/png", make, there=_release(release_id))


@require_safe
def office_picture(request: HttpRequest, language: str, code: str) -> HttpResponseBase:
    def make(now: datetime) -> bytes:
        return files.office_picture(code, language, now=now)

    return _given(request, files.picture_name("oficinas", language, code), "image/png", make, there=_office(code))


@require_safe
def poster(request: HttpRequest, language: str, release_id: int, paper: str) -> HttpResponseBase:
    def make(now: datetime) -> bytes:
        return files.release_poster(release_id, language, paper, now=now)

    there = paper in pictures.PAPERS and _release(release_id)
    return _given(request, files.poster_name(language, release_id, paper), "application/pdf", make, there=there)


@require_safe
def poster_preview(request: HttpRequest, language: str, release_id: int) -> HttpResponseBase:
    def make(now: datetime) -> bytes:
        return files.release_preview(release_id, language, now=now)

    name = files.picture_name("carteles", language, release_id)
    return _given(request, name, "image/png", make, there=_release(release_id))


def _office(code: str) -> Callable[[datetime], bool]:
    return lambda _now: Consulate.objects.real().filter(code=code).exists()


def _release(release_id: int) -> Callable[[datetime], bool]:
    return lambda now: Release.objects.for_public(now=now).filter(pk=release_id).exists()


class Language:
    """A language of the pages, in an address; another matches no address: 404."""

    regex = "|".join(files.LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(Language, "language")

urlpatterns = [
    path("datos/aperturas/<language:language>/<int:release_id>.png", release_picture, name="release_picture"),
    path("datos/oficinas/<language:language>/<slug:code>.png", office_picture, name="office_picture"),
    path("datos/carteles/<language:language>/<int:release_id>.png", poster_preview, name="poster_preview"),
    path("datos/carteles/<language:language>/<int:release_id>-<slug:paper>.pdf", poster, name="poster"),
]
for form in files.FORMS:
    of_form = {"form": form}
    urlpatterns += [
        path(f"datos/aperturas/<language:language>/<slug:code>.{form}", releases_feed, of_form, f"releases_{form}"),
        path(f"datos/giras/<language:language>/<slug:state>.{form}", tours_feed, of_form, f"tours_{form}"),
    ]
