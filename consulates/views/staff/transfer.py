"""Import with a check first, and export."""

from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, Session, Upload
from consulates.roles import May
from consulates.transfer import offices, sessions
from consulates.transfer.checks import Check
from consulates.transfer.forms import ExportForm, UploadForm
from consulates.transfer.saving import (
    OFFICES,
    NotFine,
    SavedAlready,
    check_upload,
    keep_upload,
    save_upload,
)
from consulates.transfer.writer import download
from mexitel.audit.services import record
from mexitel.utils import time

SHOWN = 200
LONGEST_EXPORT_DAYS = 400


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.TRANSFER, fresh=True)
def staff_transfer(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = time.now()
    everywhere = request.access.everywhere(May.TRANSFER)
    posted = request.method == "POST"
    form = UploadForm(request.POST if posted else None, request.FILES if posted else None, with_offices=everywhere)
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        upload = keep_upload(
            office=office,
            subject=form.cleaned_data["subject"],
            name=file.name,
            content=file.read(),
            by=request.user,
            now=now,
        )
        return redirect("staff_transfer_check", office.code, upload.pk)
    today = wording.local_day(now, office.time_zone)
    context = {
        "office": office,
        "form": form,
        "export": _export_form(None, today),
        "all_days": urlencode(_days(today)),
        "everywhere": everywhere,
        "needed": sessions.NEEDED,
        "optional": [name for name in sessions.USED if name not in sessions.NEEDED],
        "office_columns": offices.NEEDED,
    }
    return render(request, "staff/transfer/transfer.html", context)


def _days(today: date) -> dict[str, int]:
    """What the form's boxes would send."""
    return {f"{name}_{part}": getattr(today, part) for name in ("first", "last") for part in ("day", "month", "year")}


def _export_form(data: Any, today: date) -> ExportForm:
    return ExportForm(data, auto_id="export_%s", initial={"first": today, "last": today + timedelta(days=60)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.TRANSFER, fresh=True)
def staff_transfer_check(request: StaffRequest, office: Consulate, upload_id: UUID) -> HttpResponse:
    """What the file would make; the button makes it, whole or not at all."""
    now = time.now()
    upload: Upload = get_object_or_404(Upload.staff.filter(consulate=office), pk=upload_id)
    check = None
    if request.method == "POST":
        try:
            made = save_upload(upload=upload, access=request.access, by=request.user, now=now)
        except NotFine as error:
            check = error.check
        except SavedAlready:
            upload.refresh_from_db()
        else:
            sentence = ngettext("%(count)s row was imported.", "%(count)s rows were imported.", made)
            messages.success(request, sentence % {"count": f"{made:,}"})
            return redirect("staff_transfer_check", office.code, upload.pk)
    if upload.saved_at:
        return render(request, "staff/transfer/saved.html", {"office": office, "upload": upload})
    check = check or check_upload(upload, request.access, now=now)
    context = {"office": office, "upload": upload, "check": check, **_lines(upload, check)}
    return render(request, "staff/transfer/check.html", context)


def _lines(upload: Upload, check: Check) -> dict[str, Any]:
    summary = offices.summary if upload.subject == OFFICES else sessions.summary
    lines = [{"line": line, **summary(made)} for line, made in islice(check.made, SHOWN)]
    return {
        "is_offices": upload.subject == OFFICES,
        "lines": lines,
        "hidden_lines": len(check.made) - len(lines),
        "problems": check.problems[:SHOWN],
        "hidden_problems": max(0, len(check.problems) - SHOWN),
    }


@require_safe
@staff_page(May.TRANSFER, fresh=True)
def staff_export(request: StaffRequest, office: Consulate) -> HttpResponseBase:
    """The office's sessions between two days, or (the network alone) all offices."""
    now = time.now()
    form = _export_form(request.GET, wording.local_day(now, office.time_zone))
    if not form.is_valid():
        return render(request, "staff/transfer/export.html", {"office": office, "form": form})
    data = form.cleaned_data
    if data["subject"] == OFFICES and request.access.everywhere(May.TRANSFER):
        every = Consulate.objects.real()
        record(actor=request.user, action="export.offices", target=office, now=now, office_id=office.id)
        return download(offices.EXPORTED, offices.exported(every), name="oficinas", kind=data["kind"])
    if not 0 <= (data["last"] - data["first"]).days <= LONGEST_EXPORT_DAYS:
        sentence = _("Choose a last day that is not before the first, %(days)s days later at most.")
        form.add_error("last", sentence % {"days": LONGEST_EXPORT_DAYS})
        return render(request, "staff/transfer/export.html", {"office": office, "form": form})
    found = list(
        Session.staff.filter(consulate=office, date__range=(data["first"], data["last"]))
        .select_related("consulate")
        .prefetch_related("procedures")
    )
    record(
        actor=request.user,
        action="export.sessions",
        target=office,
        now=now,
        office_id=office.id,
        detail={"sessions": len(found)},
    )
    name = f"jornadas-{office.code}-{data['first']:%Y%m%d}"
    return download(sessions.EXPORTED, sessions.exported(found), name=name, kind=data["kind"])


urlpatterns = [
    path("oficinas/<slug:code>/importar/", staff_transfer, name="staff_transfer"),
    path("oficinas/<slug:code>/importar/<uuid:upload_id>/", staff_transfer_check, name="staff_transfer_check"),
    path("oficinas/<slug:code>/exportar/", staff_export, name="staff_export"),
]
