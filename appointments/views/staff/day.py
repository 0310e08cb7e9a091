"""The roster of a day, on screen, on paper and as a file; one person of it; and whom a reference names."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments import receipts
from appointments.day import export, marks, roster
from appointments.day.finding import MOST_TYPED, Verdict, find
from appointments.day.wording import refusal_text, verdict_text
from appointments.models import Appointment
from appointments.models.attendance import AttendanceState
from appointments.services import day as services
from consulates.access import StaffRequest, staff_page
from consulates.calendars import zone
from consulates.models import Consulate, Session, SessionStatus
from consulates.roles import May
from consulates.wording import clock, local_day
from mexitel.accounts.access import is_ours, person
from mexitel.audit.services import record
from mexitel.utils.signing import as_jwk, published_keys
from mexitel.utils.time import now as current_time

WINDOW = "desk_window"
ON_A_PAGE = 150


def session_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets ``session``, of the office in the address; another office's is a 404."""

    @wraps(view)
    def wrapped(request: StaffRequest, office: Consulate, session_id: int, **kwargs: object) -> HttpResponse:
        shown = Session.staff.filter(consulate=office).exclude(status=SessionStatus.DRAFT)
        return view(request, office=office, session=get_object_or_404(shown, pk=session_id), **kwargs)

    return wrapped


def looked(request: StaffRequest, action: str, session: Session, count: int, now) -> None:
    """One line for each opening of a page with names."""
    record(
        actor=request.user,
        action=action,
        target=session,
        now=now,
        office_id=session.consulate_id,
        detail={"count": count},
    )


@require_safe
@staff_page(May.DESK)
def staff_roster(request: StaffRequest, office: Consulate, day: date | None = None) -> HttpResponse:
    now = current_time()
    today = local_day(now, office.time_zone)
    day = day or today
    sessions = roster.sessions_of(office, day)
    session = roster.session_at_hand(sessions, request.GET.get("jornada", ""), now=now)
    context = {
        "day": day,
        "is_today": day == today,
        "sessions": sessions,
        "session": session,
        "window": request.session.get(WINDOW, ""),
        "typed": request.GET.get("q", "")[:MOST_TYPED],
    }
    if session is not None:
        context |= _people(request, session, now)
    return render(request, "staff/day/roster.html", context)


def _people(request: StaffRequest, session: Session, now) -> dict:
    everybody = roster.on_the_roster(session)
    state, at = request.GET.get("estado", ""), request.GET.get("hora", "")
    times = list(everybody.order_by("starts_at").values_list("starts_at", flat=True).distinct())
    chosen = roster.in_state(everybody, session, state)
    if at.isascii() and at.isdigit() and int(at) < len(times):
        chosen = chosen.filter(starts_at=times[int(at)])
    page = Paginator(chosen, ON_A_PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * ON_A_PAGE
    people = roster.lines(chosen[first : first + ON_A_PAGE], session, now=now)
    looked(request, "roster.view", session, len(people), now)
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "query": f"{query.urlencode()}&" if query else "",
        "lines": people,
        "held": session.status == SessionStatus.HELD,
        "numbers": roster.numbers(session.pk),
        "state": state,
        "states": [("open", _("not settled")), *AttendanceState.choices],
        "at": at,
        "times": [(str(place), clock(time, session.time_zone)) for place, time in enumerate(times)],
    }


@require_safe
@staff_page(May.DESK)
@session_page
def staff_roster_print(request: StaffRequest, office: Consulate, session: Session) -> HttpResponse:
    """The sheet that works when nothing else does."""
    now = current_time()
    people = roster.lines(roster.on_the_roster(session), session, now=now)
    looked(request, "roster.print", session, len(people), now)
    context = {"session": session, "lines": people, "printed": clock(now, session.time_zone)}
    return render(request, "staff/day/sheet.html", context)


@require_safe
@staff_page(May.DESK, fresh=True)
@session_page
def staff_roster_file(request: StaffRequest, office: Consulate, session: Session, kind: str) -> HttpResponse:
    now = current_time()
    people = roster.lines(roster.on_the_roster(session), session, now=now)
    write, content_type = {
        "csv": (export.as_csv, "text/csv; charset=utf-8"),
        "xlsx": (export.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }[kind]
    looked(request, "roster.export", session, len(people), now)
    name = f"lista-{office.code}-{session.date.isoformat()}-{session.pk}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(people), content_type=content_type, headers=headers)


@require_http_methods(["GET", "POST"])
@staff_page(May.DESK)
def staff_visit(request: StaffRequest, office: Consulate, appointment_id: UUID) -> HttpResponse:
    """One person at the desk; every button and key of the day comes here."""
    now = current_time()
    here = Appointment.staff.filter(consulate=office).select_related("session")
    appointment: Appointment = get_object_or_404(here, pk=appointment_id)
    if request.method == "POST":
        act(request, appointment, now)
        return redirect(_back(request, office, appointment))
    line = roster.line_of(appointment, appointment.session, now=now)
    with transaction.atomic():
        record(actor=request.user, action="visit.view", target=appointment, now=now, office_id=office.pk)
    context = {
        "line": line,
        "session": appointment.session,
        "day": appointment.session.date,
        "on_roster": appointment.status in services.ON_THE_ROSTER,
        "held": appointment.session.status == SessionStatus.HELD,
        "steps": line.attendance.steps.select_related("by") if line.attendance else [],
        "window": request.session.get(WINDOW, ""),
    }
    return render(request, "staff/day/visit.html", context)


def act(request: StaffRequest, appointment: Appointment, now) -> None:
    """One step of one person, as the form says; what came of it stands in a message."""
    step, who = request.POST.get("step", ""), {"appointment_id": appointment.pk, "by": person(request), "now": now}
    turn = appointment.reference[-services.SHORTEST_TURN :]
    try:
        if step == "undo":
            services.undo_step(**who)
            messages.success(request, _("%(turn)s: the last step was taken back.") % {"turn": turn})
        elif step == "again":
            services.call_again(**who)
            messages.success(request, _("%(turn)s: called again.") % {"turn": turn})
        elif step == "no_answer":
            services.no_answer(**who)
            messages.info(request, _("%(turn)s did not answer and waits again.") % {"turn": turn})
        elif step in {"priority", "no_priority"}:
            services.set_priority(**who, priority=step == "priority")
            messages.success(request, _("%(turn)s: the priority was changed.") % {"turn": turn})
        elif step in marks.ACTS:
            marks.ACTS[step](**who)
            messages.success(request, _("%(turn)s: noted.") % {"turn": turn})
        elif step in AttendanceState.values:
            window, seen = request.session.get(WINDOW, ""), request.POST.get("seen", "")
            done = services.take_step(**who, to=step, window=window, seen=seen)
            said = {"turn": turn, "state": AttendanceState(done.state).label}
            messages.success(request, _("%(turn)s: %(state)s.") % said)
        else:
            messages.error(request, _("Choose one of the buttons."))
    except services.DayError as error:
        messages.error(request, f"{turn}: {refusal_text(error)}")


def _back(request: StaffRequest, office: Consulate, appointment: Appointment) -> str:
    url = request.POST.get("next", "")
    if is_ours(request, url):
        return f"{url}#c-{appointment.pk}" if "#" not in url else url
    return reverse("staff_visit", args=[office.code, appointment.pk])


@require_safe
@staff_page(May.DESK)
def staff_find(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Whom a reference or a receipt names: their own page when they are here today, else why not."""
    now, typed = current_time(), request.GET.get("q", "")[:MOST_TYPED]
    today = local_day(now, office.time_zone)
    context = {"typed": typed, "day": today, "is_today": True}
    if typed.strip():
        sessions = {session.pk for session in roster.sessions_of(office, today)}
        finding = find(typed, office=office, keys=published_keys(), sessions=sessions)
        found = finding.appointment
        with transaction.atomic():
            target = found or ("reference", "unknown")
            record(
                actor=request.user, action="visit.find", target=target, now=now, office_id=office.pk,
                detail={"verdict": finding.verdict.value, "signed": finding.signed},
            )  # fmt: skip
        if found is not None and finding.verdict == Verdict.HERE:
            if finding.signed:
                messages.success(request, _("The receipt is ours and stands."))
            # The fragment puts the focus on the person's line: after the scan, one letter notes them.
            return redirect(f"{reverse('staff_visit', args=[office.code, found.pk])}#c-{found.pk}")
        title, text = verdict_text(finding)
        ours = found if found is not None and finding.verdict != Verdict.ANOTHER_OFFICE else None
        context |= {"title": title, "text": text, "verdict": finding.verdict.value, "ours": ours}
    return render(request, "staff/day/find.html", context)


@require_safe
@staff_page(May.DESK)
def staff_offline(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Kept open in a browser, it checks receipts without a network: public keys and today's references, no names."""
    now = current_time()
    today = local_day(now, office.time_zone)
    sessions = roster.sessions_of(office, today)
    references = {}
    for session in sessions:
        for one in roster.on_the_roster(session).select_related("procedure"):
            at = one.starts_at.astimezone(zone(session.time_zone)).strftime(receipts.LOCAL_START)
            references[one.reference] = [at, clock(one.starts_at, session.time_zone), one.procedure.name]
        looked(request, "roster.offline", session, len(references), now)
    context = {
        "day": today,
        "is_today": True,
        "keys": {name: as_jwk(key) for name, key in published_keys().items()},
        "references": {"office": office.code, "list": references},
        "count": len(references),
        "idle": None,  # nothing stands between the door and this page, not even the end of the session
        "taken": clock(now, office.time_zone),
    }
    return render(request, "staff/day/offline.html", context)


urlpatterns = [
    path("oficinas/<slug:code>/dia/", staff_roster, name="staff_roster"),
    path("oficinas/<slug:code>/dia/<day:day>/", staff_roster, name="staff_roster_day"),
    path("oficinas/<slug:code>/dia/buscar/", staff_find, name="staff_find"),
    path("oficinas/<slug:code>/dia/sin-red/", staff_offline, name="staff_offline"),
    path("oficinas/<slug:code>/dia/citas/<uuid:appointment_id>/", staff_visit, name="staff_visit"),
    path("oficinas/<slug:code>/dia/jornadas/<int:session_id>/hoja/", staff_roster_print, name="staff_roster_print"),
    path(
        "oficinas/<slug:code>/dia/jornadas/<int:session_id>/lista.csv",
        staff_roster_file,
        {"kind": "csv"},
        name="staff_roster_csv",
    ),
    path(
        "oficinas/<slug:code>/dia/jornadas/<int:session_id>/lista.xlsx",
        staff_roster_file,
        {"kind": "xlsx"},
        name="staff_roster_xlsx",
    ),
]
