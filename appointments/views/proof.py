"""The public proof of a queue or draw: what happened, one's own ticket, and every file."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from appointments.allocation import shown
from appointments.allocation.tending import due_at
from appointments.models import Drawing, DrawingFile
from consulates.models import Gate, Release
from consulates.wording import moment
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

# A file changes when one more step is done; whoever has it asks whether it did.
KEPT = timedelta(minutes=1)
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "txt": "text/plain; charset=utf-8"}


def _public(release_id: int) -> Release:
    public = Release.objects.for_public(now=clock()).exclude(mode=Gate.OPEN)
    found: Release = get_object_or_404(public, pk=release_id)
    return found


@require_safe
@limited("search")
def draw_proof(request: HttpRequest, release_id: int) -> HttpResponse:
    release = _public(release_id)
    drawing = Drawing.objects.filter(release=release).first()
    typed = request.GET.get("boleto", "")
    code = shown.typed_ticket(typed)
    context = {
        "release": release,
        "drawing": drawing,
        "is_draw": release.mode == Gate.DRAW,
        "typed": typed[:60],
        "found": shown.find(drawing, code) if drawing and drawing.drawn_at and code else None,
        "asked": bool(typed),
    }
    if drawing:
        context |= _facts(release, drawing)
    return render(request, "appointments/draw_proof.html", context)


def _facts(release: Release, drawing: Drawing) -> dict:
    office = release.consulates.order_by("pk").first()
    zone = office.time_zone if office else "America/Mexico_City"
    moments = {
        "committed": drawing.committed_at,
        "sealed": drawing.sealed_at,
        "due": due_at(drawing) if drawing.sealed_at else None,
        "drawn": drawing.drawn_at,
    }
    return {
        "when": {name: moment(at, zone) for name, at in moments.items() if at},
        "hashes": {
            name: bytes(value).hex()
            for name in ("commitment", "sealed_hash", "seed")
            if (value := getattr(drawing, name))
        },
        "channels": shown.by_channel(drawing),
        "files": shown.files_of(drawing),
        "zip": drawing.files.filter(name__endswith=".zip").only("name", "size").first(),
        "servers_page": shown.servers_page(drawing),
    }


@require_safe
@limited("search")
def draw_proof_file(request: HttpRequest, release_id: int, name: str) -> HttpResponseBase:
    """As it stands in the database, packed if the browser can unpack it."""
    file = DrawingFile.objects.filter(drawing__release=_public(release_id), name=name).first()
    if file is None:
        raise Http404
    etag = f'W/"{file.digest}"'
    response = get_conditional_response(request, etag=etag) or _sent(request, file)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={int(KEPT.total_seconds())}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _sent(request: HttpRequest, file: DrawingFile) -> HttpResponse:
    unpacks = "gzip" in request.headers.get("Accept-Encoding", "")
    kind = TYPES.get(file.name.rpartition(".")[2], "application/zip")
    response = HttpResponse(bytes(file.packed) if unpacks else file.content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Content-Encoding"] = "gzip" if unpacks else "identity"
    return response


urlpatterns = [
    path("aperturas/<int:release_id>/prueba/", draw_proof, name="draw_proof"),
    path("aperturas/<int:release_id>/prueba/<str:name>", draw_proof_file, name="draw_proof_file"),
]
