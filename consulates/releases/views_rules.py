"""Recurring releases of an office, and what the public will see there at a moment to come."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, Release, ReleaseRule, ReleaseState
from consulates.planning.fields import wall
from consulates.roles import May
from mexitel.utils.time import now as clock

from .foresight import Row, foreseen
from .forms import MomentForm, RuleForm
from .rules import end_rule, make_rule, prepare_all


@require_safe
@staff_page(May.PUBLISH)
def staff_release_rules(request: StaffRequest, office: Consulate) -> HttpResponse:
    rules = ReleaseRule.staff.filter(consulate=office).in_force().select_related("made_by")
    words = dict(RuleForm.WEEKDAYS)
    rows = [{"rule": rule, "weekday": words[rule.weekday]} for rule in rules]
    return render(request, "staff/releases/rules.html", {"office": office, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH)
def staff_release_rule_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        now = clock()
        make_rule(form.rule(office), by=request.user, now=now)
        prepare_all(now=now)
        messages.success(request, _("The rule is saved. Its drafts appear ten days before each opening, for approval."))
        return redirect("staff_release_rules", office.code)
    context = {"office": office, "form": form}
    return render(request, "staff/releases/rule_form.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page(May.PUBLISH)
def staff_release_rule_end(request: StaffRequest, office: Consulate, rule_id: int) -> HttpResponse:
    rule: ReleaseRule = get_object_or_404(ReleaseRule.staff.filter(consulate=office), pk=rule_id)
    end_rule(rule, by=request.user, now=clock())
    messages.success(request, _("The rule has ended. Drafts that it made stay."))
    return redirect("staff_release_rules", office.code)


@require_safe
@staff_page(May.PUBLISH, May.SIGN)
def staff_foresight(request: StaffRequest, office: Consulate) -> HttpResponse:
    """``?moment=`` in the office's wall time; ``?apertura=`` a draft of the office, seen as if it were approved."""
    now = clock()
    drafts = Release.objects.filter(consulates=office, state=ReleaseState.DRAFT)
    draft = next((one for one in drafts if str(one.pk) == request.GET.get("apertura")), None)
    usual = f"{wall(draft.opens_at if draft else now, office.time_zone):%Y-%m-%dT%H:%M}"
    form = MomentForm({"moment": request.GET.get("moment") or usual}, office=office)
    context: dict[str, Any] = {"office": office, "form": form, "draft": draft, "drafts": drafts}
    if form.is_valid():
        at = max(form.cleaned_data["at"], now)
        context |= {
            "at": at,
            "ways": _by_way(foreseen(office, at=at, draft=draft)),
            "nearby": _nearby(draft, office),
        }
    return render(request, "staff/releases/foresight.html", context, status=422 if form.errors else 200)


def _by_way(rows: list[Row]) -> list[dict[str, Any]]:
    found = []
    for way, group in groupby(rows, key=lambda row: row.way):
        mine = list(group)
        sums = {name: sum(getattr(row, name) for row in mine) for name in ("slots", "seats", "phone")}
        found.append({"way": way, "rows": mine, **sums})
    return found


def _nearby(draft: Release | None, office: Consulate) -> list[dict[str, str]]:
    """Links to the moments at which something changes in a draft."""
    if draft is None:
        return []
    moments = {
        _("People can join or apply"): draft.joins_from,
        _("A minute before it opens"): draft.opens_at - timedelta(minutes=1),
        _("It opens"): draft.offices.get(consulate=office).opens_at,
        _("The telephone's places become everybody's"): draft.phone_until,
        _("What is left is everybody's"): draft.opens_to_all_at,
    }
    known = sorted((moment, text) for text, moment in moments.items() if moment)
    return [{"text": text, "moment": f"{wall(moment, office.time_zone):%Y-%m-%dT%H:%M}"} for moment, text in known]


OFFICE = "oficinas/<slug:code>/"
urlpatterns = [
    path(f"{OFFICE}aperturas/reglas/", staff_release_rules, name="staff_release_rules"),
    path(f"{OFFICE}aperturas/reglas/nueva/", staff_release_rule_new, name="staff_release_rule_new"),
    path(f"{OFFICE}aperturas/reglas/<int:rule_id>/terminar/", staff_release_rule_end, name="staff_release_rule_end"),
    path(f"{OFFICE}lo-que-se-vera/", staff_foresight, name="staff_foresight"),
]
