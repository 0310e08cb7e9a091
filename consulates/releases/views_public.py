"""The public pages of releases: what opens when, how many places, and how. Anyone may look, nothing is written."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from consulates.models import Consulate, Gate
from mexitel.utils import time
from mexitel.utils.ratelimits import limited

from .shown import coming_and_past, public_release


@limited("search")
def releases(request: HttpRequest) -> HttpResponse:
    """``?oficina=`` is the code of an office; what is none shows all."""
    now = time.now()
    offices = Consulate.objects.working_on(now.date()).order_by("city", "state")
    office = next((found for found in offices if found.code == request.GET.get("oficina")), None)
    coming, past = coming_and_past(now=now, office=office)
    context = {"coming": coming, "past": past, "office": office, "offices": offices, "modes": Gate.values}
    return render(request, "consulates/releases/releases.html", context)


@limited("search")
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    shown = public_release(release_id, now=time.now())
    if shown is None:
        raise Http404
    return render(request, "consulates/releases/release.html", {"shown": shown})


urlpatterns = [
    path("aperturas/", releases, name="releases"),
    path("aperturas/<int:release_id>/", release, name="release"),
]
