"""The dashboard: counts for reviewers, auditors and administrators. No name, no contact."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from antifraud.oversight.dashboard import WINDOWS, dashboard
from antifraud.oversight.words import sentence
from consulates.access import staff_page
from consulates.roles import May
from mexitel.utils.time import now as clock


@never_cache
@require_safe
@staff_page(May.REVIEW, May.AUDIT)
def staff_dashboard(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("dias", "")
    days = int(asked) if asked in {str(one) for one in WINDOWS} else WINDOWS[0]
    board = dashboard(days=days, now=clock())
    context = {
        "board": board,
        "windows": WINDOWS,
        "rules": [(one, sentence(one.code)) for one in board.rules],
    }
    return render(request, "antifraud/oversight/dashboard.html", context)


urlpatterns = [path("tablero/", staff_dashboard, name="staff_dashboard")]
