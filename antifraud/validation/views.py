"""The page behind the link: no sign-in, initials only, one answer."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antifraud.models import IdentityRequest, RequestState
from antifraud.models.validation import MOST_TRIES, STANDS, AskedBy
from antifraud.validation import answers
from antifraud.validation.errors import AskingError
from antifraud.validation.forms import AnswerForm
from antifraud.validation.messages import visit_of
from antifraud.validation.people import principal_of
from antifraud.validation.selectors import request_behind
from appointments.views.receipt import told_to_nobody
from consulates.wording import moment
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "HEAD", "POST"])
@limited("codes", methods=("POST",))
@told_to_nobody
def identity_answer(request: HttpRequest, token: str) -> HttpResponse:
    now = clock()
    found = request_behind(token)
    if found is None:
        raise Http404
    did = request.POST.get("do", "") if request.method == "POST" else ""
    typed = request.POST if request.method == "POST" else None
    has_curp = bool(principal_of(found.appointment_id).curp)
    form, errors = AnswerForm(typed, has_curp=has_curp, says_yes=did == "yes"), []
    if did and form.is_valid():
        try:
            _act(did, found, form, now=now)
        except AskingError as refusal:
            errors = [{"text": refusal.sentence}]
            found = request_behind(token) or found
        else:
            return redirect("identity_answer", token)
    stage = _stage(found, now=now)
    context = {
        "stage": stage,
        "title": _title(stage),
        "visit": visit_of(found, now=now),
        "until": moment(found.until, found.appointment.session.time_zone),
        "form": form,
        "errors": errors if stage == "open" else [],
        "can_be_called": found.asked_by == AskedBy.SMS,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/validation/answer.html", context, status=status)


def _act(did: str, found: IdentityRequest, form: AnswerForm, *, now: datetime) -> None:
    if did == "yes":
        answers.say_yes(request_id=found.pk, told=form.told(), charge=form.charge(), now=now)
    elif did == "no":
        answers.say_no(request_id=found.pk, told=form.told(), charge=form.charge(), now=now)
    elif did == "call":
        answers.choose_call(request_id=found.pk, now=now)
    elif did == "window":
        answers.choose_window(request_id=found.pk, now=now)


def _stage(found: IdentityRequest, *, now: datetime) -> str:
    """What the page is about now; "over" also when the case or the appointment ended."""
    if found.is_open(now=now):
        if found.asked_by == AskedBy.CALL:
            return "call"
        return "open" if found.tries < MOST_TRIES else "tries"
    if found.state in (RequestState.CONFIRMED, RequestState.SHOWN):
        return "confirmed"
    if found.state == RequestState.DENIED:
        return "denied"
    stands = found.appointment.status in STANDS and found.appointment.starts_at > now
    return "window" if stands and not found.case.is_closed else "over"


def _title(stage: str) -> str:
    return {
        "open": _("Did you ask for this appointment?"),
        "tries": _("Let us do it another way"),
        "call": _("We will call you"),
        "confirmed": _("Thank you. The appointment is confirmed"),
        "denied": _("Thank you. A person will look at it"),
        "window": _("Show your ID at the window"),
        "over": _("There is nothing to answer"),
    }[stage]


urlpatterns = [path("confirma/<str:token>/", identity_answer, name="identity_answer")]
