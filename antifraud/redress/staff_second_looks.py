"""Reviewers: closed cases drawn by lot, decided again without the first verdict; a senior reviewer sees both."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.errors import BlockError
from antifraud.models import SecondLook
from antifraud.redress.forms import LookForm
from antifraud.redress.second_looks import agreement, look_again, settle
from antifraud.redress.shown import visits_in
from antifraud.redress.words import evidence_of, headline
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 100


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_second_looks(request: HttpRequest) -> HttpResponse:
    """What waits for a second look of this person, and for who may sign, where two differ."""
    me = person(request)
    waiting = SecondLook.objects.waiting().select_related("case").exclude(first_by=me)
    others = waiting.exclude(case__decisions__author=me).exclude(case__decisions__approver=me)
    differing = SecondLook.objects.differing().select_related("case").exclude(first_by=me).exclude(second_by=me)
    may_settle = request.access.may(May.SIGN)  # type: ignore[attr-defined]
    rows = [(look, headline(look.case)) for look in others[:SHOWN]]
    to_settle = [(look, headline(look.case)) for look in differing[:SHOWN]] if may_settle else []
    record(
        actor=me, action="second_look.list", target=("antifraud.secondlook", "list"), now=clock(),
        detail={"seen": len(rows) + len(to_settle)},
    )  # fmt: skip
    context = {"rows": rows, "to_settle": to_settle, "may_settle": may_settle, "agreement": agreement()}
    return render(request, "antifraud/redress/staff/second_looks.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_second_look(request: HttpRequest, case_id: int) -> HttpResponse:
    now, me = clock(), person(request)
    drawn = SecondLook.objects.drawn().select_related("case", "first_by", "second_by", "senior")
    look = get_object_or_404(drawn, pk=case_id)
    may_settle = request.access.may(May.SIGN)  # type: ignore[attr-defined]
    is_settling = look.second_at is not None and not look.agrees and look.senior_at is None
    form, errors = LookForm(request.POST if request.method == "POST" else None), []
    if form.is_bound and form.is_valid():
        if is_settling and not may_settle:
            raise PermissionDenied
        told = form.cleaned_data
        try:
            if is_settling:
                settle(case_id=case_id, senior=me, now=now, **told)
            else:
                look_again(case_id=case_id, reviewer=me, now=now, **told)
        except BlockError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _("Kept. Thank you for looking again."))
            return redirect("staff_second_looks")
    record(actor=me, action="second_look.see", target=look, now=now)
    is_own = me.pk == look.first_by_id or (is_settling and me.pk == look.second_by_id)
    context = {
        "look": look,
        "headline": headline(look.case),
        "evidence": evidence_of(look.case.reasons),
        "visits": visits_in(look.case, now=now),
        "form": form,
        "errors": errors,
        "is_own": is_own,
        "is_settling": is_settling,
        # Whoever still has to look must not read what a colleague said.
        "shows_both": look.second_at is not None and (may_settle or not is_settling),
        "may_write": not is_own and (look.second_at is None or (is_settling and may_settle)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/redress/staff/second_look.html", context, status=status)


urlpatterns = [
    path("segunda-revision/", staff_second_looks, name="staff_second_looks"),
    path("segunda-revision/<int:case_id>/", staff_second_look, name="staff_second_look"),
]
