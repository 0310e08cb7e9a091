"""Tours of an office: their stops, and publishing them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Consulate, SessionStatus, Stop, Tour
from consulates.roles import May
from consulates.services import SupplyError
from consulates.services.tours import (
    StopPlan,
    preview_tour,
    publish_tour,
    remove_stop,
    save_stop,
    save_tour,
)
from consulates.tours_forms import OpeningForm, StopForm, TourForm, refusal
from consulates.wording import zone_label
from mexitel.utils import time

REFUSED = (SupplyError, CalendarError)


@require_safe
@staff_page(May.PLAN)
def staff_tours(request: StaffRequest, office: Consulate) -> HttpResponse:
    tours = Tour.staff.filter(consulate=office).annotate(
        number=Count("stops"), first=Min("stops__first_day"), last=Max("stops__last_day")
    )
    return render(request, "staff/tours/tours.html", {"office": office, "tours": tours})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_tour_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    return _tour_form(request, office, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_tour_edit(request: StaffRequest, office: Consulate, tour_id: int) -> HttpResponse:
    return _tour_form(request, office, _tour(office, tour_id))


def _tour_form(request: StaffRequest, office: Consulate, tour: Tour | None) -> HttpResponse:
    form = TourForm(request.POST if request.method == "POST" else None, tour=tour)
    if form.is_bound and form.is_valid():
        values = {"kind": tour.kind} if tour else {}
        try:
            saved = save_tour(
                consulate=office, tour=tour, by=request.user, now=time.now(), **(values | form.cleaned_data)
            )
        except SupplyError as error:
            form.add_error("name" if error.code == "tour_name_taken" else "team", refusal(error))
        else:
            return redirect("staff_tour", office.code, saved.pk)
    back = reverse("staff_tour", args=[office.code, tour.pk]) if tour else reverse("staff_tours", args=[office.code])
    return render(request, "staff/tours/tour_form.html", {"office": office, "tour": tour, "form": form, "back": back})


@require_safe
@staff_page(May.PLAN)
def staff_tour(request: StaffRequest, office: Consulate, tour_id: int) -> HttpResponse:
    tour = _tour(office, tour_id)
    stops = [_shown(stop) for stop in tour.stops.prefetch_related("sessions", "procedures")]
    drafts = sum(stop["drafts"] for stop in stops)
    context = {
        "office": office,
        "tour": tour,
        "stops": stops,
        "drafts": drafts,
        "may_publish": request.access.may(May.PUBLISH, office.id),
    }
    return render(request, "staff/tours/tour.html", context)


def _shown(stop: Stop) -> dict[str, Any]:
    sessions = stop.sessions.all()
    drafts = sum(session.status == SessionStatus.DRAFT for session in sessions)
    return {
        "stop": stop,
        "drafts": drafts,
        "published": len(sessions) - drafts,
        "sessions": sorted(sessions, key=lambda session: session.starts_at),
        "procedures": list(stop.procedures.all()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_stop_new(request: StaffRequest, office: Consulate, tour_id: int) -> HttpResponse:
    return _stop_form(request, office, _tour(office, tour_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_stop_edit(request: StaffRequest, office: Consulate, tour_id: int, stop_id: int) -> HttpResponse:
    tour = _tour(office, tour_id)
    return _stop_form(request, office, tour, _stop(tour, stop_id))


def _stop_form(request: StaffRequest, office: Consulate, tour: Tour, stop: Stop | None) -> HttpResponse:
    form = StopForm(request.POST if request.method == "POST" else None, stop=stop)
    if form.is_bound and form.is_valid():
        plan: StopPlan = form.plan()
        try:
            save_stop(tour=tour, plan=plan, stop=stop, by=request.user, now=time.now())
        except REFUSED as error:
            form.add_error(None, refusal(error))
        else:
            hour = zone_label(plan.venue.time_zone)
            messages.success(request, _("The stop is saved. Its hours: %(zone)s.") % {"zone": hour})
            return redirect("staff_tour", office.code, tour.pk)
    context = {"office": office, "tour": tour, "stop": stop, "form": form}
    return render(request, "staff/tours/stop_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_stop_remove(request: StaffRequest, office: Consulate, tour_id: int, stop_id: int) -> HttpResponse:
    tour = _tour(office, tour_id)
    stop = _stop(tour, stop_id)
    errors = []
    if request.method == "POST":
        try:
            remove_stop(stop=stop, by=request.user, now=time.now())
        except SupplyError as error:
            errors = [{"text": refusal(error)}]
        else:
            messages.success(request, _("The stop and its drafts are gone."))
            return redirect("staff_tour", office.code, tour.pk)
    context = {"office": office, "tour": tour, "stop": stop, "errors": errors}
    return render(request, "staff/tours/stop_remove.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH)
def staff_tour_publish(request: StaffRequest, office: Consulate, tour_id: int) -> HttpResponse:
    """The numbers first; the button "look again" shows them for another moment, "publish" makes them true."""
    now = time.now()
    tour = _tour(office, tour_id)
    habit = _("On the Wednesday three weeks before each stop, at 10:00")
    form = OpeningForm(request.POST if request.method == "POST" else None, habit=habit)
    opening = None
    if form.is_bound and form.is_valid():
        opening = form.moment()
        if "publish" in request.POST:
            try:
                published = publish_tour(tour=tour, opening=opening, by=request.user, now=now)
            except REFUSED as error:
                form.add_error(None, refusal(error))
            else:
                sentence = ngettext("Published: %(seats)s place.", "Published: %(seats)s places.", published.offered)
                messages.success(request, sentence % {"seats": f"{published.offered:,}"})
                return redirect("staff_tour", office.code, tour.pk)
    try:
        stops = preview_tour(tour, opening=opening, now=now)
    except CalendarError as error:
        form.add_error(None, refusal(error))
        stops = []
    totals = {name: sum(getattr(stop, name) for stop in stops) for name in ("sessions", "slots", "seats")}
    context = {"office": office, "tour": tour, "form": form, "stops": stops, "totals": totals, "now": now}
    return render(request, "staff/tours/publish.html", context)


def _tour(office: Consulate, tour_id: int) -> Tour:
    return get_object_or_404(Tour.staff.filter(consulate=office), pk=tour_id)


def _stop(tour: Tour, stop_id: int) -> Stop:
    return get_object_or_404(Stop.staff.filter(tour=tour), pk=stop_id)


OFFICE = "oficinas/<slug:code>/giras/"
urlpatterns = [
    path(OFFICE, staff_tours, name="staff_tours"),
    path(f"{OFFICE}nueva/", staff_tour_new, name="staff_tour_new"),
    path(f"{OFFICE}<int:tour_id>/", staff_tour, name="staff_tour"),
    path(f"{OFFICE}<int:tour_id>/cambiar/", staff_tour_edit, name="staff_tour_edit"),
    path(f"{OFFICE}<int:tour_id>/publicar/", staff_tour_publish, name="staff_tour_publish"),
    path(f"{OFFICE}<int:tour_id>/paradas/nueva/", staff_stop_new, name="staff_stop_new"),
    path(f"{OFFICE}<int:tour_id>/paradas/<int:stop_id>/", staff_stop_edit, name="staff_stop_edit"),
    path(f"{OFFICE}<int:tour_id>/paradas/<int:stop_id>/quitar/", staff_stop_remove, name="staff_stop_remove"),
]
