"""Close a day, an office, a stop: choose, count, say why, confirm; above 50 appointments a second person signs."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from appointments.closing import acts
from appointments.closing.counts import Count, count_lost
from appointments.closing.forms import DaysForm, ReasonForm
from appointments.closing.lists import rows, state_counts, summaries
from appointments.models import Closure, Orphan
from appointments.models.closure import ALONE_UP_TO, ClosureState
from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Consulate, Procedure, Session
from consulates.roles import May
from consulates.services import SupplyError
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 50


@require_safe
@staff_page(May.CLOSE)
def staff_closures(request: StaffRequest, office: Consulate) -> HttpResponse:
    """What was closed and how far each list is; and the days to choose."""
    sessions = list(acts.closable(office, now=clock()))
    asked = request.GET if request.GET else None
    form = DaysForm(asked, office=office, sessions=sessions)
    errors = []
    if asked is not None and form.is_valid():
        if form.chosen():
            return redirect(_new_url(office, request))
        errors = [{"text": _("There is nothing to close on these days: choose others."), "href": "#id_desde"}]
    closures = Closure.staff.filter(consulate=office).select_related("created_by", "signed_by")[:SHOWN]
    context = {
        "office": office,
        "form": form,
        "errors": errors,
        "none": not sessions,
        "summaries": summaries(closures),
    }
    status = 422 if errors or form.errors else 200
    return render(request, "staff/closing/closures.html", context, status=status)


def _new_url(office: Consulate, request: StaffRequest) -> str:
    return f"{reverse('staff_closure_new', args=[office.code])}?{request.GET.urlencode()}"


@require_http_methods(["GET", "POST"])
@staff_page(May.CLOSE, fresh=True)
def staff_closure_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Count first; then the reason; then it is done, or waits for the second signature."""
    now = clock()
    typed = request.POST if request.method == "POST" else request.GET
    days = DaysForm(typed, office=office, sessions=list(acts.closable(office, now=now)))
    if not days.is_valid() or not days.chosen():
        messages.error(request, _("Choose the days first."))
        return redirect("staff_closures", office.code)
    chosen = days.chosen()
    count = count_lost([session.pk for session in chosen], now=now)
    form = ReasonForm(request.POST if request.method == "POST" else None, initial={"counted": count.appointments})
    errors = []
    if request.method == "POST" and form.is_valid():
        if has_grown(form, count):
            errors = [more_people(count)]
            form = ReasonForm(initial={**form.cleaned_data, "counted": count.appointments})
        else:
            try:
                closure = acts.close(
                    consulate=office,
                    session_ids=[session.pk for session in chosen],
                    reason=acts.Reason(form.cleaned_data["reason_es"], form.cleaned_data["reason_en"]),
                    by=person(request),
                    now=now,
                )
            except acts.ClosingError as error:
                errors = [{"text": closing_sentence(error.code)}]
            else:
                return begun(request, closure, office, now=now)
    context = count_context(count, chosen) | {
        "office": office,
        "form": form,
        "days": days,
        "errors": errors,
    }
    return render(request, "staff/closing/closure_new.html", context, status=422 if errors or form.errors else 200)


def has_grown(form: ReasonForm, count: Count) -> bool:
    """Whether more people are concerned than the page said: then it is said again before anything happens."""
    return count.appointments > (form.cleaned_data.get("counted") or 0)


def more_people(count: Count) -> dict:
    text = _("More people booked in the meantime: now there are %(number)s appointments. Check the count and go on.")
    return {"text": text % {"number": count.appointments}}


def count_context(count: Count, sessions: list[Session]) -> dict:
    """The count by session and procedure, for the pages that show it."""
    procedures = Procedure.objects.in_bulk({line.procedure_id for line in count.lines})
    lines: dict[int, list] = {}
    for line in count.lines:
        lines.setdefault(line.session_id, []).append((procedures[line.procedure_id], line.appointments))
    return {
        "count": count,
        "by_session": [(session, lines.get(session.pk, [])) for session in sessions],
        "two_sign": count.appointments > ALONE_UP_TO,
        "alone": ALONE_UP_TO,
    }


def begun(request: StaffRequest, closure: Closure, office: Consulate, *, now: datetime) -> HttpResponse:
    """What was decided is carried out at once; whatever stops it, the task goes on with it."""
    if closure.state == ClosureState.WAITING:
        messages.success(request, _("It is written down. A second person signs it before anything happens."))
    else:
        acts.carry_out(closure.pk, now=now)
        listed = Orphan.staff.filter(closure=closure).count()
        messages.success(
            request,
            ngettext(
                "Done. %(number)s appointment is on the list.", "Done. %(number)s appointments are on the list.", listed
            )
            % {"number": listed},
        )
    return redirect("staff_closure", office.code, closure.pk)


def closing_sentence(code: str) -> str:
    """For a person of the staff: what stands in the way, and what helps."""
    return {
        "nothing_to_close": _("There is nothing to close on these days: choose others."),
        "already_closing": _("A closure of one of these sessions is waiting or under way. See it in the list."),
        "closed_already": _("This session was closed. Its hours no longer change."),
        "own_signature": _("Somebody else signs: not the person who asked for it."),
        "not_waiting": _("It was signed or refused already."),
        "not_published": _("Only sessions that are published and not over change their hours here."),
        "session_overlaps": _("The office has another session in that place at that time."),
        "already_suspended": _("The office does not offer this procedure on some of these days already."),
        "not_on_the_list": _("This person already has a new time, or cancelled."),
        "seat_gone": _("Somebody else took that time just now. Choose another one."),
        "no_offer": _("Nothing is kept for this person now. Look for a time again."),
    }.get(code, _("This could not be done. Look at the page again."))


@require_safe
@staff_page(May.CLOSE)
def staff_closure(request: StaffRequest, office: Consulate, closure_id: int) -> HttpResponse:
    """The act and its work list, which prints."""
    now = clock()
    closure: Closure = get_object_or_404(
        Closure.staff.select_related("created_by", "signed_by"), pk=closure_id, consulate=office
    )
    everybody = Orphan.staff.filter(closure=closure)
    counts = state_counts(everybody)
    wanted = request.GET.get("estado", "")
    chosen = everybody.filter(state=wanted) if wanted in {str(one.state) for one in counts} else everybody
    found = rows(chosen, now=now)
    if found:
        record(
            actor=person(request),
            action="closure.look",
            target=closure,
            now=now,
            office_id=office.pk,
            detail={"appointments": len(found)},
        )
    [summary] = summaries([closure])
    context = {
        "office": office,
        "closure": closure,
        "summary": summary,
        "counts": counts,
        "wanted": wanted,
        "rows": found,
        "everybody": sum(one.count for one in counts),
        "open": sum(one.count for one in counts if not one.is_end),
        "may_sign": request.access.may(May.SIGN, office.pk) and closure.created_by_id != request.user.pk,
    }
    return render(request, "staff/closing/closure.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(May.SIGN, fresh=True)
def staff_closure_sign(request: StaffRequest, office: Consulate, closure_id: int) -> HttpResponse:
    """The second person reads what would happen, and signs or refuses."""
    now = clock()
    closure: Closure = get_object_or_404(Closure.staff.select_related("created_by"), pk=closure_id, consulate=office)
    errors = []
    if request.method == "POST":
        try:
            if request.POST.get("do") == "refuse":
                acts.refuse(closure, by=person(request), now=now)
                messages.success(request, _("Not signed: nothing was changed."))
                return redirect("staff_closure_sign", office.code, closure.pk)
            closure = acts.sign(closure, by=person(request), now=now)
            acts.carry_out(closure.pk, now=now)
        except (acts.ClosingError, SupplyError, CalendarError) as error:
            errors = [{"text": closing_sentence(error.code)}]
        else:
            messages.success(request, _("Signed and done."))
            return redirect("staff_closure_sign", office.code, closure.pk)
    [summary] = summaries([closure])
    context = {
        "office": office,
        "closure": closure,
        "summary": summary,
        "errors": errors,
        "own": closure.created_by_id == request.user.pk,
        "waits": closure.state == ClosureState.WAITING,
        "may_close": request.access.may(May.CLOSE, office.pk),
    }
    return render(request, "staff/closing/closure_sign.html", context, status=409 if errors else 200)


OF_OFFICE = "oficinas/<slug:code>/"
urlpatterns = [
    path(f"{OF_OFFICE}cierres/", staff_closures, name="staff_closures"),
    path(f"{OF_OFFICE}cierres/nuevo/", staff_closure_new, name="staff_closure_new"),
    path(f"{OF_OFFICE}cierres/<int:closure_id>/", staff_closure, name="staff_closure"),
    path(f"{OF_OFFICE}cierres/<int:closure_id>/firma/", staff_closure_sign, name="staff_closure_sign"),
]
