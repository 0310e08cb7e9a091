"""Changed hours of a published session, and procedures that an office does not offer for some days: counted before
anything is saved; whoever loses their seat comes on a work list.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.closing import acts
from appointments.closing.counts import count_lost, preview_hours
from appointments.closing.forms import HoursForm, ReasonForm, SuspensionForm
from appointments.views.staff.closures import (
    OF_OFFICE,
    begun,
    closing_sentence,
    count_context,
    has_grown,
    more_people,
)
from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Consulate, Session, SessionStatus, Suspension
from consulates.roles import May
from consulates.services import SupplyError
from consulates.services.suspensions import is_suspended, resume
from consulates.wording import local_day
from mexitel.accounts.access import person
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "POST"])
@staff_page(May.PUBLISH, fresh=True)
def staff_hours(request: StaffRequest, office: Consulate, session_id: int) -> HttpResponse:
    """New hours are typed and shown in numbers (GET), then confirmed with a reason (POST)."""
    now = clock()
    session: Session = get_object_or_404(Session.staff.select_related("consulate"), pk=session_id, consulate=office)
    context = {"office": office, "session": session, "errors": []}
    if session.status != SessionStatus.PUBLISHED or session.ends_at <= now:
        context["errors"] = [{"text": closing_sentence("not_published")}]
        return render(request, "staff/closing/hours.html", context, status=409)
    typed = request.POST if request.method == "POST" else request.GET
    form = HoursForm(typed if "abre" in typed else None, session=session, initial=HoursForm.of(session))
    context["form"] = form
    if "abre" not in typed or not form.is_valid():
        return render(request, "staff/closing/hours.html", context, status=422 if form.errors else 200)
    preview = preview_hours(session, form.hours, now=now)
    reason = ReasonForm(
        request.POST if request.method == "POST" else None, initial={"counted": preview.lost.appointments}
    )
    if not preview.lost.appointments:  # nobody has to be told anything
        for name in ("reason_es", "reason_en"):
            reason.fields[name].required = False
    if request.method == "POST" and reason.is_valid():
        if has_grown(reason, preview.lost):
            context["errors"] = [more_people(preview.lost)]
            reason = ReasonForm(initial={**reason.cleaned_data, "counted": preview.lost.appointments})
        else:
            told = acts.Reason(reason.cleaned_data["reason_es"], reason.cleaned_data["reason_en"])
            try:
                closure = acts.close_hours(session=session, new=form.hours, reason=told, by=person(request), now=now)
            except (acts.ClosingError, SupplyError, CalendarError) as error:
                context["errors"] = [{"text": closing_sentence(error.code)}]
            else:
                return _changed(request, office, closure, now)
    context |= count_context(preview.lost, [session]) | {"preview": preview, "reason": reason}
    status = 422 if context["errors"] or reason.errors else 200
    return render(request, "staff/closing/hours.html", context, status=status)


def _changed(request: StaffRequest, office: Consulate, closure, now) -> HttpResponse:
    """A planner has no work lists: the page of the hours says what was done."""
    answer = begun(request, closure, office, now=now)
    if request.access.may(May.CLOSE, office.pk):
        return answer
    return redirect("staff_hours", office.code, closure.session_ids[0])


@require_safe
@staff_page(May.PLAN)
def staff_suspensions(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    form = SuspensionForm(request.GET if "tramite" in request.GET else None, today=local_day(now, office.time_zone))
    errors = []
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        if not is_suspended(office, data["tramite"], first=data["desde"], last=data["hasta"]):
            return redirect(f"{reverse('staff_suspension_new', args=[office.code])}?{request.GET.urlencode()}")
        errors = [{"text": closing_sentence("already_suspended"), "href": "#id_desde"}]
    found = Suspension.staff.filter(consulate=office).select_related("procedure", "created_by", "ended_by")
    context = {
        "office": office,
        "form": form,
        "errors": errors,
        "in_force": found.not_over(now=now),
        "over": found.exclude(pk__in=found.not_over(now=now)).order_by("-last_date")[:20],
    }
    status = 422 if errors or form.errors else 200
    return render(request, "staff/closing/suspensions.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN, fresh=True)
def staff_suspension_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    typed = request.POST if request.method == "POST" else request.GET
    form = SuspensionForm(typed, today=local_day(now, office.time_zone))
    if not form.is_valid():
        messages.error(request, _("Choose the procedure and the days first."))
        return redirect("staff_suspensions", office.code)
    procedure, first, last = (form.cleaned_data[name] for name in ("tramite", "desde", "hasta"))
    sessions = list(office.sessions.published().not_over(now=now).filter(date__range=(first, last)))
    count = count_lost([session.pk for session in sessions], now=now, procedure_id=procedure.pk)
    reason = ReasonForm(request.POST if request.method == "POST" else None, initial={"counted": count.appointments})
    errors = []
    if request.method == "POST" and reason.is_valid():
        if has_grown(reason, count):
            errors = [more_people(count)]
            reason = ReasonForm(initial={**reason.cleaned_data, "counted": count.appointments})
        else:
            told = acts.Reason(reason.cleaned_data["reason_es"], reason.cleaned_data["reason_en"])
            try:
                closure = acts.close_procedure(
                    consulate=office,
                    procedure=procedure,
                    first=first,
                    last=last,
                    reason=told,
                    by=person(request),
                    now=now,
                )
            except (acts.ClosingError, SupplyError) as error:
                errors = [{"text": closing_sentence(error.code)}]
            else:
                answer = begun(request, closure, office, now=now)
                may_see = request.access.may(May.CLOSE, office.pk)
                return answer if may_see else redirect("staff_suspensions", office.code)
    concerned = {line.session_id for line in count.lines}
    context = count_context(count, [session for session in sessions if session.pk in concerned]) | {
        "office": office,
        "form": form,
        "procedure": procedure,
        "reason": reason,
        "errors": errors,
        "sessions": len(sessions),
    }
    status = 422 if errors or reason.errors else 200
    return render(request, "staff/closing/suspension_new.html", context, status=status)


@require_POST
@staff_page(May.PLAN)
def staff_suspension_end(request: StaffRequest, office: Consulate, suspension_id: int) -> HttpResponse:
    """Offered again from now on."""
    suspension: Suspension = get_object_or_404(
        Suspension.staff.select_related("procedure"), pk=suspension_id, consulate=office
    )
    resume(suspension, by=person(request), now=clock())
    messages.success(request, _("The procedure is offered again: %(name)s.") % {"name": suspension.procedure.name})
    return redirect("staff_suspensions", office.code)


urlpatterns = [
    path(f"{OF_OFFICE}jornadas/<int:session_id>/horas/", staff_hours, name="staff_hours"),
    path(f"{OF_OFFICE}suspensiones/", staff_suspensions, name="staff_suspensions"),
    path(f"{OF_OFFICE}suspensiones/nueva/", staff_suspension_new, name="staff_suspension_new"),
    path(f"{OF_OFFICE}suspensiones/<int:suspension_id>/fin/", staff_suspension_end, name="staff_suspension_end"),
]
