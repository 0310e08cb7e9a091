"""The public calendar of releases, how to subscribe to it, and the posters of a release. Nothing is written."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from consulates.models import Announcement, AnnouncementKind, Consulate, Gate
from consulates.opendata.files import oldest_page
from consulates.places import STATES
from consulates.releases.shown import Shown, coming_and_past, public_release
from consulates.wording import local_day
from mexitel.utils import time
from mexitel.utils.public_pages import shared
from mexitel.utils.ratelimits import limited

from . import files, signed
from .forms import FilterForm

FEW, MANY = 10, 100
OTHERS = 5


@limited("search")
@shared(oldest_page)
def releases(request: HttpRequest) -> HttpResponse:
    """By office, state, procedure and kind of session; ``?todas=1`` shows more of those that are past."""
    now = time.now()
    form = FilterForm(request.GET, now=now)
    asked = form.chosen()
    coming, past = coming_and_past(now=now, only=asked.as_q(), few=MANY if "todas" in request.GET else FEW)
    others: list[Shown] = []
    if asked and not coming:
        others = coming_and_past(now=now, few=0)[0][:OTHERS]
    context = {
        "form": form,
        "asked": asked,
        "days": _by_day(coming),
        "past": past,
        "more_past": len(past) == FEW and f"{_query(request)}todas=1",
        "others": others,
        "modes": Gate.values,
        "feeds": feeds_of(asked.office),
    }
    return render(request, "consulates/announcing/releases.html", context)


def _by_day(coming: Sequence[Shown]) -> list[tuple[date, list[Shown]]]:
    """The day is the one on the calendar of the office that opens first."""
    days = groupby(coming, key=lambda shown: local_day(shown.release.opens_at, shown.time_zone))
    return [(day, list(found)) for day, found in days]


def _query(request: HttpRequest) -> str:
    text = request.GET.urlencode()
    return f"?{text}&" if text else "?"


def feeds_of(office: Consulate | None) -> dict[str, str]:
    """The addresses of its feeds, or the network's, in the reader's language."""
    language = (get_language() or "es")[:2]
    code = office.code if office else files.NETWORK
    return _addresses({form: files.releases_name(language, code, form) for form in files.FORMS})


def _addresses(names: dict[str, str]) -> dict[str, str]:
    """As links, and as a phone's calendar opens them."""
    links = {form: files.address_of(name) for form, name in names.items()}
    return links | {"phone": f"webcal://{links['ics'].partition('://')[2]}"}


@limited("search")
@shared(oldest_page)
def subscribe(request: HttpRequest) -> HttpResponse:
    """How a phone keeps the dates by itself: of an office (``?oficina=``) or all, of tours by state (``?estado=``)."""
    now = time.now()
    offices = Consulate.objects.working_on(now.date()).order_by("city", "state")
    office = next((found for found in offices if found.code == request.GET.get("oficina")), None)
    state = request.GET.get("estado", "").upper()
    language = (get_language() or "es")[:2]
    in_state = state.lower() if state in STATES else files.ALL_STATES
    context = {
        "offices": offices,
        "office": office,
        "states": sorted(STATES.items(), key=lambda one: one[1]),
        "state": state if state in STATES else "",
        "state_name": STATES.get(state, ""),
        "feeds": feeds_of(office),
        "tours": _addresses({form: files.tours_name(language, in_state, form) for form in files.FORMS}),
    }
    return render(request, "consulates/announcing/subscribe.html", context)


@limited("search")
@shared(oldest_page)
def posters(request: HttpRequest, release_id: int) -> HttpResponse:
    shown = public_release(release_id, now=time.now())
    if shown is None:
        raise Http404
    return render(request, "consulates/announcing/posters.html", {"shown": shown, "languages": files.LANGUAGES})


@require_safe
@limited("search")
def announcement(request: HttpRequest, release_id: int, kind: str) -> HttpResponseBase:
    """The signed file, as it was kept."""
    found = get_object_or_404(Announcement, release=release_id, kind=kind)
    response = JsonResponse(signed.document(found), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="mexitel-apertura-{release_id}-{kind}.json"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response


urlpatterns = [
    path("aperturas/", releases, name="releases"),
    path("aperturas/suscribirse/", subscribe, name="releases_subscribe"),
    path("aperturas/<int:release_id>/cartel/", posters, name="release_posters"),
    path(
        "aperturas/<int:release_id>/anuncio.json", announcement, {"kind": AnnouncementKind.ANNOUNCED},
        name="release_announcement",
    ),
    path(
        "aperturas/<int:release_id>/cancelacion.json", announcement, {"kind": AnnouncementKind.CANCELLED},
        name="release_cancellation",
    ),
]  # fmt: skip
