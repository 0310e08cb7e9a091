"""The week of an office: what stands, and drafts that are made, changed, copied and deleted by form."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Consulate, PlanAct, Session, SessionKind
from consulates.planning.factors import factors_of
from consulates.planning.forms import CopyForm, SessionForm, usual, values_of
from consulates.planning.holidays import proposed
from consulates.planning.preview import Proposal
from consulates.planning.recurrence import WEEK, monday_of, moved
from consulates.planning.shapes import plan_of_session
from consulates.planning.world import decided, seats_of
from consulates.roles import May
from consulates.services.sessions import slots_of
from mexitel.utils.time import now as clock

from .planning_steps import CORRECT, hours_url, propose, show_form, step_of


def week_url(office: Consulate, day: date) -> str:
    return f"{reverse('staff_week', args=[office.code])}?desde={monday_of(day)}"


def day_typed(text: str, default: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return default
    return found if 2024 <= found.year <= 2064 else default


@require_safe
@staff_page(May.SEE)
def staff_week(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    today = wording.local_day(now, office.time_zone)
    week = monday_of(day_typed(request.GET.get("desde", ""), today))
    last = week + timedelta(days=6)
    sessions = list(Session.staff.filter(consulate=office, date__range=(week, last)).order_by("starts_at", "id"))
    rows = rows_of(sessions, now=now)
    holidays = {one.day: one for one in proposed(first=week, last=last, state=office.state)}
    closed = decided(office, first=week, last=last)
    days = [
        {
            "day": day,
            "holiday": holidays.get(day),
            "is_decided": day in closed,
            "is_closed": closed.get(day, False),
            "rows": [row for row in rows if row["session"].date == day],
            "is_today": day == today,
        }
        for day in (week + timedelta(days=number) for number in range(7))
    ]
    access = request.access
    may_plan = access.may(May.PLAN, office.id)
    context = {
        "office": office,
        "week": week,
        "last": last,
        "days": days,
        "totals": totals(rows),
        "previous": week_url(office, week - WEEK),
        "next": week_url(office, week + WEEK),
        "is_this_week": week == monday_of(today),
        "may_plan": may_plan,
        "may_publish": access.may(May.PUBLISH, office.id),
        "drafts": sum(row["session"].status == "draft" for row in rows),
        "events": {
            "date": week.isoformat(),
            "today": today.isoformat(),
            "new": reverse("staff_session_new", args=[office.code]) if may_plan else "",
            "events": [_event(office, row, may_plan) for row in rows],
        },
    }
    return render(request, "staff/planning/week.html", context)


def rows_of(sessions: list[Session], *, now: datetime) -> list[dict[str, Any]]:
    """Each session with its seats: ``nominal``, ``offered``, ``taken``, ``free`` and use in per cent. Two queries."""
    seats = seats_of([session.id for session in sessions if session.status != "draft"], now=now)
    factors = factors_of({session.consulate_id for session in sessions})
    rows = []
    for session in sessions:
        if session.status == "draft":
            nominal, offered = _would_have(session, factors.lowest(session))
            taken = free = 0
        else:
            nominal, offered, taken, free = seats.get(session.id, (0, 0, 0, 0))
        use = round(100 * taken / nominal) if nominal else 0
        rows.append(
            {"session": session, "nominal": nominal, "offered": offered, "taken": taken, "free": free, "use": use}
        )
    return rows


def _would_have(session: Session, factor: Any) -> tuple[int, int]:
    try:
        slots = slots_of(session, factor=factor)
    except CalendarError:
        return 0, 0
    return sum(slot.seats for slot in slots), sum(slot.offered for slot in slots)


def totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    found = {name: sum(row[name] for row in rows) for name in ("nominal", "offered", "taken", "free")}
    return {**found, "use": round(100 * found["taken"] / found["nominal"]) if found["nominal"] else 0}


def _event(office: Consulate, row: dict[str, Any], may_plan: bool) -> dict[str, Any]:
    """A session for the calendar that can be dragged: wall times of its own place, without a zone."""
    session = row["session"]
    is_draft = session.status == "draft"
    name = "staff_session_edit" if is_draft and may_plan else "staff_session"
    return {
        "id": session.id,
        "start": f"{session.date} {session.opens_local:%H:%M}",
        "end": f"{session.date} {session.closes_local:%H:%M}",
        "title": f"{session.get_kind_display()} · {session.city}",
        "editable": is_draft and may_plan,
        "classNames": [f"mx-week-{session.status}"],
        "extendedProps": {"url": reverse(name, args=[office.code, session.id])},
    }


def own_session(office: Consulate, session_id: int) -> Session:
    found = Session.staff.filter(consulate=office).select_related("consulate", "published_by", "held_by")
    return get_object_or_404(found.prefetch_related("procedures"), pk=session_id)


@require_safe
@staff_page(May.SEE)
def staff_session(request: StaffRequest, office: Consulate, session_id: int) -> HttpResponse:
    session = own_session(office, session_id)
    [row] = rows_of([session], now=clock())
    access = request.access
    context = {
        "office": office,
        "row": row,
        "session": session,
        "back": week_url(office, session.date),
        "may_plan": access.may(May.PLAN, office.id) and session.status == "draft",
        "hours_url": hours_url(office, session.id) if access.may(May.PUBLISH, office.id) else "",
    }
    return render(request, "staff/planning/session.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_session_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    today = wording.local_day(now, office.time_zone)
    back = week_url(office, day_typed(request.GET.get("dia", ""), today))
    if request.method == "GET":
        known = {"day": today, "kind": SessionKind.WEEKDAY, **dragged(request)}
        form = SessionForm(office=office, initial=usual(office, **known))
        return show_form(request, office, form, title=_("New session"), back=back)
    form = SessionForm(request.POST, office=office)
    if not form.is_valid() or step_of(request) == CORRECT:
        return show_form(request, office, form, title=_("New session"), back=back)
    plan = form.plan_on(form.cleaned_data["day"])
    return propose(
        request,
        office,
        Proposal(PlanAct.CREATE, [plan]),
        title=_("New session"),
        back=week_url(office, plan.day),
        now=now,
    )


def dragged(request: StaffRequest) -> dict[str, Any]:
    """Day and hours that the calendar put in the address; what cannot be read is left to the form."""
    found: dict[str, Any] = {}
    try:
        found["day"] = date.fromisoformat(request.GET["dia"])
        found["opens"] = time.fromisoformat(request.GET["abre"])
        found["closes"] = time.fromisoformat(request.GET["cierra"])
    except (KeyError, ValueError):
        pass
    if "day" in found:
        found["kind"] = {5: "saturday", 6: "sunday"}.get(found["day"].weekday(), "weekday")
    return found


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_session_edit(request: StaffRequest, office: Consulate, session_id: int) -> HttpResponse:
    now = clock()
    session = own_session(office, session_id)
    if session.status != "draft":
        return redirect("staff_session", office.code, session.id)
    back, title = week_url(office, session.date), _("Change the draft")
    plan = plan_of_session(session)
    if request.method == "GET":
        moved_to = dragged(request)
        if session.is_travelling:
            moved_to.pop("kind", None)
        form = SessionForm(office=office, initial={**values_of(plan, office), **moved_to})
        return show_form(request, office, form, title=title, back=back, session=session)
    form = SessionForm(request.POST, office=office)
    if not form.is_valid() or step_of(request) == CORRECT:
        return show_form(request, office, form, title=title, back=back, session=session)
    wanted = replace(form.plan_on(form.cleaned_data["day"]), capacity_factor=session.capacity_factor)
    changed = Proposal(PlanAct.EDIT, [wanted], [session.id])
    return propose(request, office, changed, title=title, back=back, now=now)


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_session_delete(request: StaffRequest, office: Consulate, session_id: int) -> HttpResponse:
    """The preview comes at once: there is nothing to type."""
    session = own_session(office, session_id)
    if session.status != "draft":
        return redirect("staff_session", office.code, session.id)
    gone = Proposal(PlanAct.DELETE, removes=[session.id])
    return propose(request, office, gone, title=_("Delete the draft"), back=week_url(office, session.date), now=clock())


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_week_copy(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    today = wording.local_day(now, office.time_zone)
    week = monday_of(day_typed(request.GET.get("desde") or request.POST.get("desde", ""), today))
    back = week_url(office, week)
    title = _("Copy the week of %(day)s") % {"day": wording.short_date(week)}
    more = {"hidden": [("desde", week.isoformat())]}
    if request.method == "GET":
        form = CopyForm(week=week, initial={"first": week + WEEK, "weeks": 1, "skip_holidays": True})
        return show_form(request, office, form, title=title, back=back, **more)
    form = CopyForm(request.POST, week=week)
    if not form.is_valid() or step_of(request) == CORRECT:
        return show_form(request, office, form, title=title, back=back, **more)
    return propose(request, office, copied(office, week, form.cleaned_data), title=title, back=back, now=now)


def copied(office: Consulate, week: date, asked: dict[str, Any]) -> Proposal:
    """Each session of ``week``, draft or not, on the same day of the weeks asked for, at its full capacity."""
    found = Session.staff.filter(consulate=office, date__range=(week, week + timedelta(days=6)))
    sessions = list(found.select_related("consulate").prefetch_related("procedures").order_by("starts_at", "id"))
    first = monday_of(asked["first"])
    weeks = [first + number * WEEK for number in range(asked["weeks"])]
    plans = [
        replace(plan_of_session(session, day=day), capacity_factor=Decimal(1))
        for to in weeks
        for session in sessions
        for _was, day in moved([session.date], week=week, to=to)
    ]
    return Proposal(PlanAct.COPY, plans, skip_holidays=asked["skip_holidays"], skip_overlaps=asked["skip_overlaps"])


urlpatterns = [
    path("oficinas/<slug:code>/semana/", staff_week, name="staff_week"),
    path("oficinas/<slug:code>/semana/copiar/", staff_week_copy, name="staff_week_copy"),
    path("oficinas/<slug:code>/semana/nueva/", staff_session_new, name="staff_session_new"),
    path("oficinas/<slug:code>/semana/<int:session_id>/", staff_session, name="staff_session"),
    path("oficinas/<slug:code>/semana/<int:session_id>/cambiar/", staff_session_edit, name="staff_session_edit"),
    path("oficinas/<slug:code>/semana/<int:session_id>/borrar/", staff_session_delete, name="staff_session_delete"),
]
