"""Reviewers: rule sets. Anybody who reviews writes and rehearses a draft; a colleague who may sign publishes it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.models import Rehearsal, RehearsalState, RuleSetRecord, RuleSetState
from antifraud.oversight import rules
from antifraud.oversight.errors import NotYourDraft, OversightError
from antifraud.oversight.forms import PublishForm, RulesForm
from antifraud.oversight.rehearsing import progress
from antifraud.oversight.shown import rehearsal_rows
from antifraud.oversight.words import difference, weights
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_rulesets(request: HttpRequest) -> HttpResponse:
    now = clock()
    in_force = rules.standing(now=now)
    sets = RuleSetRecord.objects.defer("data").select_related("author", "approver").order_by("-number")[:50]
    record(actor=person(request), action="ruleset.list", target=("antifraud.rulesetrecord", "list"), now=now)
    return render(request, "antifraud/oversight/rulesets.html", {"sets": sets, "in_force": in_force, "now": now})


@never_cache
@both
@staff_page(May.REVIEW)
def staff_ruleset_new(request: HttpRequest) -> HttpResponse:
    """A draft from the rules in force."""
    now = clock()
    form = RulesForm(request.POST if request.method == "POST" else None, rules=rules.standing(now=now).data)
    if form.is_bound and form.is_valid():
        made = rules.draft(data=form.data_typed(), note=form.cleaned_data["note"], by=person(request), now=now)
        messages.success(request, _("The draft is kept. Rehearse it before a colleague publishes it."))
        return redirect("staff_ruleset", made.number)
    return _form_page(request, form, None)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_ruleset_edit(request: HttpRequest, number: int) -> HttpResponse:
    own = get_object_or_404(RuleSetRecord, number=number)
    if own.author_id != person(request).pk or own.state != RuleSetState.DRAFT:
        messages.error(request, str(NotYourDraft.sentence))
        return redirect("staff_ruleset", number)
    form = RulesForm(request.POST if request.method == "POST" else None, rules=own.data, initial={"note": own.note})
    if form.is_bound and form.is_valid():
        try:
            rules.edit(
                number=number, data=form.data_typed(), note=form.cleaned_data["note"], by=person(request), now=clock()
            )
        except OversightError as refusal:
            messages.error(request, str(refusal.sentence))
        else:
            messages.success(request, _("Kept. What was rehearsed before does not count any more."))
        return redirect("staff_ruleset", number)
    return _form_page(request, form, number)


def _form_page(request: HttpRequest, form: RulesForm, number: int | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "antifraud/oversight/ruleset_form.html", {"form": form, "number": number}, status=status)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_ruleset(request: HttpRequest, number: int) -> HttpResponse:
    """One rule set: what differs from the one in force, whom it would hit, and what can be done with it."""
    now, act = clock(), request.POST.get("accion", "")
    found = RuleSetRecord.objects.select_related("author", "approver", "rehearsal")
    shown = get_object_or_404(found, number=number)
    form, errors = PublishForm(request.POST if act == "publicar" else None), []
    if request.method == "POST":
        try:
            if done := _act(request, number, act, form):
                messages.success(request, done)
                return redirect("staff_ruleset", number)
        except OversightError as refusal:
            errors = [{"text": refusal.sentence}]
            shown = found.get(number=number)
    else:
        record(actor=person(request), action="ruleset.see", target=shown, now=now)
    context = {**_context(request, shown), "form": form, "errors": errors}
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/oversight/ruleset.html", context, status=status)


def _act(request: HttpRequest, number: int, act: str, form: PublishForm) -> str:
    """What was done, as a sentence; nothing when the form has errors."""
    by, now = person(request), clock()
    if act == "ensayar":
        rules.ask_rehearsal(number=number, by=by, now=now)
        return _("The rehearsal begins within half a minute. Load this page again to see how far it is.")
    if act == "retirar":
        rules.withdraw(number=number, by=by, now=now)
        return _("Withdrawn. Nothing changes.")
    if act == "publicar":
        if not request.access.may(May.SIGN):  # type: ignore[attr-defined]
            raise PermissionDenied
        if form.is_valid():
            rules.publish(number=number, by=by, now=now)
            return _("Published. Cases are judged by these rules from now on; those that stand keep their score.")
    return ""


def _context(request: HttpRequest, shown: RuleSetRecord) -> dict[str, Any]:
    now, me = clock(), person(request)
    in_force = rules.standing(now=now)
    is_draft = shown.state == RuleSetState.DRAFT
    good = rules.good_rehearsal(shown, now=now) if is_draft else None
    last: Rehearsal | None = shown.rehearsal or shown.rehearsals.order_by("-asked_at").first()
    access = request.access  # type: ignore[attr-defined]
    against = in_force if is_draft else RuleSetRecord.objects.filter(number=last.against if last else 1).first()
    return {
        "shown": shown,
        "in_force": in_force,
        "against": against or in_force,
        "is_in_force": shown.pk == in_force.pk,
        "is_draft": is_draft,
        "is_mine": is_draft and shown.author_id == me.pk,
        "can_publish": is_draft and good is not None and shown.author_id != me.pk and access.may(May.SIGN),
        "differences": difference((against or in_force).data, shown.data),
        "weights": weights(shown.data),
        "rehearsal": last,
        "is_good": good is not None,
        "is_open": last is not None and last.state in (RehearsalState.WAITING, RehearsalState.RUNNING),
        "done": progress(last) if last is not None and last.state == RehearsalState.RUNNING else 0,
        "ways": rehearsal_rows(last) if last is not None else [],
    }


urlpatterns = [
    path("reglas/", staff_rulesets, name="staff_rulesets"),
    path("reglas/nuevas/", staff_ruleset_new, name="staff_ruleset_new"),
    path("reglas/<int:number>/", staff_ruleset, name="staff_ruleset"),
    path("reglas/<int:number>/cambiar/", staff_ruleset_edit, name="staff_ruleset_edit"),
]
