"""Notices of an office, and of the network."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, Notice
from consulates.planning.fields import wall
from consulates.planning.publishing_forms import NoticeForm
from consulates.roles import May
from consulates.services.notices import end_notice, post_notice
from mexitel.utils.time import now as clock

NETWORK_ZONE = "America/New_York"
FIELDS = ("level", "title_es", "title_en", "text_es", "text_en", "starts_at", "ends_at")


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_notices(request: StaffRequest, office: Consulate) -> HttpResponse:
    return _notices(request, office, reverse("staff_planning", args=[office.code]))


@require_http_methods(["GET", "POST"])
@staff_page(May.CAMPAIGN)
def staff_network_notices(request: StaffRequest) -> HttpResponse:
    """Of the whole network."""
    return _notices(request, None, reverse("staff_home"))


def _notices(request: StaffRequest, office: Consulate | None, back: str) -> HttpResponse:
    now = clock()
    zone_name = office.time_zone if office else NETWORK_ZONE
    here = reverse("staff_notices", args=[office.code]) if office else reverse("staff_network_notices")
    if request.method == "POST":
        form = NoticeForm(request.POST, zone_name=zone_name)
        if form.is_valid():
            values: dict[str, Any] = {name: form.cleaned_data[name] for name in FIELDS}
            post_notice(office=office, by=request.user, now=now, **values)
            messages.success(request, _("The notice is posted."))
            return redirect(here)
    else:
        today = {"starts": wall(now, zone_name), "ends": wall(now + timedelta(days=1), zone_name), "level": "warning"}
        form = NoticeForm(zone_name=zone_name, initial=today)
    found = Notice.staff.filter(consulate=office).select_related("made_by")[:20]
    rows = [
        {
            "notice": notice,
            "is_over": notice.ended_at is not None or notice.ends_at <= now,
            "is_to_come": notice.starts_at > now,
            "end_url": _end_url(office, notice),
        }
        for notice in found
    ]
    context = {"office": office, "form": form, "rows": rows, "back": back, "zone_name": zone_name}
    return render(request, "staff/planning/notices.html", context, status=422 if form.errors else 200)


def _end_url(office: Consulate | None, notice: Notice) -> str:
    if office:
        return reverse("staff_notice_end", args=[office.code, notice.pk])
    return reverse("staff_network_notice_end", args=[notice.pk])


@require_http_methods(["POST"])
@staff_page(May.PLAN)
def staff_notice_end(request: StaffRequest, office: Consulate, notice_id: int) -> HttpResponse:
    return _end(request, get_object_or_404(Notice.staff.filter(consulate=office), pk=notice_id), office)


@require_http_methods(["POST"])
@staff_page(May.CAMPAIGN)
def staff_network_notice_end(request: StaffRequest, notice_id: int) -> HttpResponse:
    return _end(request, get_object_or_404(Notice.staff.filter(consulate=None), pk=notice_id), None)


def _end(request: StaffRequest, notice: Notice, office: Consulate | None) -> HttpResponse:
    end_notice(notice=notice, by=request.user, now=clock())
    messages.success(request, _("The notice is not shown any more."))
    return redirect("staff_notices", office.code) if office else redirect("staff_network_notices")


urlpatterns = [
    path("oficinas/<slug:code>/planeacion/avisos/", staff_notices, name="staff_notices"),
    path("oficinas/<slug:code>/planeacion/avisos/<int:notice_id>/terminar/", staff_notice_end, name="staff_notice_end"),
    path("avisos/", staff_network_notices, name="staff_network_notices"),
    path("avisos/<int:notice_id>/terminar/", staff_network_notice_end, name="staff_network_notice_end"),
]
