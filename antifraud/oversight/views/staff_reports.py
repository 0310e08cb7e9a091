"""Reviewers: what people told about charges. Each is read by somebody, and nothing follows from it by itself."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.models import ChargeReport, ReportState
from antifraud.models.oversight import LEAST_GRADE
from antifraud.oversight.errors import NoSuchCase, OversightError
from antifraud.oversight.forms import ReportFilterForm, TriageForm
from antifraud.oversight.reports import cases_near, link_report, set_aside, similar
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

A_PAGE = 50


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_reports(request: HttpRequest) -> HttpResponse:
    asked = ReportFilterForm(request.GET)
    state = asked.cleaned_data["estado"] if asked.is_valid() else ""
    reports = ChargeReport.objects.defer("contact", "words").select_related("consulate").order_by("-filed_at")
    page = Paginator(reports.filter(state=state) if state else reports, A_PAGE).get_page(request.GET.get("page"))
    record(
        actor=person(request), action="report.list", target=("antifraud.chargereport", "list"), now=clock(),
        detail={"seen": len(page.object_list)},
    )  # fmt: skip
    context = {"asked": asked, "page": page, "query": f"estado={state}&" if state else ""}
    return render(request, "antifraud/oversight/reports.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """One report with its words and the contact, which leaves a line; and what becomes of it."""
    now, by = clock(), person(request)
    found = ChargeReport.objects.select_related("consulate", "closed_by")
    report = get_object_or_404(found, pk=report_id)
    near = cases_near(report, reader_id=by.pk)
    first = {"case": near[0].pk} if near else {}
    form, errors = TriageForm(request.POST if request.method == "POST" else None, initial=first), []
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            if told["what"] == "link":
                link_report(
                    report_id=report.pk,
                    case_id=told["case"],
                    grade=told["grade"] or LEAST_GRADE,
                    note=told["note"],
                    by=by,
                    now=now,
                )
            else:
                set_aside(report_id=report.pk, note=told["note"], by=by, now=now)
        except NoSuchCase as refusal:
            form.add_error("case", str(refusal.sentence))
        except OversightError as refusal:
            errors = [{"text": refusal.sentence}]
            report = found.get(pk=report_id)
        else:
            messages.success(request, _("Kept. No score changes by it."))
            return redirect("staff_reports")
    record(actor=by, action="report.see", target=report, now=now)
    context = {
        "report": report,
        "is_new": report.state == ReportState.NEW,
        "similar": similar(report),
        "near": near,
        "form": form,
        "errors": errors,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/oversight/report.html", context, status=status)


urlpatterns = [
    path("reportes/", staff_reports, name="staff_reports"),
    path("reportes/<uuid:report_id>/", staff_report, name="staff_report"),
]
