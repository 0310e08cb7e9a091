"""The one link with which whoever has the old contact stops a change that somebody asked for by telephone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from appointments.phone.recovery import recovery_of, stop_recovery
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "POST"])
@never_cache
@limited("account")
def recovery_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Opening asks, one button stops: programs that look into mail open links too."""
    now = clock()
    recovery = stop_recovery(token=token, now=now) if request.method == "POST" else recovery_of(token)
    if recovery is None:
        raise Http404
    return render(request, "appointments/recovery_stop.html", {"recovery": recovery})


urlpatterns = [path("alto/<str:token>/", recovery_stop, name="recovery_stop")]
