"""Reviewers: files for the platforms, the phrases by which adverts are put in order, the baseline of the figures."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.adverts import exporting, rules
from antifraud.adverts.errors import AdvertError
from antifraud.adverts.figures import choose_baseline, compared
from antifraud.adverts.forms import BaselineForm, ExportForm, PhrasesForm, TryForm
from antifraud.adverts.phrases import as_lines, points_of, read
from antifraud.models import PhraseRules, Platform, PostBaseline, PostExport
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 30
both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@both
@staff_page(May.REVIEW)
def staff_post_exports(request: HttpRequest) -> HttpResponse:
    """What waits by platform, and the files that were made. A POST makes one; to send it is a person's work."""
    form, errors = ExportForm(request.POST if request.method == "POST" else None), []
    if form.is_bound and form.is_valid():
        try:
            exporting.make(platform=Platform(form.cleaned_data["platform"]), by=person(request), now=clock())
        except AdvertError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _("The file is ready. Send it: its adverts are noted as reported."))
            return redirect("staff_post_exports")
    waiting = exporting.waiting()
    context = {
        "waiting": [(one, Platform(one).label, number) for one, number in waiting.items()],
        "kinds": [("txt", _("Text for a mail or form")), ("csv", "CSV"), ("json", "JSON")],
        "made": PostExport.objects.select_related("made_by").defer("rows").order_by("-made_at")[:SHOWN],
        "errors": errors,
    }
    status = 422 if form.is_bound else 200
    return render(request, "antifraud/adverts/staff/exports.html", context, status=status)


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_post_export_file(request: HttpRequest, export_id: UUID, kind: str) -> HttpResponse:
    export = get_object_or_404(PostExport, pk=export_id)
    if kind not in exporting.FORMATS or not export.rows:
        raise Http404
    record(actor=person(request), action="advert.file", target=export, now=clock(), detail={"kind": kind})
    response = HttpResponse(exporting.as_file(export, kind), content_type=exporting.FORMATS[kind])
    name = f"anuncios-{export.platform}-{export.made_at:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@both
@staff_page(May.REVIEW)
def staff_phrases(request: HttpRequest) -> HttpResponse:
    """The phrases in force, and a text to try them on; nothing that is tried is kept."""
    in_force = rules.in_force()
    form = TryForm(request.POST if request.method == "POST" else None)
    found = rules.found_in(form.cleaned_data["words"], in_force) if form.is_bound and form.is_valid() else None
    phrases = sorted(read(in_force.phrases), key=lambda one: (one.language != "es", -one.points, one.text))
    context = {
        "rules": in_force,
        "phrases": phrases,
        "form": form,
        "found": found,
        "points": points_of(found or []),
        "versions": PhraseRules.objects.select_related("author").defer("phrases").order_by("-number")[:SHOWN],
        "may_edit": request.access.may(May.SIGN),  # type: ignore[attr-defined]
    }
    return render(request, "antifraud/adverts/staff/phrases.html", context)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_phrases_edit(request: HttpRequest) -> HttpResponse:
    """The next version, by a senior reviewer. What stands is never changed."""
    if not request.access.may(May.SIGN):  # type: ignore[attr-defined]
        raise PermissionDenied
    in_force, errors = rules.in_force(), []
    first = {"lines": as_lines(read(in_force.phrases)), "after": in_force.number}
    form = PhrasesForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            rules.publish(
                after=told["after"], phrases=told["lines"], note=told["note"], by=person(request), now=clock()
            )
        except AdvertError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _("Published. Adverts that nobody has read yet were weighed again."))
            return redirect("staff_phrases")
    context = {"form": form, "errors": errors, "rules": in_force}
    return render(request, "antifraud/adverts/staff/phrases_edit.html", context, status=422 if form.is_bound else 200)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_post_baseline(request: HttpRequest) -> HttpResponse:
    """Which weeks the public figures compare with; a senior reviewer chooses others."""
    may_choose = request.access.may(May.SIGN)  # type: ignore[attr-defined]
    form = BaselineForm(request.POST if request.method == "POST" else None)
    if form.is_bound and not may_choose:
        raise PermissionDenied
    if form.is_bound and form.is_valid():
        choose_baseline(**form.cleaned_data, by=person(request), now=clock())
        messages.success(request, _("Chosen. The public page says so from now on."))
        return redirect("staff_post_baseline")
    context = {
        "form": form,
        "may_choose": may_choose,
        "compared": compared(now=clock()),
        "chosen": PostBaseline.objects.select_related("author").order_by("-chosen_at")[:SHOWN],
    }
    return render(request, "antifraud/adverts/staff/baseline.html", context, status=422 if form.is_bound else 200)


urlpatterns = [
    path("anuncios/archivos/", staff_post_exports, name="staff_post_exports"),
    path("anuncios/archivos/<uuid:export_id>.<str:kind>", staff_post_export_file, name="staff_post_export_file"),
    path("anuncios/frases/", staff_phrases, name="staff_phrases"),
    path("anuncios/frases/cambiar/", staff_phrases_edit, name="staff_phrases_edit"),
    path("anuncios/base/", staff_post_baseline, name="staff_post_baseline"),
]
