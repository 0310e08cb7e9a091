"""The public page of one release: what opens when, how many places, and how. Anyone may look, nothing is written."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from consulates.opendata.files import oldest_page
from mexitel.utils import time
from mexitel.utils.public_pages import shared
from mexitel.utils.ratelimits import limited

from .shown import public_release


@limited("search")
@shared(oldest_page)
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    shown = public_release(release_id, now=time.now())
    if shown is None:
        raise Http404
    return render(request, "consulates/releases/release.html", {"shown": shown})


urlpatterns = [
    path("aperturas/<int:release_id>/", release, name="release"),
]
