"""The first page of staff: their offices, and what they may do there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from consulates.access import staff_page
from consulates.models import Assignment, Consulate
from consulates.roles import May
from mexitel.utils.time import now


@require_safe
@staff_page(May.SEE)
def staff_home(request: HttpRequest) -> HttpResponse:
    assignments = Assignment.staff.in_force(now=now()).filter(user=request.user).select_related("consulate")
    offices = request.access.offices(May.SEE).order_by("is_practice", "state", "city")
    return render(request, "staff/home.html", {"assignments": assignments.order_by("pk"), "offices": offices})


@require_safe
@staff_page(May.SEE)
def staff_office(request: HttpRequest, office: Consulate) -> HttpResponse:
    """Choosing an office: the menu speaks of it from now on."""
    return redirect("staff_home")


urlpatterns = [
    path("", staff_home, name="staff_home"),
    path("oficinas/<slug:code>/", staff_office, name="staff_office"),
]
