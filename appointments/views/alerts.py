"""News of an office's openings: asking for it, signed in; ending it by the link of a message, without."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.announcing.asking import AlertError, ask, sentence, stop
from appointments.announcing.forms import AlertForm
from appointments.models import ReleaseAlert
from appointments.views.receipt import told_to_nobody
from mexitel.accounts.access import person
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "HEAD", "POST"])
@limited("booking", methods=("POST",))
@personal
def release_alerts(request: HttpRequest) -> HttpResponse:
    now, account = clock(), person(request)
    sent = request.method == "POST"
    asked = request.GET.get("oficina", "")[:40].replace("\x00", "")
    form = AlertForm(request.POST if sent else None, now=now, initial={"oficina": asked})
    if sent and form.is_valid():
        wish = form.cleaned_data
        try:
            ask(
                account=account,
                consulate=wish["oficina"],
                procedure=wish["tramite"],
                hour_before=wish["antes"],
                now=now,
            )
        except AlertError as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, _("Good: we write to you when this office announces places."))
            return redirect("release_alerts")
    alerts = ReleaseAlert.objects.filter(account=account, stopped_at=None).select_related("consulate", "procedure")
    context = {"form": form, "alerts": alerts.order_by("pk")}
    return render(request, "announcing/alerts.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@told_to_nobody
@limited("search")
def release_alert_stop(request: HttpRequest, code: str) -> HttpResponse:
    """Opening asks, one button ends it: programs that look into mail open links too."""
    alert = get_object_or_404(ReleaseAlert.objects.select_related("consulate"), code=code)
    if request.method == "POST":
        stop(alert, now=clock())
        if request.POST.get("de") == "lista" and request.user.is_authenticated:
            messages.success(request, _("Done: no more news of that office."))
            return redirect("release_alerts")
        return redirect("release_alert_stop", code)
    return render(request, "announcing/stop.html", {"alert": alert})


urlpatterns = [
    path("aperturas/avisos/", release_alerts, name="release_alerts"),
    path("avisos/<str:code>/dejar/", release_alert_stop, name="release_alert_stop"),
]
