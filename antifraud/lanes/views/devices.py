"""On the device itself: somebody types the code of a help day or of a public computer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from antifraud.lanes import devices
from antifraud.lanes.forms import CodeForm
from mexitel.utils.browsers import seen_of
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("codes", methods=("POST",))
def device_join(request: HttpRequest) -> HttpResponse:
    now, device = clock(), seen_of(request).device
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            devices.join(typed=form.cleaned_data["code"], device=device, now=now)
        except devices.LaneError as error:
            form.add_error("code", _say(error))
        else:
            messages.success(request, _("This device is ready. Many people can book on it."))
            return redirect("device_join")
    context = {"form": form, "lane": devices.lane_of(device, now=now)}
    return render(request, "antifraud/lanes/device.html", context, status=422 if form.errors else 200)


def _say(error: devices.LaneError) -> str:
    return {
        "code_unknown": _("That code is not right, or it is not for today. Ask the office."),
        "lane_full": _("All devices of that code have joined. Ask the office for another code."),
        "device_unknown": _("This browser keeps no cookies. Allow them for this page, and try again."),
    }[error.code]


urlpatterns = [path("dispositivo/", device_join, name="device_join")]
