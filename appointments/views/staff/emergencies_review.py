"""What others look at afterwards: seats given outside the public pool, the month's figures, and the drawn sample."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appointments.emergencies.errors import EmergencyError, sentence
from appointments.emergencies.figures import figures
from appointments.emergencies.forms import FindingForm, RuleForm
from appointments.emergencies.grants import change_rule
from appointments.emergencies.samples import month_before, note_finding
from appointments.models import Grant, GrantRule, SampledRequest
from appointments.models.emergency import DAILY_GRANTS, TARGET_HOURS
from consulates.access import StaffRequest, staff_page
from consulates.calendars import to_utc
from consulates.models import Consulate
from consulates.roles import May
from consulates.wording import local_day
from mexitel.audit.services import record
from mexitel.utils.calendar import month_title
from mexitel.utils.time import now as clock


@require_safe
@staff_page(May.AUDIT)
def staff_grants(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Every seat of the office given outside the public pool in a month: who, why, and who signed too."""
    today = local_day(clock(), office.time_zone)
    month = _month(request.GET.get("mes", ""), today)
    after = (month + timedelta(days=31)).replace(day=1)
    grants = Grant.staff.filter(consulate=office, day__gte=month, day__lt=after).order_by("created_at", "pk")
    rule = GrantRule.staff.filter(consulate=office).first()
    context = {
        "office": office,
        "grants": grants.select_related("author", "countersigned_by", "request"),
        "seats": grants.aggregate(total=Sum("seats"))["total"] or 0,
        "signed": grants.exclude(countersigned_by=None).count(),
        "allowed": rule.daily_grants if rule else DAILY_GRANTS,
        "hours": rule.target_hours if rule else TARGET_HOURS,
        "title": month_title(month.year, month.month),
        "before": month_before(month),
        "after": after if after <= today else None,
        "figures": figures(
            start=to_utc(month, time(0), office.time_zone),
            end=to_utc(after, time(0), office.time_zone),
            offices=[office.pk],
        ),
    }
    return render(request, "staff/emergencies/grants.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(May.CAMPAIGN, fresh=True)
def staff_grant_rule(request: StaffRequest, office: Consulate) -> HttpResponse:
    """The network sets the number, not the office that uses it."""
    rule = GrantRule.staff.filter(consulate=office).first() or GrantRule(consulate=office)
    sent = request.method == "POST"
    told = {"daily_grants": rule.daily_grants, "target_hours": rule.target_hours}
    form = RuleForm(request.POST if sent else None, initial=told)
    if sent and form.is_valid():
        change_rule(office=office, actor=request.user, now=clock(), **form.cleaned_data)
        messages.success(request, _("The number is changed from now on."))
        return redirect("staff_grant_rule", office.code)
    context = {"office": office, "form": form}
    return render(request, "staff/emergencies/rule.html", context, status=422 if sent else 200)


@require_safe
@staff_page(May.AUDIT)
def staff_emergency_samples(request: StaffRequest) -> HttpResponse:
    """The drawn decisions of the offices in scope, those without a finding first."""
    found = SampledRequest.staff.select_related("draw__consulate", "request", "reviewed_by")
    found = found.defer("request__words", "request__people", "request__answer")
    found = found.order_by("-draw__month", "draw__consulate__state", "draw__consulate__city", "pk")
    context = {
        "open": [one for one in found.filter(finding="")[:200] if one.decided_by_id != request.user.pk],
        "noted": found.exclude(finding="")[:100],
    }
    return render(request, "staff/emergencies/samples.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(May.AUDIT)
def staff_emergency_sample(request: StaffRequest, sampled_id: int) -> HttpResponse:
    """One decision looked at again: what was told, what was answered, and the reviewer's finding."""
    now = clock()
    found = SampledRequest.staff.select_related(
        "draw__consulate", "request__procedure", "request__grant", "reviewed_by"
    )
    sampled: SampledRequest = get_object_or_404(found, pk=sampled_id)
    sent = request.method == "POST"
    form = FindingForm(request.POST if sent else None)
    errors = []
    if sent and form.is_valid():
        try:
            note_finding(sampled_id=sampled.pk, reviewer=request.user, now=now, **form.cleaned_data)
        except EmergencyError as refusal:
            errors = [{"text": sentence(refusal)}]
        else:
            messages.success(request, _("Your finding is kept."))
            return redirect("staff_emergency_samples")
    record(
        actor=request.user,
        action="emergency.look",
        target=sampled.request,
        now=now,
        office_id=sampled.draw.consulate_id,
        detail={"sample": sampled.pk},
    )
    context = {
        "sampled": sampled,
        "asked": sampled.request,
        "grant": getattr(sampled.request, "grant", None),
        "form": form,
        "errors": errors,
        "own": sampled.decided_by_id == request.user.pk,
    }
    status = 422 if sent else 200
    return render(request, "staff/emergencies/sample.html", context, status=status)


def _month(typed: str, today: date) -> date:
    """``2026-11`` as its first day; this month for anything else, and for what is to come."""
    try:
        month = datetime.strptime(typed, "%Y-%m").date()
    except ValueError:
        return today.replace(day=1)
    return min(month, today.replace(day=1)) if month.year >= 2020 else today.replace(day=1)


urlpatterns = [
    path("oficinas/<slug:code>/fuera-del-publico/", staff_grants, name="staff_grants"),
    path("oficinas/<slug:code>/fuera-del-publico/numero/", staff_grant_rule, name="staff_grant_rule"),
    path("urgencias/muestra/", staff_emergency_samples, name="staff_emergency_samples"),
    path("urgencias/muestra/<int:sampled_id>/", staff_emergency_sample, name="staff_emergency_sample"),
]
