"""The public figures: of the network and of each office, by month; what each number means; and files to download."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from appointments.statistics import (
    addresses,  # noqa: F401 - registers the converter "month"
    definitions,
    files,
    published,
    shown,
)
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_safe
@limited("search")
def figures(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Of the network, or of one office."""
    document = published.overview(code, now=clock())
    months = document["months"]
    context: dict[str, Any] = {"document": document, "name": shown.name_of(document["office"]), "code": code}
    if months:
        latest = _latest(months)
        context |= {
            "latest": latest["month"],
            "summary": shown.summary(latest, latest["month"]),
            "numbers": shown.numbers(latest, "no_show", "cancelled", "capacity_opened", "wait_days_median"),
            "figures": shown.month_figures(months),
            "weeks": shown.week_figure(document["weeks"]),
            "records": shown.record_rows(document["records"]),
            "held": shown.held_rows(document["held"]),
            "held_when": shown.year_words(document["held"]),
            "months": [(one["month"], shown.month_words(one["month"])) for one in reversed(months)],
        }
    return render(request, "statistics/overview.html", context)


def _latest(months: list[dict[str, Any]]) -> dict[str, Any]:
    """The last month that is frozen, since the one that goes on says little; the last of all where none is."""
    return next((one for one in reversed(months) if one["is_frozen"]), months[-1])


@require_safe
@limited("search")
def figures_month(request: HttpRequest, month: str, code: str | None = None) -> HttpResponse:
    document = published.month(code, month, now=clock())
    heading, offices = shown.office_rows(document.get("offices", []))
    frozen_at = document["frozen_at"]
    context = {
        "document": document,
        "name": shown.name_of(document["office"]),
        "code": code,
        "month": month,
        "month_words": shown.month_words(month),
        "summary": shown.summary(document["totals"], month),
        "numbers": shown.numbers(document["totals"], *shown.TABLE, *definitions.RECKONED, "sessions", "sessions_held"),
        "figures": [
            shown.kind_figure(document["kinds"]),
            shown.procedure_figure(document["procedures"]),
            shown.channel_figure(document["channels"]),
            shown.day_figure(document["days"]),
        ],
        "office_heading": heading,
        "offices": offices,
        "frozen_on": datetime.fromisoformat(frozen_at).date() if frozen_at else None,
        "files": [(f"{month}{end}.csv", end, document["sha256"].get(f"{month}{end}.csv")) for end in files.KINDS],
    }
    return render(request, "statistics/month.html", context)


@require_safe
def figures_meanings(request: HttpRequest) -> HttpResponse:
    return render(request, "statistics/meanings.html", {"definitions": definitions})


@require_safe
@limited("search")
def figures_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """``2026-11.csv``, ``2026-11-dias.csv`` ...: as files that the web server gives by itself once they are made."""
    month, end = name[:7], name[7:]
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    if end not in files.KINDS:
        raise Http404
    return published.download(request, first, end, now=clock())


@require_safe
def figures_dictionary(request: HttpRequest) -> HttpResponseBase:
    return published.dictionary(request, now=clock())


urlpatterns = [
    path("cifras/", figures, name="figures"),
    path("cifras/que-es-cada-numero/", figures_meanings, name="figures_meanings"),
    path("cifras/<month:month>/", figures_month, name="figures_month"),
    path("cifras/oficinas/<slug:code>/", figures, name="figures_office"),
    path("cifras/oficinas/<slug:code>/<month:month>/", figures_month, name="figures_office_month"),
    path(f"datos/cifras/{files.DICTIONARY}", figures_dictionary, name="figures_dictionary"),
    path("datos/cifras/<slug:name>.csv", figures_file, name="figures_file"),
]
