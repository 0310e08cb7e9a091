"""Planning of an office at one place: what waits, what was decided, what is in force, and what can be undone."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.models import CapacityFactor, Consulate, Notice, PlanBatch, PlanTemplate, Session
from consulates.planning import holidays as calendar_holidays
from consulates.planning.capacity import end_factor, set_factor
from consulates.planning.capacity_preview import FactorPlan, preview_factor, seal_factor
from consulates.planning.errors import TooLate, WorldChanged
from consulates.planning.forms import CapacityForm
from consulates.planning.undoing import undo_batch
from consulates.planning.world import decided
from consulates.roles import May
from consulates.services.freed import puts_into_draws
from consulates.services.planning_holidays import decide_holidays
from mexitel.utils.time import now as clock

from .planning_steps import CORRECT, SAVE, SEAL, step_of, typed_again
from .week import rows_of, totals, week_url

AHEAD = timedelta(days=366)


@require_safe
@staff_page(May.PLAN)
def staff_planning(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    today = wording.local_day(now, office.time_zone)
    proposed = calendar_holidays.proposed(first=today, last=today + AHEAD, state=office.state)
    known = decided(office, first=today, last=today + AHEAD)
    undecided = [one for one in proposed if one.day not in known]
    drafts = Session.staff.filter(consulate=office, status="draft", date__gte=today)
    batches = PlanBatch.staff.filter(consulate=office).can_be_undone(now=now).select_related("made_by")
    access = request.access
    context = {
        "office": office,
        "drafts": drafts.count(),
        "first_draft": drafts.order_by("date").values_list("date", flat=True).first(),
        "undecided": undecided,
        "factors": factors_in_force(office, today),
        "notices": Notice.staff.filter(consulate=office, ended_at=None, ends_at__gt=now),
        "batches": [(batch, _minutes_left(batch, now)) for batch in batches],
        "templates": [(one, _weekdays(one)) for one in PlanTemplate.staff.filter(consulate=office)],
        "week_url": week_url(office, today),
        "may_publish": access.may(May.PUBLISH, office.id),
        "into_draws": puts_into_draws(office),
        "may_campaign": access.may(May.CAMPAIGN),
    }
    return render(request, "staff/planning/planning.html", context)


def _minutes_left(batch: PlanBatch, now: Any) -> int:
    return max(1, 10 - int((now - batch.made_at).total_seconds() // 60))


def _weekdays(template: PlanTemplate) -> str:
    return ", ".join(str(WEEKDAYS[day]) for day in template.weekdays)


def factors_in_force(office: Consulate, today: date) -> list[dict[str, Any]]:
    found = CapacityFactor.staff.filter(consulate=office, ended_at=None, last__gte=today).select_related("set_by")
    return [{"factor": one, "percent": round(one.factor * 100)} for one in found]


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_holidays(request: StaffRequest, office: Consulate) -> HttpResponse:
    """One year ahead: each holiday closed, open, or left undecided."""
    now = clock()
    today = wording.local_day(now, office.time_zone)
    proposed = calendar_holidays.proposed(first=today, last=today + AHEAD, state=office.state)
    if request.method == "POST":
        said = {one.day: request.POST.get(f"dia-{one.day}", "") for one in proposed}
        decisions = {day: value == "cerrado" for day, value in said.items() if value in {"cerrado", "abierto"}}
        changed = decide_holidays(office=office, decisions=decisions, by=request.user, now=now)
        messages.success(
            request,
            ngettext("%(count)s day was decided.", "%(count)s days were decided.", changed) % {"count": changed},
        )
        return redirect("staff_planning", office.code)
    known = decided(office, first=today, last=today + AHEAD)
    sessions = set(
        Session.staff.filter(consulate=office, date__in=[one.day for one in proposed]).values_list("date", flat=True)
    )
    rows = [
        {
            "holiday": one,
            "value": {True: "cerrado", False: "abierto"}.get(known.get(one.day)),  # type: ignore[arg-type]
            "has_sessions": one.day in sessions,
            "week": week_url(office, one.day),
        }
        for one in proposed
    ]
    return render(request, "staff/planning/holidays.html", {"office": office, "rows": rows})


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_capacity(request: StaffRequest, office: Consulate) -> HttpResponse:
    """What is in force with use against nominal; a new factor is shown in numbers before it holds."""
    now = clock()
    today = wording.local_day(now, office.time_zone)
    form = CapacityForm(request.POST or None, initial={"first": today, "percent": 90})
    if request.method == "POST" and form.is_valid() and step_of(request) != CORRECT:
        return _set_capacity(request, form.plan_for(office), now=now)
    sessions = Session.staff.filter(consulate=office, date__gte=today, status="published")
    weeks: dict[date, list[dict[str, Any]]] = {}
    for row in rows_of(list(sessions.order_by("date")), now=now):
        day = row["session"].date
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(row)
    context = {
        "office": office,
        "form": form,
        "factors": factors_in_force(office, today),
        "weeks": [(week, totals(rows)) for week, rows in weeks.items()],
    }
    return render(request, "staff/planning/capacity.html", context, status=422 if form.errors else 200)


def _set_capacity(request: StaffRequest, plan: FactorPlan, *, now: Any) -> HttpResponse:
    """Show the factor in numbers, or set it when it was shown and the reader says so."""
    by = request.user
    is_saved = step_of(request) == SAVE
    if is_saved:
        try:
            _made, fitted = set_factor(plan, shown=request.POST.get(SEAL, ""), by=by, now=now)
        except WorldChanged:
            messages.error(
                request, _("Something changed while you were looking. These are the numbers now: check them again.")
            )
        else:
            messages.success(request, _changed(fitted))
            return redirect("staff_capacity", plan.office.code)
    found = preview_factor(plan, now=now)
    context = {
        "office": plan.office,
        "percent": round(plan.factor * 100),
        "first": plan.first,
        "last": plan.last,
        "sessions": found.sessions,
        "sums": found,
        "share": found.share,
        "over": found.over,
        "typed": [*typed_again(request), (SEAL, seal_factor(plan, found, by=by))],
        "back": reverse("staff_capacity", args=[plan.office.code]),
    }
    return render(request, "staff/planning/capacity_preview.html", context, status=409 if is_saved else 200)


def _changed(fitted: Any) -> str:
    return _("%(withdrawn)s free seats withdrawn, %(given_back)s given back. Nobody lost their seat.") % {
        "withdrawn": fitted.withdrawn,
        "given_back": fitted.given_back,
    }


@require_http_methods(["POST"])
@staff_page(May.PLAN)
def staff_capacity_end(request: StaffRequest, office: Consulate, factor_id: int) -> HttpResponse:
    factor: CapacityFactor = get_object_or_404(
        CapacityFactor.staff.filter(consulate=office).select_related("consulate"), pk=factor_id
    )
    try:
        fitted = end_factor(factor=factor, by=request.user, now=clock())
    except TooLate:
        messages.error(request, _("Somebody has ended it already."))
    else:
        messages.success(request, _changed(fitted))
    return redirect("staff_capacity", office.code)


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_undo(request: StaffRequest, office: Consulate, batch_id: int) -> HttpResponse:
    """Asked once; then what was taken back and what stays, and why."""
    now = clock()
    batch: PlanBatch = get_object_or_404(
        PlanBatch.staff.filter(consulate=office).select_related("made_by", "undone_by"), pk=batch_id
    )
    status = 200
    if request.method == "POST":
        try:
            undo_batch(office=office, batch_id=batch.pk, by=request.user, now=now)
        except TooLate:
            status = 409
        else:
            return redirect("staff_undo", office.code, batch.pk)
    named = [*batch.made, *(row["id"] for row in batch.before)]
    sessions = {session.id: session for session in Session.staff.filter(consulate=office, id__in=named)}
    outcome = batch.outcome or {}
    context = {
        "office": office,
        "batch": batch,
        "can_be_undone": batch.can_be_undone(now=now),
        "count": len(batch.made) or len(batch.before),
        "sessions": sessions.values(),
        "taken_back": len(outcome.get("taken_back", [])),
        "kept": [(sessions.get(int(key)), seats) for key, seats in outcome.get("kept", {}).items()],
        "changed": [sessions[key] for key in outcome.get("changed", []) if key in sessions],
        "gone": sum(key not in sessions for key in outcome.get("changed", [])),
    }
    return render(request, "staff/planning/undo.html", context, status=status)


urlpatterns = [
    path("oficinas/<slug:code>/planeacion/", staff_planning, name="staff_planning"),
    path("oficinas/<slug:code>/planeacion/feriados/", staff_holidays, name="staff_holidays"),
    path("oficinas/<slug:code>/planeacion/capacidad/", staff_capacity, name="staff_capacity"),
    path(
        "oficinas/<slug:code>/planeacion/capacidad/<int:factor_id>/terminar/",
        staff_capacity_end,
        name="staff_capacity_end",
    ),
    path("oficinas/<slug:code>/planeacion/deshacer/<int:batch_id>/", staff_undo, name="staff_undo"),
]
