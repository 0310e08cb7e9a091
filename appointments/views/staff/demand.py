"""Demand for planners: where people found no place, what a new place would change, and where a team could go next."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appointments.demand import reading, shown
from appointments.demand.counting import monday_of
from appointments.demand.forms import DemandForm, SiteForm, TourForm
from appointments.demand.privacy import FEW, STEP
from appointments.demand.reading import Asked
from appointments.demand.simulating import Place, What, best_places, simulate
from appointments.demand.touring import Team, suggest, worth
from appointments.models import Ended
from consulates.access import StaffRequest, office_at_hand, staff_page
from consulates.models import Consulate, TourKind
from consulates.places import STATES
from consulates.roles import May
from mexitel.utils.time import now as clock

# Of the ranking, so many are shown at once, and the others on demand.
FIRST = 15


def _asked(form: DemandForm) -> Asked:
    return Asked(form.cleaned_data["tramite"], form.cleaned_data["semanas"], clock())


@require_safe
@staff_page(May.PLAN)
def staff_demand(request: StaffRequest) -> HttpResponse:
    form = DemandForm(request.GET)
    context: dict[str, Any] = {"form": form, "office": office_at_hand(request, request.access)}
    if form.is_valid():
        asked = _asked(form)
        found, offices = reading.unmet(asked), reading.supplies(asked)
        unmet, seated = (reading.how_it_ended(asked, ends) for ends in (Ended.unmet(), Ended.seated()))
        rows = shown.rows(found.areas, offices, reading.far_shares(asked, found.areas))
        context |= {
            "asked": asked,
            "is_sample": reading.has_sample(asked),
            "total": shown.people(found.people),
            "few": [STATES.get(state, state) for state in found.few],
            "limit": FEW,
            "step": STEP,
            "rows": rows[:FIRST],
            "more": rows[FIRST:],
            "map": shown.drawing(found.areas, offices),
            "ends": [(ended.label, shown.people(people)) for ended, people in unmet],
            "distances": shown.distances(seated) if any(people != 0 for _ended, people in seated) else None,
            "query": _query(form),
        }
    return render(request, "staff/demand/demand.html", context)


def _query(form: DemandForm) -> str:
    """What was asked, for the next page's address."""
    procedure = form.cleaned_data["tramite"]
    return urlencode({"tramite": procedure.code if procedure else "", "semanas": form.cleaned_data["semanas"]})


@require_safe
@staff_page(May.PLAN)
def staff_demand_site(request: StaffRequest) -> HttpResponse:
    """A new office, or stops of a team, at places that are named, or else where they serve most."""
    form = SiteForm(request.GET)
    context: dict[str, Any] = {"form": form, "back": reverse("staff_demand")}
    if form.is_valid():
        data, asked = form.cleaned_data, _asked(form)
        found, offices = reading.unmet(asked), reading.supplies(asked)
        what = What(data["que"])
        capacity = data["capacidad"] * (asked.weeks if what == What.OFFICE else 1)
        places = [Place(one.name, one.latitude, one.longitude) for one in data["lugares"]]
        was_chosen = bool(places)
        places = places or best_places(found.areas, number=data["cuantos"], capacity=capacity)
        outcome = simulate(what, found.areas, offices, places, capacity=data["capacidad"], weeks=asked.weeks)
        context |= {
            "asked": asked,
            "back": f"{reverse('staff_demand')}?{_query(form)}",
            "served": shown.people(outcome.served),
            "total": shown.people(found.people),
            "sites": shown.site_rows(outcome),
            "lines": shown.line_rows(outcome),
            "is_office": what == What.OFFICE,
            "was_chosen": was_chosen,
            "is_sample": reading.has_sample(asked),
            "map": shown.drawing(found.areas, offices, [site.place for site in outcome.sites]),
        }
    return render(request, "staff/demand/site.html", context)


@require_safe
@staff_page(May.PLAN)
def staff_demand_tour(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Where a team of the office could go in the next weeks, beside where it is planned to go."""
    form = TourForm(request.GET)
    context: dict[str, Any] = {"form": form, "office": office}
    if form.is_valid():
        data, asked = form.cleaned_data, _asked(form)
        found = reading.unmet(asked)
        monday = monday_of(asked.now.date()) + timedelta(weeks=1)
        last = monday + timedelta(weeks=data["hasta"], days=-1)
        home = float(office.latitude), float(office.longitude)
        team = Team(TourKind(data["clase"]), home, data["diarias"])
        around = reading.around(office.code, found.areas, reading.supplies(asked))
        suggested = suggest(found.areas, team, monday=monday, weeks=data["hasta"], around=around)
        chosen = reading.planned(office, data["clase"], first=monday, last=last)
        theirs, ours = (worth(found.areas, visits, home) for visits in (suggested, chosen))
        context |= {
            "asked": asked,
            "monday": monday,
            "last": last,
            "tours": [
                shown.tour(_("What demand suggests"), _("No stop would serve anybody who is counted."), theirs),
                shown.tour(
                    _("What the office has planned"), _("No stop of this kind is planned in these weeks."), ours
                ),
            ],
            "is_sample": reading.has_sample(asked),
            "map": shown.drawing(
                found.areas, [], [Place(visit.name, *visit.point, visit.state) for visit in suggested]
            ),
        }
    return render(request, "staff/demand/tour.html", context)


urlpatterns = [
    path("demanda/", staff_demand, name="staff_demand"),
    path("demanda/probar/", staff_demand_site, name="staff_demand_site"),
    path("oficinas/<slug:code>/demanda/gira/", staff_demand_tour, name="staff_demand_tour"),
]
