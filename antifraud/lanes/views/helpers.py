"""What a helper may do, for everybody to read; and where somebody registers, sees what became of it, and stops."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antifraud.lanes import helping
from antifraud.lanes.forms import HelperForm
from mexitel.accounts.access import person
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_safe
def helpers(request: HttpRequest) -> HttpResponse:
    return render(request, "antifraud/lanes/helpers.html", {"cap": helping.CAP})


@require_http_methods(["GET", "HEAD", "POST"])
@limited("own", methods=("POST",))
@personal
def helper_own(request: HttpRequest) -> HttpResponse:
    """The request of whoever is signed in: the form, or what became of it."""
    user, now = person(request), clock()
    found = helping.helper_of(user)
    stands = found is not None and found.stands(now=now)
    form = HelperForm(request.POST if request.method == "POST" else None)
    if form.is_bound and not stands and user.has_verified_phone and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("name", "organisation", "place")}
        try:
            helping.ask(account=user, now=now, **told)
        except helping.HelperError:  # two presses of the button
            return redirect("helper_own")
        messages.success(request, _("We have your request. A person reads it, and the answer will stand here."))
        return redirect("helper_own")
    context = {"helper": found, "stands": stands, "form": form, "has_phone": user.has_verified_phone}
    return render(request, "antifraud/lanes/helper_own.html", context, status=422 if form.errors else 200)


@require_POST
@limited("own")
@personal
def helper_leave(request: HttpRequest) -> HttpResponse:
    helping.leave(account=person(request), now=clock())
    messages.success(request, _("You are no longer a registered helper. The appointments that you booked stay."))
    return redirect("helper_own")


urlpatterns = [
    path("ayudantes/", helpers, name="helpers"),
    path("ayudantes/registro/", helper_own, name="helper_own"),
    path("ayudantes/dejar/", helper_leave, name="helper_leave"),
]
