"""Where teams go next, for everybody: a list by state with a map, and the weekend of a campaign."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from consulates.models import Answer, Campaign
from consulates.opendata.files import oldest_page
from consulates.outline import HEIGHT, INSETS, WIDTH, around, outline, position
from consulates.places import STATES
from consulates.selectors.campaigns import public_offices, standing
from consulates.selectors.tours import ComingStop, coming_stops
from consulates.services.campaigns import days_of
from mexitel.utils import time
from mexitel.utils.public_pages import shared
from mexitel.utils.ratelimits import limited


@limited("search")
@shared(oldest_page)
def tours(request: HttpRequest, state: str = "") -> HttpResponse:
    """Of all states, or of one by its code in small letters."""
    now = time.now()
    code = state.upper()
    if state and (state != state.lower() or code not in STATES):
        raise Http404
    everywhere = coming_stops(now=now)
    stops = [stop for stop in everywhere if not code or stop.state == code]
    by_state: dict[str, list[ComingStop]] = defaultdict(list)
    for stop in stops:
        by_state[STATES.get(stop.state, stop.state)].append(stop)
    context = {
        "states": sorted(by_state.items()),
        "number": len(stops),
        "map": _map(stops, code),
        "state": code,
        "state_name": STATES.get(code, ""),
        "other_states": sorted({STATES.get(stop.state, stop.state): stop.state for stop in everywhere}.items()),
        "campaigns": Campaign.objects.filter(
            offices__answer=Answer.PUBLISHED, saturday__gte=(now - timedelta(days=2)).date()
        ).distinct(),
    }
    return render(request, "tours/tours.html", context)


def _map(stops: list[ComingStop], code: str = "") -> dict[str, Any]:
    """The outline, or the part of it around a state, and one mark a stop that leads to its line in the list."""
    box = around(code) if code in outline() else (0, 0, WIDTH, HEIGHT)
    busy = {stop.state for stop in stops}
    # Alaska, Hawaii and Puerto Rico lie elsewhere than on the drawing: no neighbours of a state.
    drawn = outline().keys() if not code else {code} if code in INSETS else outline().keys() - INSETS
    marks = []
    for stop in stops:
        at = position(latitude=stop.latitude, longitude=stop.longitude, state=stop.state)
        if at is not None:
            marks.append({"stop": stop, "x": round(at[0]), "y": round(at[1])})
    states = [{"path": shape, "busy": name in busy} for name, shape in outline().items() if name in drawn]
    # A mark is as big on a part of the map as on the whole.
    return {
        "box": " ".join(str(one) for one in box),
        "radius": (14 if code else 11) * box[2] / WIDTH,
        "states": states,
        "marks": marks,
    }


@limited("search")
@shared(oldest_page)
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Campaign, slug=slug)
    offices = public_offices(found)
    if not offices:
        raise Http404  # nothing is published yet
    by_state: dict[str, list[Any]] = defaultdict(list)
    for office in offices:
        by_state[STATES.get(office.consulate.state, office.consulate.state)].append(office)
    context = {
        "campaign": found,
        "days": days_of(found),
        "states": sorted(by_state.items()),
        "number": len(offices),
        "total": standing(found).total,
        "procedures": found.procedures.all(),
    }
    return render(request, "tours/campaign.html", context)


urlpatterns = [
    path("giras/", tours, name="tours"),
    path("giras/<slug:state>/", tours, name="tours_of_state"),
    path("campanas/<slug:slug>/", campaign, name="campaign"),
]
