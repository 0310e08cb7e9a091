"""Reviewers: appeals against blocks and against cancellations, the one with the least time left first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.errors import BlockError
from antifraud.forms import DecideForm
from antifraud.models import Appeal, AppealState
from antifraud.redress.appealing import Found, decide_decision_appeal
from antifraud.redress.forms import DecideReviewForm
from antifraud.redress.shown import for_reviewer
from antifraud.services.appeals import decide_appeal
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 200


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_appeals(request: HttpRequest) -> HttpResponse:
    now = clock()
    waiting = list(Appeal.objects.waiting().select_related("block", "decision").defer("words", "answer")[:SHOWN])
    record(
        actor=person(request), action="appeal.list", target=("appeal", "list"), now=now,
        detail={"seen": len(waiting)},
    )  # fmt: skip
    rows = [
        {
            "appeal": appeal,
            "is_late": appeal.answer_by <= now,
            "hours": int((appeal.answer_by - now).total_seconds() // 3600),
            "is_own": _is_own(appeal, request),
        }
        for appeal in waiting
    ]
    return render(request, "antifraud/staff/appeals.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_appeal(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    now = clock()
    found = Appeal.objects.select_related("block__author", "decision__case", "decided_by")
    appeal = get_object_or_404(found, pk=appeal_id)
    against_block = appeal.block is not None
    form_class = DecideForm if against_block else DecideReviewForm
    form, errors = form_class(request.POST if request.method == "POST" else None), []
    if form.is_bound and form.is_valid():
        try:
            done = (_decide_block if against_block else _decide_decision)(request, appeal, form.cleaned_data)
        except BlockError as refusal:
            errors = [{"text": refusal.sentence}]
            appeal.refresh_from_db()
        else:
            messages.success(request, done)
            return redirect("staff_appeals")
    record(actor=person(request), action="appeal.see", target=appeal, now=now)
    context = {
        "appeal": appeal,
        "blocked": appeal.block,
        "reviewed": None if against_block else for_reviewer(appeal, now=now),
        "form": form,
        "errors": errors,
        "is_open": appeal.state == AppealState.OPEN,
        "is_own": _is_own(appeal, request),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/staff/appeal.html", context, status=status)


def _decide_block(request: HttpRequest, appeal: Appeal, told: dict) -> str:
    """What was done, as a sentence."""
    overturn = told["verdict"] == "overturn"
    decide_appeal(appeal_id=appeal.pk, reviewer=person(request), overturn=overturn, answer=told["answer"], now=clock())
    return _("The block is lifted and the person can read why.") if overturn else _("The answer is kept.")


def _decide_decision(request: HttpRequest, appeal: Appeal, told: dict) -> str:
    found = Found(told["found"])
    decide_decision_appeal(
        appeal_id=appeal.pk, reviewer=person(request), found=found, answer=told["answer"], now=clock()
    )
    if found == Found.RIGHT:
        return _("The answer is on its way to the person.")
    return _("It is made good, and the answer is on its way to the person.")


def _is_own(appeal: Appeal, request: HttpRequest) -> bool:
    return person(request).pk in {appeal.against_author_id, appeal.against_approver_id}


urlpatterns = [
    path("apelaciones/", staff_appeals, name="staff_appeals"),
    path("apelaciones/<uuid:appeal_id>/", staff_appeal, name="staff_appeal"),
]
