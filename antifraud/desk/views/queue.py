"""The queue: what waits, take next, give back, and one decision for several cases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from antifraud.desk.deciding import decide_many, needs_second, open_appointments
from antifraud.desk.errors import DeskError
from antifraud.desk.explaining import headline
from antifraud.desk.forms import ASKED, CLOSED, UNDERWAY, BulkForm, FindForm, QueueForm
from antifraud.desk.queue import give_back, in_hand, narrowed, take, take_next, to_decide, visible_cases
from antifraud.desk.views.shared import access_of, case_or_404, draw
from antifraud.models import Case, CaseState, Decision, DeskPreference
from antifraud.models.decision import BULK_RESTS
from consulates.access import staff_page
from consulates.models import Consulate
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

A_PAGE = 25
MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Row:
    """A case in a list. ``left`` until an answer comes too late; ``mine`` and ``others`` say in whose hand it is."""

    case: Case
    headline: str
    left: timedelta
    mine: bool
    others: bool

    @property
    def is_late(self) -> bool:
        return self.left <= timedelta(0)

    @property
    def hours(self) -> int:
        return int(self.left.total_seconds() // 3600)


def row_of(case: Case, user_id: int, now: datetime) -> Row:
    held = case.taken_until is not None and case.taken_until > now
    return Row(
        case,
        headline(case.reasons, case.facts, kind=case.kind),
        case.act_by - now,
        mine=held and case.taken_by_id == user_id,
        others=held and case.taken_by_id != user_id,
    )


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_cases(request: HttpRequest) -> HttpResponse:
    now, me = clock(), person(request)
    cases = visible_cases(access_of(request))
    offices = list(Consulate.objects.filter(pk__in=cases.values("consulate_id")).order_by("state", "city"))
    form = QueueForm(request.GET, offices=offices)
    form.is_valid()
    asked = form.cleaned_data
    office = next((one.pk for one in offices if one.code == asked.get("oficina")), None)
    listed = narrowed(_in_state(cases, asked.get("estado", "")), {"kind": asked.get("tipo"), "consulate": office})
    page = Paginator(listed.select_related("consulate"), A_PAGE).get_page(request.GET.get("page"))
    record(
        actor=me, action="case.list", target=("case", "list"), now=now, detail={"seen": len(page.object_list)}
    )  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    context = {
        "form": form,
        "find": FindForm(),
        "page": page,
        "rows": [row_of(case, me.pk, now) for case in page.object_list],
        "mine": [row_of(case, me.pk, now) for case in in_hand(me, now=now).order_by("act_by")],
        "counts": _counts(cases, now=now),
        "query": f"{query}&" if query else "",
        "asked": asked,
        "can_bulk": not asked.get("estado"),
    }
    return draw(request, "queue.html", context)


def _in_state(cases: Any, state: str) -> Any:
    pending = Decision.objects.pending().values("case_id")
    if state == UNDERWAY:
        return cases.filter(pk__in=pending).order_by("act_by", "-seats", "pk")
    if state == ASKED:
        return cases.filter(state=CaseState.ASKED).order_by("act_by", "-seats", "pk")
    if state == CLOSED:
        return cases.filter(state=CaseState.CLOSED).order_by("-closed_at")
    return to_decide(cases)


def _counts(cases: Any, *, now: datetime) -> dict[str, int]:
    waiting = to_decide(cases).order_by()
    return waiting.aggregate(
        waiting=Count("pk"),
        seats=Sum("seats", default=0),
        late=Count("pk", filter=Q(act_by__lte=now)),
        taken=Count("pk", filter=Q(taken_until__gt=now)),
    ) | {"to_approve": Decision.objects.to_approve().filter(case__in=cases).values("case").distinct().count()}


@never_cache
@require_POST
@staff_page(May.REVIEW)
def staff_case_next(request: HttpRequest) -> HttpResponse:
    """Take the next one that fits what the queue was narrowed to."""
    kind, code = request.POST.get("tipo", ""), request.POST.get("oficina", "")
    office = Consulate.objects.filter(code=code).first() if code else None
    try:
        case = take_next(
            access=access_of(request), now=clock(), kind=kind, consulate_id=office.pk if office else None
        )  # fmt: skip
    except DeskError as refusal:
        messages.info(request, str(refusal.sentence))
        return redirect("staff_cases")
    if case is None:
        messages.info(request, _("No case waits that nobody has in hand."))
        return redirect("staff_cases")
    return redirect("staff_case", case.pk)


@never_cache
@require_POST
@staff_page(May.REVIEW)
def staff_case_take(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take this very case, or give it back."""
    case = case_or_404(request, case_id)
    if request.POST.get("accion") == "devolver":
        if give_back(case_id=case.pk, reviewer=person(request), now=clock()):
            messages.success(request, _("Given back. A colleague can take it."))
        return redirect("staff_cases")
    try:
        take(case_id=case.pk, reviewer=person(request), now=clock())
    except DeskError as refusal:
        messages.info(request, str(refusal.sentence))
    return redirect("staff_case", case.pk)


@never_cache
@require_POST
@staff_page(May.REVIEW)
def staff_cases_decide(request: HttpRequest) -> HttpResponse:
    """Several cases: what is decided, then everything that it would do, and only then the decision."""
    now, me = clock(), person(request)
    typed = [int(one) for one in request.POST.getlist("caso") if one.isascii() and one.isdigit() and len(one) < 18]
    cases = list(to_decide(visible_cases(access_of(request))).filter(pk__in=typed[:MOST_AT_ONCE]))
    if not cases:
        messages.info(request, _("Choose cases that wait for a decision."))
        return redirect("staff_cases")
    form = BulkForm(request.POST if "act" in request.POST or "note" in request.POST else None)
    choice = form.choice if form.is_bound and form.is_valid() else None
    if choice and "seguro" in request.POST:
        ids = [case.pk for case in cases]
        return _decided(request, *decide_many(case_ids=ids, choice=choice, reviewer=me, now=now))
    rows = [(row_of(case, me.pk, now), open_appointments(case, now=now)) for case in cases]
    every = [one for _row, chosen in rows for one in chosen]
    context = {
        "form": form, "rows": rows, "choice": choice, "seats": len(every), "effective_at": now + BULK_RESTS,
        "second": choice is not None and needs_second(choice, every, effective_at=now + BULK_RESTS),
    }  # fmt: skip
    return draw(request, "bulk.html", context, status=422 if form.is_bound and form.errors else 200)


def _decided(request: HttpRequest, done: list[Decision], refused: dict[int, DeskError]) -> HttpResponse:
    if done:
        said = ngettext(
            "Decided for %(count)d case. It takes effect in 24 hours; until then it can be withdrawn.",
            "Decided for %(count)d cases. It takes effect in 24 hours; until then it can be withdrawn.",
            len(done),
        )
        messages.success(request, said % {"count": len(done)})
    for case_id, error in refused.items():
        messages.info(request, _("Case %(number)d: %(why)s") % {"number": case_id, "why": error.sentence})
    return redirect("staff_decisions")


@require_POST
@staff_page(May.REVIEW)
def staff_desk_keys(request: HttpRequest) -> HttpResponse:
    """Switch this person's keys on or off."""
    wanted = request.POST.get("teclas") == "si"
    DeskPreference.objects.update_or_create(user=person(request), defaults={"keys": wanted})
    messages.success(request, _("Shortcut keys are on.") if wanted else _("Shortcut keys are off."))
    return redirect("staff_cases")


urlpatterns = [
    path("casos/", staff_cases, name="staff_cases"),
    path("casos/siguiente/", staff_case_next, name="staff_case_next"),
    path("casos/varios/", staff_cases_decide, name="staff_cases_decide"),
    path("casos/teclas/", staff_desk_keys, name="staff_desk_keys"),
    path("casos/<int:case_id>/tomar/", staff_case_take, name="staff_case_take"),
]
