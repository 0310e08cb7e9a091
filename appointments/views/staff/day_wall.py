"""The wall of the waiting room: turns and windows, nobody's name. A television opens it by a link of one day."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from appointments.day import roster
from appointments.day.wall_link import session_of_wall, wall_token
from appointments.views.receipt import behind_a_link
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate
from consulates.roles import May
from consulates.wording import clock, local_day
from mexitel.utils.time import now as current_time


@require_safe
@staff_page(May.DESK)
def staff_wall(request: StaffRequest, office: Consulate) -> HttpResponse:
    """One link for each place of today."""
    today = local_day(current_time(), office.time_zone)
    sessions = roster.sessions_of(office, today)
    walls = [(session, wall_token(session)) for session in sessions]
    context = {"day": today, "is_today": True, "walls": walls, "sessions": sessions}
    return render(request, "staff/day/wall_links.html", context)


@behind_a_link
def wall(request: HttpRequest, token: str) -> HttpResponse:
    now = current_time()
    session = session_of_wall(token, now=now)
    if session is None:
        raise Http404
    context = {
        "session": session,
        "turns": roster.wall([session.pk]),
        "clock": clock(now, session.time_zone),
    }
    return render(request, "staff/day/wall.html", context)


urlpatterns = [path("oficinas/<slug:code>/pantalla/", staff_wall, name="staff_wall")]
open_urlpatterns = [path("pantalla/<str:token>/", wall, name="wall")]
