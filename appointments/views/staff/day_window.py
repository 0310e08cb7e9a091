"""The window and the rest of the day: call the next, receive somebody without an appointment, count and close."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.day import roster
from appointments.day.forms import WalkInForm
from appointments.day.wording import refusal_text
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.models import Appointment, DayClosed
from appointments.refusals import sentence
from appointments.services import day as services
from appointments.services.callers import CallerError
from appointments.services.day_end import close_day, mark_rest
from appointments.services.day_walk_in import free_times, walk_in
from appointments.views.staff.day import WINDOW, looked, session_page
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, Session, SessionStatus
from consulates.roles import May
from mexitel.accounts.access import is_ours, person
from mexitel.utils.time import now as current_time

LONGEST_WINDOW = 20


@require_POST
@staff_page(May.DESK)
def staff_window(request: StaffRequest, office: Consulate) -> HttpResponse:
    """The name of this clerk's window, for as long as they are signed in."""
    name = " ".join(request.POST.get("window", "").replace("\x00", "").split())[:LONGEST_WINDOW]
    if name:
        request.session[WINDOW] = name
        messages.success(request, _("You are at window %(window)s.") % {"window": name})
    else:
        messages.error(request, _("Write your window first. It is what the waiting room sees."))
    url = request.POST.get("next", "")
    return redirect(url if is_ours(request, url) else reverse("staff_roster", args=[office.code]))


@require_http_methods(["GET", "POST"])
@staff_page(May.DESK)
@session_page
def staff_next(request: StaffRequest, office: Consulate, session: Session) -> HttpResponse:
    """A window: whom this clerk has there, and the next one."""
    now, window = current_time(), request.session.get(WINDOW, "")
    if request.method == "POST":
        try:
            called = services.call_next(session_id=session.pk, window=window, by=person(request), now=now)
        except services.DayError as error:
            messages.error(request, refusal_text(error))
        else:
            if called is None:
                messages.info(request, _("Nobody is waiting."))
        return redirect("staff_next", office.code, session.pk)
    mine = services.serving(session_id=session.pk, by=person(request)).values("appointment")
    people = roster.lines(Appointment.staff.filter(pk__in=mine).order_by("starts_at"), session, now=now)
    looked(request, "window.view", session, len(people), now)
    parties = {line.appointment.party_id for line in people}
    family = roster.in_state(roster.on_the_roster(session).filter(party_id__in=parties), session, "arrived")
    context = {
        "session": session,
        "day": session.date,
        "window": window,
        "lines": people,
        "family": roster.lines(family, session, now=now) if parties else [],
        "waiting": roster.waiting(session),
        "held": session.status == SessionStatus.HELD,
    }
    return render(request, "staff/day/window.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(May.DESK)
@session_page
def staff_walk_in(request: StaffRequest, office: Consulate, session: Session) -> HttpResponse:
    """A free time of today for somebody who came without an appointment."""
    now = current_time()
    times = free_times(session, now=now)
    form = WalkInForm(request.POST or None, session=session, times=times)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                booked = walk_in(session=session, agent=person(request), now=now, **form.booking())
            except (BookingError, BookingRefused) as refusal:
                form.add_error(None, sentence(refusal.code, getattr(refusal, "facts", {})))
                status = 409
            except CallerError as refusal:
                form.add_error("phone", refusal_text(refusal))
            else:
                messages.success(request, _("The appointment is booked, and the person is waiting."))
                return redirect("staff_visit", office.code, booked.pk)
    context = {"session": session, "day": session.date, "form": form, "times": times}
    return render(request, "staff/day/walk_in.html", context, status=status)


@require_safe
@staff_page(May.DESK)
@session_page
def staff_day_summary(request: StaffRequest, office: Consulate, session: Session) -> HttpResponse:
    return render(request, "staff/day/summary.html", _summary(session, current_time()))


@require_http_methods(["GET", "POST"])
@staff_page(May.DESK, fresh=True)
@session_page
def staff_day_close(request: StaffRequest, office: Consulate, session: Session) -> HttpResponse:
    """Mark whoever never came, and close the day; both once the session is over."""
    now = current_time()
    if request.method == "POST":
        try:
            if request.POST.get("act") == "rest" and request.POST.get("sure"):
                count = mark_rest(session_id=session.pk, by=person(request), now=now)
                messages.success(request, _("Marked as not coming: %(count)d.") % {"count": count})
                return redirect("staff_day_close", office.code, session.pk)
            if request.POST.get("act") == "close":
                close_day(session_id=session.pk, by=person(request), now=now)
                messages.success(request, _("The day is closed. Thank you."))
                return redirect("staff_day_summary", office.code, session.pk)
            error = _("Tick the box first: it says how many people did not come.")
        except services.DayError as refusal:
            error = refusal_text(refusal)
        return render(
            request, "staff/day/close.html", _summary(session, now) | {"errors": [{"text": error}]}, status=409
        )
    return render(request, "staff/day/close.html", _summary(session, now))


def _summary(session: Session, now) -> dict:
    found = roster.numbers(session.pk)
    return {
        "session": session,
        "day": session.date,
        "numbers": found,
        "minutes": None if found.mean_wait is None else round(found.mean_wait.total_seconds() / 60),
        "is_over": session.ends_at <= now,
        "closed": DayClosed.staff.filter(pk=session.pk).select_related("closed_by").first(),
    }


urlpatterns = [
    path("oficinas/<slug:code>/dia/ventanilla/", staff_window, name="staff_window"),
    path("oficinas/<slug:code>/dia/jornadas/<int:session_id>/ventanilla/", staff_next, name="staff_next"),
    path("oficinas/<slug:code>/dia/jornadas/<int:session_id>/sin-cita/", staff_walk_in, name="staff_walk_in"),
    path("oficinas/<slug:code>/dia/jornadas/<int:session_id>/resumen/", staff_day_summary, name="staff_day_summary"),
    path("oficinas/<slug:code>/dia/jornadas/<int:session_id>/cierre/", staff_day_close, name="staff_day_close"),
]
