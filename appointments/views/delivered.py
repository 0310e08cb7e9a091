"""What an office promised in public, beside what became of it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appointments.announcing import delivered
from appointments.enums import Channel
from consulates.announcing import signed
from consulates.models import Announcement, AnnouncementKind, Release
from consulates.opendata.files import oldest_page
from consulates.releases.shown import Shown, public_release
from consulates.wording import moment
from mexitel.utils import published
from mexitel.utils.public_pages import shared
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_safe
@limited("search")
@shared(oldest_page)
def release_delivered(request: HttpRequest, release_id: int) -> HttpResponse:
    now = clock()
    shown = public_release(release_id, now=now)
    if shown is None:
        raise Http404
    said = list(Announcement.objects.filter(release=release_id))
    promise = signed.of_kind(said, AnnouncementKind.ANNOUNCED)
    figures = delivered.figures(shown.release, now=now)
    context = {
        "shown": shown,
        "promise": promise,
        "cancellation": signed.of_kind(said, AnnouncementKind.CANCELLED),
        "stands": promise is not None and signed.stands(promise),
        "differs": promise is not None and not signed.still_says(promise, shown.release),
        "has_opened": shown.release.opens_at <= now,
        "figures": figures,
        "rows": _rows(shown, figures),
        "channels": [(str(Channel(name).label), count) for name, count in figures["by_channel"].items()],
        "counted": moment(datetime.fromisoformat(figures["counted_at"]), shown.time_zone),
    }
    return render(request, "announcing/delivered.html", context)


def _rows(shown: Shown, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Each office: what was announced, and what is counted."""
    counted = {row["office"]: row for row in figures["offices"]}
    rows = []
    for row in shown.offices:
        found = counted.get(row.consulate.code, {})
        opened_at = found.get("opened_at")
        opened = datetime.fromisoformat(opened_at) if opened_at else None
        rows.append({
            "office": row.consulate,
            "promised": row.seats,
            "promised_at": moment(row.opens_at, row.consulate.time_zone),
            "opened": found.get("opened_seats", 0),
            "withheld": found.get("withheld_seats", 0),
            "on_time": opened == row.opens_at,
            "opened_at": moment(opened, row.consulate.time_zone) if opened else _("not yet"),
            "taken": found.get("taken", 0),
        })  # fmt: skip
    return rows


@require_safe
def delivered_file(request: HttpRequest, release_id: int) -> HttpResponseBase:
    """The same figures for machines."""
    now, name = clock(), delivered.name_of(release_id)
    release = None
    if published.get(name) is None:
        release = Release.objects.for_public(now=now).filter(pk=release_id).first()
        if release is None:
            raise Http404

    def make(at: datetime) -> bytes:
        return delivered.written(release or Release.objects.get(pk=release_id), now=at)

    return published.answer(request, name, content_type="application/json", oldest=delivered.OLDEST, make=make, now=now)


urlpatterns = [
    path("aperturas/<int:release_id>/cumplimiento/", release_delivered, name="release_delivered"),
    path("datos/cumplimiento/<int:release_id>.json", delivered_file, name="release_delivered_file"),
]
