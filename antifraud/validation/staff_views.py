"""Agents: whom to call, and what to say. They see neither score nor suspicion, and type what they hear."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from antifraud.models import IdentityRequest, RequestState
from antifraud.models.validation import AskedBy
from antifraud.validation import answers, calling
from antifraud.validation.clock import is_night
from antifraud.validation.errors import AskingError
from antifraud.validation.forms import AnswerForm, FindForm
from antifraud.validation.messages import visit_of
from antifraud.validation.people import principal_of
from antifraud.validation.selectors import calls_to_make
from appointments.day.references import fold_reference
from appointments.visits import grouped
from consulates.access import StaffRequest, staff_page
from consulates.roles import May
from consulates.wording import clock as wall_clock
from consulates.wording import moment
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

SHOWN = 100
both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@both
@staff_page(May.PHONE)
def staff_identity_calls(request: StaffRequest) -> HttpResponse:
    """Whom to call, soonest to end first; and the request of somebody who calls us about a message."""
    now = clock()
    form = FindForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        reference = fold_reference(form.cleaned_data["reference"])
        asked = IdentityRequest.staff.open(now=now).filter(appointment__reference=reference)
        found: IdentityRequest | None = asked.first()
        record(
            actor=request.user, action="validation.find", target=found or ("reference", "unknown"), now=now
        )  # fmt: skip
        if found is not None:
            return redirect("staff_identity_call", found.pk)
        form.add_error("reference", _("Nobody is asked about that appointment now."))
    rows = [
        {
            "request": one,
            "reference": grouped(one.appointment.reference),
            "until": moment(one.until, one.appointment.session.time_zone),
            "is_night": is_night(now, one.appointment.session.time_zone),
            "with_colleague": one.taken_until is not None and one.taken_until > now and one.taken_by != request.user,
        }
        for one in calls_to_make(now=now)[:SHOWN]
    ]
    record(
        actor=request.user, action="validation.list", target=("identity", "list"), now=now, detail={"seen": len(rows)}
    )  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "antifraud/validation/calls.html", {"rows": rows, "form": form}, status=status)


@never_cache
@both
@staff_page(May.PHONE)
def staff_identity_call(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """The script. The number shows once the agent takes the call, which leaves a line."""
    now = clock()
    asked = IdentityRequest.staff.select_related("case", "appointment__session", "appointment__procedure", "taken_by")
    found: IdentityRequest = get_object_or_404(asked, pk=request_id)
    page = CallPage(request, found, now=now)
    if request.method == "POST" and page.act():
        return redirect(page.next_page)
    record(
        actor=request.user, action="validation.see", target=found, now=now, office_id=found.appointment.consulate_id
    )  # fmt: skip
    return render(request, "antifraud/validation/call.html", page.context(), status=422 if page.failed else 200)


class CallPage:
    """One call: ``do`` says which button was pressed."""

    def __init__(self, request: StaffRequest, found: IdentityRequest, *, now: datetime) -> None:
        self.request, self.found, self.now = request, found, now
        self.agent = person(request)
        self.did = request.POST.get("do", "") if request.method == "POST" else ""
        typed = request.POST if self.did in {"yes", "no"} else None
        self.person = principal_of(found.appointment_id)
        self.form = AnswerForm(typed, has_curp=bool(self.person.curp), says_yes=self.did == "yes")
        self.errors: list[dict] = []
        self.next_page = "staff_identity_calls"

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.form.errors)

    def act(self) -> bool:
        """Whether it was done. Whatever stands in the way is a sentence on the page."""
        try:
            return self._act()
        except AskingError as refusal:
            self.errors = [{"text": refusal.sentence}]
            self.found.refresh_from_db()
            return False

    def _act(self) -> bool:
        who: dict[str, Any] = {"request_id": self.found.pk, "by": self.agent, "now": self.now}
        if self.did == "take":
            calling.take_call(**who)
            self.next_page = self.request.path
            return True
        if self.did == "yes" and self.form.is_valid():
            answers.say_yes(told=self.form.told(), charge=self.form.charge(), **who)
            said = _("Noted: the person asked for the appointment.")
        elif self.did == "no" and self.form.is_valid():
            answers.say_no(told=self.form.told(), charge=self.form.charge(), **who)
            said = _("Noted: the person did not ask for it. A reviewer reads it now.")
        elif self.did == "nobody":
            calls = calling.nobody_answered(**who)
            last = calls >= calling.MOST_CALLS
            said = _("Noted. That was the last call: the window asks.") if last else _("Noted. Call again later.")
        elif self.did in {"wrong_number", "chose_window"}:
            answers.choose_window(why=self.did, **who)
            said = _("Noted: the person shows ID at the window.")
        else:
            return False
        messages.success(self.request, said)
        return True

    def context(self) -> dict:
        found, now = self.found, self.now
        zone_name = found.appointment.session.time_zone
        in_hand = found.is_with(self.agent.pk, now=now)
        is_open = found.is_open(now=now)
        visit = visit_of(found, now=now)
        return {
            "request_": found,
            "visit": visit,
            "reference": grouped(found.appointment.reference),
            "until": moment(found.until, zone_name),
            "clock": wall_clock(now, zone_name),
            "is_open": is_open,
            "in_hand": is_open and in_hand,
            "can_take": is_open and found.asked_by in calling.BY_PHONE and not is_night(now, zone_name),
            "is_night": is_night(now, zone_name),
            "by_phone": found.asked_by in calling.BY_PHONE,
            "by_mail": found.asked_by == AskedBy.MAIL,
            "is_window": found.state == RequestState.WINDOW,
            "number": found.contact if is_open and in_hand else "",
            "is_minor": self.person.is_minor,
            "has_curp": bool(self.person.curp),
            "form": self.form,
            "errors": self.errors,
            "calls_left": calling.MOST_CALLS - found.calls,
        }


urlpatterns = [
    path("confirmar-citas/", staff_identity_calls, name="staff_identity_calls"),
    path("confirmar-citas/<uuid:request_id>/", staff_identity_call, name="staff_identity_call"),
]
