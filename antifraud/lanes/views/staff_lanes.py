"""Offices open help days and mark public computers, so that many people can book on one device."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.forms import WhyForm
from antifraud.lanes import devices
from antifraud.lanes.forms import LaneForm
from antifraud.models import LaneKind
from consulates.access import StaffRequest, office_at_hand, staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.utils.time import now as clock

A_PAGE = 50


@never_cache
@require_safe
@staff_page(May.PLAN)
def staff_lanes(request: StaffRequest) -> HttpResponse:
    found = devices.lanes_in(request.access.offices(May.PLAN))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "antifraud/lanes/staff/lanes.html", {"page": page, "now": clock()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_lane_new(request: StaffRequest) -> HttpResponse:
    now, access = clock(), request.access
    offices = access.offices(May.PLAN).order_by("state", "city")
    here = office_at_hand(request, access)
    data = request.POST if request.method == "POST" else None
    form = LaneForm(data, offices=offices, now=now, initial={"office": here, "kind": LaneKind.DRIVE, "devices": 3})
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        where = {"office": told["office"], "place": told["place"], "organisation": told["organisation"]}
        if told["kind"] == LaneKind.DRIVE:
            lane = devices.open_drive(**where, day=told["day"], devices=told["devices"], by=person(request), now=now)
        else:
            lane = devices.open_terminal(**where, by=person(request), now=now)
        return redirect("staff_lane", lane.pk)
    status = 422 if form.errors else 200
    return render(request, "antifraud/lanes/staff/lane_new.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_lane(request: StaffRequest, lane_id: int) -> HttpResponse:
    """Its code, what has joined, and its end."""
    now = clock()
    lane = get_object_or_404(devices.lanes_in(request.access.offices(May.PLAN)), pk=lane_id)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            devices.end(lane_id=lane.pk, by=person(request), why=form.cleaned_data["why"], now=now)
            messages.success(request, _("Ended. Its devices are like any other from now on."))
        except devices.EndedAlready:
            messages.info(request, _("It had ended already."))
        return redirect("staff_lane", lane.pk)
    context = {
        "lane": lane, "form": form, "now": now,
        "stands": lane.ended_at is None and lane.ends_at > now,
        "code_open": lane.ended_at is None and lane.code_until > now,
    }  # fmt: skip
    return render(request, "antifraud/lanes/staff/lane.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("equipos/", staff_lanes, name="staff_lanes"),
    path("equipos/nuevo/", staff_lane_new, name="staff_lane_new"),
    path("equipos/<int:lane_id>/", staff_lane, name="staff_lane"),
]
