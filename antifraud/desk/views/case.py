"""One case: the page that explains it, the same with names for one look, and the forms that decide."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antifraud.desk.acts import BY_SLUG, RULES
from antifraud.desk.carrying import UNDECIDED
from antifraud.desk.case_page import SHOWN_LINKS, case_page, decided_by
from antifraud.desk.deciding import Choice, decide, needs_second
from antifraud.desk.errors import DeskError
from antifraud.desk.explaining import headline
from antifraud.desk.forms import DecideForm
from antifraud.desk.picture import SIZE, summary
from antifraud.desk.views.shared import account_mark, case_or_404, draw, line_of
from antifraud.models import CaseAppointment, CaseEvent, Decision
from antifraud.models.decision import ALONE
from appointments.models import Appointment
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_case(request: HttpRequest, case_id: int) -> HttpResponse:
    return _page(request, case_or_404(request, case_id))


@never_cache
@require_POST
@staff_page(May.REVIEW)
def staff_case_reveal(request: HttpRequest, case_id: int) -> HttpResponse:
    """Names and contacts, in this answer alone; who looked stays in the case and in the trail."""
    case, now = case_or_404(request, case_id), clock()
    with transaction.atomic():
        CaseEvent.objects.create(case=case, at=now, kind="revealed", actor=person(request))
        record(
            actor=person(request), action="case.reveal", target=case, now=now, office_id=case.consulate_id,
            detail={"appointments": case.appointments.count()},
        )  # fmt: skip
    return _page(request, case, open_names=True)


def _page(request: HttpRequest, case: Any, *, open_names: bool = False) -> HttpResponse:
    now, me = clock(), person(request)
    page = case_page(case, now=now, without=request.GET.getlist("sin")[:20], open_names=open_names)
    if not open_names:
        record(actor=me, action="case.see", target=case, now=now, office_id=case.consulate_id)
    acts = [] if page.pending else decided_by(case, me.pk, now=now)
    context = {
        "one": page,
        "case": case,
        "open_names": open_names,
        "mine": case.is_with(me.pk, now=now),
        "others": not acts and not case.is_over and not page.pending,
        "acts": [(act, RULES[act]) for act in acts],
        "toggles": _toggles(page.explained),
        "links": page.picture.rows[:SHOWN_LINKS],
        "size": SIZE,
        "picture_says": summary(page.picture),
        "accounts": [(pk, account_mark(pk)) for pk in case.account_ids],
        "keys_on": page.keys,
    }
    return draw(request, "case.html", context)


def _toggles(explained: Any) -> list[tuple[Any, str]]:
    """Each bar with the address that takes it away, or puts it back."""
    found = []
    for bar in explained.bars:
        codes = [code for code in explained.removed if code != bar.code] + ([] if bar.removed else [bar.code])
        found.append((bar, "?" + "&".join(f"sin={code}" for code in codes)))
    return found


@never_cache
@both
@staff_page(May.REVIEW)
def staff_case_decide(request: HttpRequest, case_id: int, slug: str) -> HttpResponse:
    case, now, me = case_or_404(request, case_id), clock(), person(request)
    if slug not in BY_SLUG:
        raise Http404
    act = BY_SLUG[slug]
    appointments = _open(case, now)
    choices = [(str(one.pk), line_of(one)) for one in appointments]
    form = DecideForm(
        request.POST if request.method == "POST" else None, act=act, choices=choices,
        initial={"seen": case.appointments.count()},
    )  # fmt: skip
    errors: list[dict] = []
    if form.is_bound and form.is_valid():
        try:
            decision = decide(
                case_id=case.pk, choice=form.choice, reviewer=me, now=now, seen=form.cleaned_data["seen"]
            )  # fmt: skip
        except DeskError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _done(decision))
            return redirect("staff_case", case.pk)
    context = {
        "case": case, "act": act, "rule": RULES[act], "form": form, "errors": errors,
        "headline": headline(case.reasons, {"booked": case.seats, **case.facts}, kind=case.kind),
        "alone": ALONE, "second": needs_second(Choice(act, "", ""), appointments, effective_at=now),
    }  # fmt: skip
    return draw(request, "decide.html", context, status=422 if form.is_bound else 200)


def _open(case: Any, now: Any) -> list[Appointment]:
    mine = CaseAppointment.objects.filter(case=case, standing__in=UNDECIDED).values("appointment_id")
    found = Appointment.objects.for_pages().upcoming(now=now).filter(pk__in=mine).select_related("account")
    return list(found.select_related("account", "procedure", "consulate", "session").order_by("starts_at", "pk"))


def _done(decision: Decision) -> str:
    if decision.done_at:
        return _("Done: %(act)s.") % {"act": decision.get_act_display()}
    if decision.needs_second:
        return _("Kept. It is carried out when a second person approves it.")
    return _("Kept. It is carried out within a minute.")


urlpatterns = [
    path("casos/<int:case_id>/", staff_case, name="staff_case"),
    path("casos/<int:case_id>/nombres/", staff_case_reveal, name="staff_case_reveal"),
    path("casos/<int:case_id>/<slug:slug>/", staff_case_decide, name="staff_case_decide"),
]
