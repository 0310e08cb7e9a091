"""Decisions on their way: to be approved by a second person, or resting until they take effect."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.desk.deciding import approve, withdraw
from antifraud.desk.effects import accounts_concerned, contacts_of
from antifraud.desk.errors import DeskError
from antifraud.desk.explaining import headline
from antifraud.desk.queue import visible_cases
from antifraud.desk.views.shared import access_of, draw, line_of
from antifraud.forms import WhyForm
from antifraud.models import Act, Decision
from appointments.models import Appointment
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 200


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_decisions(request: HttpRequest) -> HttpResponse:
    now, me = clock(), person(request)
    cases = visible_cases(access_of(request))
    pending = Decision.objects.pending().filter(case__in=cases).select_related("case", "author")
    found = _by_case(pending.order_by("case__act_by", "case_id", "pk")[:SHOWN])
    record(actor=me, action="case.decisions", target=("case", "decisions"), now=now, detail={"seen": len(found)})
    waiting = [one for one in found if one[0].needs_second and one[0].approved_at is None]
    context = {
        "lists": [
            (_("To approve"), _("Somebody else than the author has to approve these."), waiting),
            (
                _("Resting"),
                _("They take effect at their hour. Until then they can be withdrawn."),
                [one for one in found if one not in waiting],
            ),
        ],
        "may_sign": access_of(request).may(May.SIGN),
        "me": me.pk,
        "now": now,
    }
    return draw(request, "decisions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Everything that it would do; approve it, or withdraw it with a reason."""
    now, me, may_sign = clock(), person(request), access_of(request).may(May.SIGN)
    found = Decision.objects.select_related("case", "author", "approver", "withdrawn_by")
    decision = found.filter(pk=decision_id, case__in=visible_cases(access_of(request))).first()
    if decision is None:
        raise Http404
    act = request.POST.get("accion", "")
    form, errors = WhyForm(request.POST if act == "retirar" else None), []
    if request.method == "POST":
        if not may_sign and (act == "aprobar" or (act == "retirar" and decision.author != me)):
            raise PermissionDenied
        try:
            if said := _acted(decision, act, form, me, now):
                messages.success(request, said)
                return redirect("staff_case", decision.case_id)
        except DeskError as refusal:
            errors = [{"text": refusal.sentence}]
            decision = found.get(pk=decision_id)
    else:
        record(
            actor=me, action="case.decision_see", target=decision.case, now=now, office_id=decision.case.consulate_id
        )
    together = [one for one in decision.case.decisions.all() if one.decided_at == decision.decided_at]
    is_pending = decision.done_at is None and decision.withdrawn_at is None
    context = {
        "decision": decision, "case": decision.case, "form": form, "errors": errors, "together": together,
        "headline": headline(decision.case.reasons, decision.case.facts, kind=decision.case.kind),
        "lines": _lines(decision), "contacts": _contacts(decision, together), "is_pending": is_pending,
        "waits": is_pending and decision.needs_second and decision.approved_at is None,
        "may_approve": may_sign and decision.author != me, "may_withdraw": may_sign or decision.author == me,
    }  # fmt: skip
    return draw(request, "decision.html", context, status=422 if request.method == "POST" else 200)


def _by_case(decisions: Iterable[Decision]) -> list[tuple[Decision, str]]:
    """What was decided together is one line: its first decision, and all acts in words."""
    together: dict[int, list[Decision]] = {}
    for one in decisions:
        together.setdefault(one.case_id, []).append(one)
    return [(those[0], ". ".join(one.get_act_display() for one in those)) for those in together.values()]


def _acted(decision: Decision, act: str, form: WhyForm, me: User, now: Any) -> str:
    """What was done, as a sentence; nothing when the form has errors."""
    if act == "aprobar":
        done = approve(decision_id=decision.pk, approver=me, now=now)
        return _("Approved and carried out.") if done.done_at else _("Approved. It is carried out when its hour comes.")
    if act == "retirar" and form.is_valid():
        withdraw(decision_id=decision.pk, reviewer=me, why=form.cleaned_data["why"], now=now)
        return _("Withdrawn. The case waits for a decision again.")
    return ""


def _lines(decision: Decision) -> list[str]:
    found = Appointment.objects.for_pages().filter(pk__in=decision.appointment_ids).select_related("account")
    loaded = found.select_related("account", "procedure", "consulate", "session").order_by("starts_at", "pk")
    return [line_of(one) for one in loaded]


def _contacts(decision: Decision, together: list[Decision]) -> list[str]:
    """Masks of what would be proposed to be blocked."""
    if not any(one.act == Act.BLOCK for one in together):
        return []
    return [target.mask for target in contacts_of(User.objects.filter(pk__in=accounts_concerned(decision)))]


urlpatterns = [
    path("casos/decisiones/", staff_decisions, name="staff_decisions"),
    path("casos/decisiones/<int:decision_id>/", staff_decision, name="staff_decision"),
]
