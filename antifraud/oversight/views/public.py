"""For everybody: tell us that you were charged, without an account; and the figures of what we do about brokers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.oversight.figures import figures
from antifraud.oversight.forms import ReportForm
from antifraud.oversight.reports import file_report
from mexitel.accounts.limits import Origin, take
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("codes", methods=("POST",))
def charged(request: HttpRequest) -> HttpResponse:
    """How often one client may report is counted in PostgreSQL: it holds with Redis away."""
    now = clock()
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not take("charge report", {}, Origin.of(request), now):
            return render(request, "429.html", status=429)
        told = form.cleaned_data
        office = told["consulate"]
        file_report(
            how=told["how"], dollars=told["dollars"], contact=told["contact"], words=told["words"],
            consulate_id=office.pk if office else None, reference=told["reference"], now=now,
        )  # fmt: skip
        return redirect("charged_thanks")
    return render(request, "antifraud/oversight/charged.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def charged_thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "antifraud/oversight/charged_thanks.html")


@require_safe
def fairness_figures(request: HttpRequest) -> HttpResponse:
    return render(request, "antifraud/oversight/figures.html", {"figures": figures(now=clock())})


urlpatterns = [
    path("te-cobraron/", charged, name="charged"),
    path("te-cobraron/gracias/", charged_thanks, name="charged_thanks"),
    path("te-cobraron/cifras/", fairness_figures, name="fairness_figures"),
]
