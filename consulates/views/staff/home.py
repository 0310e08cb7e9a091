"""The first page of staff: what waits for them now, and the offices in which they work."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from consulates.access import StaffRequest, office_at_hand, staff_page
from consulates.models import Assignment, Consulate
from consulates.roles import May
from consulates.today import Asked, work_of
from mexitel.utils.time import now


@require_safe
@staff_page(May.SEE)
def staff_home(request: StaffRequest) -> HttpResponse:
    moment, access = now(), request.access
    assignments = Assignment.staff.in_force(now=moment).filter(user=request.user).select_related("consulate")
    office = office_at_hand(request, access)
    asked = Asked(access, moment, practice=office is not None and office.is_practice)
    context = {
        "assignments": assignments.order_by("pk"),
        "offices": access.offices(May.SEE).order_by("is_practice", "state", "city"),
        "work": work_of(asked),
    }
    return render(request, "staff/home.html", context)


@require_safe
@staff_page(May.SEE)
def staff_office(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Choosing an office: the menu speaks of it from now on."""
    return redirect("staff_home")


urlpatterns = [
    path("", staff_home, name="staff_home"),
    path("oficinas/<slug:code>/", staff_office, name="staff_office"),
]
