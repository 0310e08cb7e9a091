"""Who the caller is: one more fact, a code that they say, a phone that becomes theirs, an account that is recovered."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments.phone import call as calls
from appointments.phone import recovery
from appointments.phone.finding import INSIDE, FindingError, check_birth_date
from appointments.phone.forms import AnswersForm, CodeForm, FactForm, NewContactForm, NumberForm
from appointments.views.staff.console import Desk, console_page, say, with_caller
from consulates.access import StaffRequest, office_at_hand
from mexitel.accounts import codes, limits
from mexitel.accounts.addresses import masked
from mexitel.accounts.codes import CodeError, CodeLimited, CodeWrong
from mexitel.accounts.models import Channel, CodePurpose, CodeRequest
from mexitel.accounts.services import EmailTaken, set_phone
from mexitel.audit.services import record

# Why a code was sent: to know the caller, to put a phone on the account, to have the new contact of a recovery proven.
PROVE, VERIFY, RECOVER = "prove", "verify", "recover"
# Where people are told when a recovery takes effect, if the agent works in no office.
NETWORK_ZONE = "America/New_York"


def fact(request: StaffRequest, desk: Desk) -> HttpResponse:
    form = FactForm(request.POST)
    if not form.is_valid():
        return desk.render("prove.html", {"form": form}, status=422)
    try:
        right = check_birth_date(desk.caller, form.cleaned_data["born"], now=desk.now)
    except FindingError as error:
        form.add_error("born", say(error))
        return desk.render("prove.html", {"form": form}, status=429)
    _note(desk, "caller.prove", {"by": "fact", "right": right})
    if not right:
        form.add_error("born", _("That is not right. Ask for another person's, or send a code."))
        return desk.render("prove.html", {"form": form}, status=422)
    return _proven(desk, calls.FACTS)


def send(request: StaffRequest, desk: Desk) -> HttpResponse:
    """A code to a contact that the account has: by it the caller proves who they are."""
    to = {"email": desk.caller.email, "phone": desk.caller.phone}.get(request.POST.get("to", "")) or ""
    if not to:
        return redirect("staff_console")
    return _send(desk, to, PROVE) or redirect("staff_console_code")


def verify(request: StaffRequest, desk: Desk) -> HttpResponse:
    """A code to a phone that the account does not have yet. Who has one changes it themselves, or is recovered."""
    if desk.caller.phone or (desk.caller.email and desk.call.proof != calls.CODE):
        messages.info(request, _("First send a code to the contact that the account has."))
        return redirect("staff_console")
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _send(desk, form.cleaned_data["phone"], VERIFY) or redirect("staff_console_code")
    return desk.render("verify.html", {"form": form}, status=422 if form.errors else 200)


def _send(desk: Desk, to: str, why: str) -> HttpResponse | None:
    """None when the code is on its way, else the page that says why not."""
    counted = {"agent": str(desk.agent.pk), "caller": str(desk.caller.pk)}
    try:
        if not limits.take("call code", counted, INSIDE, desk.now):
            raise CodeLimited
        asked = codes.ask(
            purpose=CodePurpose.CALL,
            channel=Channel.EMAIL if "@" in to else Channel.SMS,
            address=to,
            user=desk.caller,
            language=desk.caller.language,
            origin=INSIDE,
            now=desk.now,
        )
    except CodeLimited:
        messages.error(desk.request, _("Too many codes were sent. Wait an hour, or prove it another way."))
        return redirect("staff_console")
    desk.call.code = {"id": str(asked.pk), "why": why, "to": masked(to)}
    _note(desk, "caller.code", {"why": why})
    desk.keep()
    return None


def code(request: StaffRequest, desk: Desk) -> HttpResponse:
    """The caller says the six digits; the agent types them. What they prove was settled when the code was sent."""
    pending = desk.call.code
    if not pending:
        return redirect("staff_console")
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return desk.render("code.html", {"form": form, "to": pending["to"]}, status=422 if form.errors else 200)
    try:
        proved = codes.check(
            request_id=UUID(pending["id"]), purpose=CodePurpose.CALL, typed=form.cleaned_data["code"], now=desk.now
        )
    except CodeWrong as error:
        text = _("The code is not right. %(left)d tries are left.") % {"left": error.attempts_left}
        form.add_error("code", text)
        return desk.render("code.html", {"form": form, "to": pending["to"]}, status=422)
    except CodeError:
        desk.call.code = {}
        desk.keep()
        messages.error(request, _("That code is no longer valid. Send another one."))
        return redirect("staff_console")
    desk.call.code = {}
    _note(desk, "caller.prove", {"by": "code", "why": pending["why"], "right": True})
    if pending["why"] == VERIFY:
        return _phone_is_theirs(desk, proved)
    if pending["why"] == RECOVER:
        return _rest(desk, proved)
    return _proven(desk, calls.CODE)


def _proven(desk: Desk, proof: str) -> HttpResponse:
    desk.call.proof = proof
    desk.keep()
    return redirect("staff_console")


def _phone_is_theirs(desk: Desk, proved: CodeRequest) -> HttpResponse:
    """The lock counts on the verified phone from now on, and what the caller has already counts there too."""
    try:
        set_phone(user=desk.caller, proved=proved, now=desk.now)
    except EmailTaken:
        messages.error(desk.request, _("This phone has an account of its own. Find the person by that phone."))
    else:
        messages.success(desk.request, _("The phone is verified. With it the limit is five appointments."))
    desk.keep()
    return redirect("staff_console")


def recover(request: StaffRequest, desk: Desk) -> HttpResponse:
    """The script; with enough right answers the new contact, to which a code goes."""
    if desk.call.right_answers:
        return _new_contact(request, desk)
    form = AnswersForm(request.POST or None)
    context = {"form": form, "enough": recovery.ENOUGH_ANSWERS}
    if request.method == "POST" and form.is_valid():
        try:
            desk.call.right_answers = recovery.check_answers(
                desk.caller, form.answers(), agent=desk.agent, call_reference=desk.call.reference, now=desk.now
            )
        except recovery.RecoveryError as error:
            return desk.render("recover.html", context | {"errors": [{"text": say_recovery(error)}]}, status=409)
        desk.keep()
        return redirect("staff_console_recover")
    return desk.render("recover.html", context, status=422 if form.errors else 200)


def _new_contact(request: StaffRequest, desk: Desk) -> HttpResponse:
    form = NewContactForm(request.POST or None, by_phone=not desk.caller.email)
    if request.method == "POST" and form.is_valid():
        return _send(desk, form.cleaned_data["contact"], RECOVER) or redirect("staff_console_code")
    return desk.render("new_contact.html", {"form": form}, status=422 if form.errors else 200)


def _rest(desk: Desk, proved: CodeRequest) -> HttpResponse:
    office = office_at_hand(desk.request, desk.request.access)
    try:
        recovery.start_recovery(
            account=desk.caller,
            contact=proved.address,
            right=desk.call.right_answers,
            agent=desk.agent,
            call_reference=desk.call.reference,
            time_zone=office.time_zone if office else NETWORK_ZONE,
            now=desk.now,
        )
    except recovery.RecoveryError as error:
        messages.error(desk.request, say_recovery(error))
    else:
        messages.success(
            desk.request,
            _("In 24 hours the new contact opens the account. We told the old one, which can stop it until then."),
        )
    desk.call.right_answers = 0
    desk.keep()
    return redirect("staff_console")


def say_recovery(error: recovery.RecoveryError) -> str:
    sentences = {
        "too_many_checks": _("This was tried too often today. The person can come to an office with their papers."),
        "not_enough": _("The answers are not enough. We do not say which. The person can come to an office."),
        "nobody_to_tell": _("The account has no contact that we could tell. Verify a phone instead."),
        "already_asked": _("A change is at rest already. It takes effect, or is stopped, within 24 hours."),
    }
    return sentences[error.code]


def _note(desk: Desk, action: str, detail: dict) -> None:
    detail = {"call": desk.call.reference} | detail
    record(actor=desk.agent, action=action, target=desk.caller, now=desk.now, detail=detail)


def _post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    return require_POST(console_page(with_caller(view, proven=False)))


def _both(view: Callable[..., HttpResponse], *, proven: bool) -> Callable[..., HttpResponseBase]:
    return require_http_methods(["GET", "POST"])(console_page(with_caller(view, proven=proven)))


urlpatterns = [
    path("telefono/dato/", _post(fact), name="staff_console_fact"),
    path("telefono/codigo/enviar/", _post(send), name="staff_console_send"),
    path("telefono/codigo/", _both(code, proven=False), name="staff_console_code"),
    path("telefono/verificar/", _both(verify, proven=True), name="staff_console_verify"),
    path("telefono/recuperar/", _both(recover, proven=False), name="staff_console_recover"),
]
