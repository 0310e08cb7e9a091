"""Open data over HTTP: the manifest, its files, the schemas, and the page that explains them."""

from datetime import datetime, timedelta
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, re_path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from consulates.opendata import bulk, files, sitemap
from consulates.opendata.supply import MANY_FROM, Supply
from mexitel.utils import published
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

A_DAY = timedelta(days=1)
SCHEMAS = Path(__file__).parent / "schemas"


@require_safe
def well_known(request: HttpRequest) -> HttpResponseBase:
    response = HttpResponse(files.well_known(), content_type=files.JSON)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponseBase:
    def make(now: datetime) -> bytes:
        return files.manifest(Supply.read(now), now)

    return published.answer(
        request, files.MANIFEST, content_type=files.JSON, oldest=files.OLDEST, make=make, now=clock()
    )


@require_safe
def bulk_file(request: HttpRequest, title: str, state: str = "") -> HttpResponseBase:
    if not files.is_file(title, state):
        raise Http404
    now, name = clock(), files.name_of(files.KIND_OF[title], state)

    def make(now: datetime) -> bytes:
        return files.content(title, state, Supply.read_lately(now))

    oldest = files.oldest_of(title, now)
    return published.answer(request, name, content_type=files.NDJSON, oldest=oldest, make=make, now=now)


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    found = {file.stem: file for file in SCHEMAS.glob("*.json")}.get(name)
    if found is None:
        raise Http404
    response = HttpResponse(found.read_bytes(), content_type="application/schema+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def site_map(request: HttpRequest) -> HttpResponseBase:
    name = "datos/sitemap.xml"
    return published.answer(
        request, name, content_type="application/xml", oldest=A_DAY, make=sitemap.sitemap, now=clock()
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemap.robots(), content_type="text/plain; charset=utf-8")


@require_safe
@limited("search")
def open_data(request: HttpRequest) -> HttpResponse:
    context = {
        "manifest": f"/{files.MANIFEST}",
        "example": f"/{files.name_of('Slot', 'TX')}",
        "many": MANY_FROM,
        "few": MANY_FROM - 1,
        "schemas": sorted(file.stem for file in SCHEMAS.glob("*.json")),
        "commands": _commands(),
    }
    return render(request, "consulates/opendata/open_data.html", context)


def _commands() -> list[tuple[str, str]]:
    """What each does, and a line for a terminal that does it."""
    texas, calendar = f"/{files.name_of('Slot', 'TX')}", reverse("releases_ics", args=[get_language(), "red"])
    return [
        (_("Where everything is"), _curl(f"/{files.MANIFEST}")),
        (_("What is free in Texas, one line for each day and procedure"), _curl(texas)),
        (
            _("The same again, only where it has changed since"),
            _curl(texas, "--etag-save texas.etag --etag-compare texas.etag -o texas.ndjson"),
        ),
        (_("When places open in all offices, for a calendar"), _curl(calendar)),
        (_("The figures of the whole network"), _curl(reverse("api_figures"))),
        (_("What each column of the figures means"), _curl(reverse("figures_dictionary"))),
    ]


def _curl(address: str, options: str = "") -> str:
    """In quotes that a shell leaves alone: the manifest's name begins with a dollar."""
    return " ".join(filter(None, ["curl", options, f"'{bulk.url(address)}'"]))


urlpatterns = [
    path("sitemap.xml", site_map, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path("datos/", open_data, name="open_data"),
    path(".well-known/smart-scheduling", well_known, name="smart_well_known"),
    path("datos/smart/$bulk-publish", manifest, name="bulk_manifest"),
    path("datos/smart/esquemas/<slug:name>.json", schema, name="bulk_schema"),
    re_path(r"^datos/smart/(?P<title>[a-z]+)-(?P<state>[a-z]{2})\.ndjson$", bulk_file, name="bulk_file"),
    re_path(r"^datos/smart/(?P<title>[a-z]+)\.ndjson$", bulk_file, name="bulk_network_file"),
]
