"""The pages on which a step is taken. Each leads back to where the booking stood, with nothing lost, and each says how
the same is done on the telephone.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from antifraud.lanes import needs, steps, work
from antifraud.models import StepKind
from appointments import selectors
from appointments.drafts import load_draft, seated
from appointments.enums import Channel
from appointments.guards import BookingAttempt
from appointments.models import Hold
from appointments.phone.held import said_reference
from appointments.views.booking import held_by_me, hold_check, over
from consulates.selectors import office_lines
from mexitel.accounts import codes, services
from mexitel.accounts.access import person
from mexitel.accounts.addresses import masked
from mexitel.accounts.codes import CodeError, CodeExpired, CodeLimited, CodeWrong
from mexitel.accounts.forms import CodeForm, NewPhoneForm
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import CodePurpose
from mexitel.accounts.services import ContactError
from mexitel.accounts.views.sign_in import say
from mexitel.utils.browsers import seen_of
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

PENDING = "pending_step"
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@limited("booking", methods=("POST",))
@personal
def step_work(request: HttpRequest) -> HttpResponse:
    """Before a hold, while very many people want one: the device works for a second, or the person waits half a minute.

    Then the time that was tapped is kept, if it is still free: it waits in the session as it does for a sign-in.
    """
    user, now = person(request), clock()
    if request.method != "POST":
        return _work_page(request, work.ask(user, now=now))
    ticket = request.POST.get("ticket", "")
    try:
        work.accept(user, ticket=ticket, solution=request.POST.get("altcha", ""), now=now)
    except work.TooSoon as early:
        return _work_page(request, None, ticket=ticket, wait=early.seconds)
    except (work.WorkWrong, steps.SolvedBefore):
        if not steps.has_taken(user, StepKind.WORK, now=now):
            return _work_page(request, work.ask(user, now=now), again=True)
    return redirect("hold_create")


def _work_page(request: HttpRequest, asked: work.Work | None, **context: Any) -> HttpResponse:
    context = {"work": asked, "ticket": asked.ticket if asked else "", "wait": work.WAIT.seconds} | context
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/lanes/work.html", context | _by_phone(clock()), status=status)


@sensitive_post_parameters()
@both
@limited("account_code", methods=("POST",))
@held_by_me
def step_up(request: HttpRequest, held: Hold) -> HttpResponse:
    """Before a hold becomes a booking: what is missing, asked here. After it the booking goes on by itself."""
    now = clock()
    if not held.is_open(now=now):
        return over(request, held)
    need = needs.before_booking(_attempt(request, held, now), now=now)
    if need == "call":
        return render(request, "antifraud/lanes/call.html", {"hold": held} | _by_phone(now, held))
    if need is None:
        return _go_on(request, held)
    return _code(request, held, now)


def _attempt(request: HttpRequest, held: Hold, now: datetime) -> BookingAttempt:
    typed = seated(load_draft(person(request)), party=held.party, procedure=held.procedure)
    return BookingAttempt(
        verb="confirm",
        account=person(request),
        channel=Channel.WEB,
        party=held.party,
        client=seen_of(request),
        now=now,
        hold=held.pk,
        people=list(typed.values()),
    )


def _go_on(request: HttpRequest, held: Hold) -> HttpResponse:
    """The same page that asked, with the same press of its button."""
    request.session.pop(PENDING, None)
    return hold_check(request, held.pk) if request.method == "POST" else redirect("hold_check", held.pk)


def _code(request: HttpRequest, held: Hold, now: datetime) -> HttpResponse:
    pending = request.session.get(PENDING)
    if pending and pending["hold"] != str(held.pk):
        pending = None
    if request.method != "POST" or (pending is None and not _asks(request)):
        return _code_page(request, held, CodeForm() if pending else NewPhoneForm(), pending)
    if "other" in request.POST:
        request.session.pop(PENDING, None)
        return _code_page(request, held, NewPhoneForm(), None)
    if "again" in request.POST and pending:
        return _send_again(request, held, pending, now)
    return _check(request, held, pending, now) if pending else _send(request, held, now)


def _asks(request: HttpRequest) -> bool:
    return "phone" in request.POST or "send" in request.POST


def _send(request: HttpRequest, held: Hold, now: datetime) -> HttpResponse:
    """To the phone of the account, or to the one that is typed, which is the account's from then on."""
    user = person(request)
    form = NewPhoneForm(request.POST)
    if not user.phone and not form.is_valid():
        return _code_page(request, held, form, None, status=422)
    address = user.phone or form.cleaned_data["phone"]
    purpose = CodePurpose.STEP_UP if user.phone else CodePurpose.VERIFY_PHONE
    try:
        asked = services.ask_contact_code(
            user=user, purpose=purpose, address=address, origin=Origin.of(request), now=now
        )
    except CodeLimited as error:
        form.add_error(None, say(error))
        return _code_page(request, held, form, None, status=429)
    request.session[PENDING] = {
        "id": str(asked.pk), "purpose": str(purpose), "hold": str(held.pk), "mask": masked(address),
    }  # fmt: skip
    return redirect("step_up", held.pk)


def _send_again(request: HttpRequest, held: Hold, pending: dict, now: datetime) -> HttpResponse:
    try:
        codes.send_again(request_id=uuid.UUID(pending["id"]), origin=Origin.of(request), now=now)
    except CodeError as error:
        return _code_page(request, held, CodeForm(), pending, notice=say(error), status=429)
    return _code_page(request, held, CodeForm(), pending, notice=_("We sent the code again."))


def _check(request: HttpRequest, held: Hold, pending: dict, now: datetime) -> HttpResponse:
    user, form = person(request), CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, held, form, pending, status=422)
    purpose = CodePurpose(pending["purpose"])
    try:
        proved = codes.check(
            request_id=uuid.UUID(pending["id"]), purpose=purpose, typed=form.cleaned_data["code"], now=now
        )
        if proved.user_id != user.pk:
            raise CodeExpired
        if purpose == CodePurpose.VERIFY_PHONE:
            services.set_phone(user=user, proved=proved, now=now)
    except CodeWrong as error:
        form.add_error("code", say(error))
        return _code_page(request, held, form, pending, status=422)
    except (CodeError, ContactError) as error:
        request.session.pop(PENDING, None)
        messages.error(request, say(error) if isinstance(error, CodeError) else _("That phone cannot be used here."))
        return redirect("step_up", held.pk)
    steps.take(user, StepKind.CODE, now=now)
    return _go_on(request, held)


def _code_page(
    request: HttpRequest, held: Hold, form: Form, pending: dict | None, *, notice: str = "", status: int = 200
) -> HttpResponse:
    own = person(request).phone
    context = {
        "hold": held, "form": form, "pending": pending, "notice": notice, "own": masked(own) if own else "",
    }  # fmt: skip
    return render(request, "antifraud/lanes/code.html", context | _by_phone(clock(), held), status=status)


def _by_phone(now: datetime, held: Hold | None = None) -> dict[str, Any]:
    """The telephone, with its hours, and what to say there: the office's own line, and the network's."""
    lines = office_lines(on=now.date())
    office = selectors.held_party(held).session.consulate if held else None
    return {
        "telephone": settings.CONTACT_PHONE,
        "hours": settings.CONTACT_HOURS,
        "office_line": lines.filter(consulate=office).first() if office else None,
        "say": said_reference(held.pk) if held else "",
    }


urlpatterns = [
    path("comprobacion/", step_work, name="step_work"),
    path("apartado/<uuid:hold_id>/paso/", step_up, name="step_up"),
]
