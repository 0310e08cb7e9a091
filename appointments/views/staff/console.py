"""The telephone: who is on the line, and what they want to hear. Booking stands in console_booking.py, proof and
recovery in console_proof.py. What is searched travels in the body of a POST and rests sealed in the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.enums import Channel
from appointments.errors import BookingError
from appointments.identities import identity_hash
from appointments.models import Appointment, Caller, Hold
from appointments.phone import call as calls
from appointments.phone.call import Call
from appointments.phone.finding import FactMissing, FindingError, Found, TooMany, find_callers
from appointments.phone.forms import CallForm, FactForm, RegisterForm, WishForm, only_errors
from appointments.phone.selectors import offers, offers_of, shown_to_agent
from appointments.phone.share import kept_for_callers
from appointments.services import release_hold
from appointments.services.callers import PhoneUnclear, register_caller
from consulates.access import StaffRequest, office_at_hand, staff_page
from consulates.models import Consulate
from consulates.roles import May
from mexitel.accounts.access import person as signed_in
from mexitel.accounts.addresses import masked
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

KEYS_OFF = "console_keys_off"
LAST_CHANNEL = "console_channel"
WISH = ("tramite", "lugar", "personas", "fin_de_semana", "orden")


def console_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """For whoever answers the telephone; kept by no cache, and what is posted by no error report."""
    return never_cache(sensitive_post_parameters()(staff_page(May.PHONE)(view)))


@dataclass
class Desk:
    """One request of an agent with a caller at hand."""

    request: StaffRequest
    call: Call
    caller: User
    now: datetime

    @property
    def agent(self) -> User:
        return signed_in(self.request)

    @property
    def by(self) -> dict:
        """What every service is told about who acts, and in which call."""
        return self.call.by | {"agent_id": self.agent.pk}

    def keep(self) -> None:
        calls.keep(self.request.session, self.call, now=self.now)

    def look(self, *, appointments: int, page: str) -> None:
        """Every look at a caller's data leaves a line."""
        detail = {"call": self.call.reference, "page": page, "appointments": appointments}
        record(actor=self.agent, action="caller.look", target=self.caller, now=self.now, detail=detail)

    def render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return draw(self.request, template, context | {"desk": self, "who": who_is(self.caller)}, status=status)


def with_caller(view: Callable[..., HttpResponse], *, proven: bool = True) -> Callable[..., HttpResponse]:
    """The view gets the Desk. Without a caller at hand, or before they proved who they are, it is the first page."""

    @wraps(view)
    def wrapped(request: StaffRequest, **kwargs: Any) -> HttpResponse:
        now = clock()
        call = calls.at_hand(request.session, now=now)
        caller = User.objects.citizens().filter(pk=call.account_id).first() if call and call.account_id else None
        if call is None or caller is None:
            messages.info(request, _("There is no caller at hand. The call ended, or nothing happened for a while."))
            return redirect("staff_console")
        if proven and not call.proof:
            messages.info(request, _("First the person proves who they are."))
            return redirect("staff_console")
        return view(request, Desk(request, call, caller, now), **kwargs)

    return wrapped


def draw(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    keys_on = not request.session.get(KEYS_OFF)
    idle_seconds = int(calls.IDLE.total_seconds())
    page = {"keys_on": keys_on, "idle_seconds": idle_seconds} | context
    return render(request, f"staff/phone/{template}", page, status=status)


def who_is(caller: User) -> dict[str, Any]:
    """What tells callers apart on the page, and no more than that."""
    stated = Caller.objects.filter(account=caller).first() if not (caller.email or caller.phone) else None
    return {
        "contacts": [masked(contact) for contact in (caller.email, caller.phone) if contact],
        "stated": masked(stated.phone) if stated and stated.phone else "",
        "no_contact": not (caller.email or caller.phone),
        "can_verify": not caller.phone,
    }


@require_http_methods(["GET", "POST"])
@console_page
def console(request: StaffRequest) -> HttpResponse:
    """Without a caller: start a call and find them. With one: their appointments, and what they hear about."""
    now = clock()
    if request.method == "POST":
        return _find(request, now)
    call = calls.at_hand(request.session, now=now)
    if call is None or call.account_id is None:
        return _first_page(request, call)
    return with_caller(_caller_page, proven=False)(request)


def _first_page(request: StaffRequest, call: Call | None) -> HttpResponse:
    channel = call.channel if call else request.session.get(LAST_CHANNEL, Channel.PHONE)
    form = CallForm(initial={"channel": channel, "reference": call.reference if call else ""})
    access = request.access
    office = office_at_hand(request, access)
    context = {
        "form": form,
        "wish": WishForm(initial={"personas": 1, "orden": "pronto"}),
        "line_of": office if office and access.may(May.PLAN, office.pk) else None,
    }
    return draw(request, "start.html", context | _several(call))


def _several(call: Call | None) -> dict[str, Any]:
    ids = call.found if call else []
    people = User.objects.citizens().in_bulk(ids)
    return {"several": [(n, who_is(people[pk])) for n, pk in enumerate(ids, start=1) if pk in people]}


def _find(request: StaffRequest, now: datetime) -> HttpResponse:
    if "pick" in request.POST:
        return _pick(request, now)
    form = CallForm(request.POST)
    wish, wants = _wish_of(request)
    if "register" in request.POST:
        return _register_page(request, RegisterForm(initial={"phone": _phone_said(request.POST.get("who", ""))}), now)
    if not form.is_valid() or (wants and not wish.is_valid()):
        return draw(
            request, "start.html", {"form": form, "wish": wish, "errors": only_errors([form, wish])}, status=422
        )
    call = _begin(request, form.cleaned_data["reference"], form.cleaned_data["channel"], now)
    call.wish = wants
    try:
        found = find_callers(
            form.question(),
            visible=Appointment.staff.all(),
            agent=signed_in(request),
            call_reference=call.reference,
            now=now,
        )
    except FindingError as error:
        form.add_error("born" if isinstance(error, FactMissing) else "who", say(error))
        calls.keep(request.session, call, now=now)
        status = 429 if isinstance(error, TooMany) else 422
        return draw(request, "start.html", {"form": form, "wish": wish}, status=status)
    certain = [one for one in found if one.known]
    chosen = certain[0] if len(certain) == 1 else found[0] if len(found) == 1 else None
    if chosen:
        return _open(request, call, chosen, now)
    call.found = [one.account.pk for one in found]
    calls.keep(request.session, call, now=now)
    context = {"form": form, "wish": wish, "nobody": not found} | _several(call)
    return draw(request, "start.html", context, status=200 if found else 404)


def _wish_of(request: StaffRequest) -> tuple[WishForm, dict[str, str]]:
    """The form of what the caller wants, and its words when they named a procedure."""
    typed = {name: request.POST[name] for name in WISH if request.POST.get(name)}
    wants = {"personas": "1", "orden": "pronto"} | typed if typed.get("tramite") else {}
    return (WishForm(wants) if wants else WishForm(initial=typed or {"personas": 1, "orden": "pronto"})), wants


def _phone_said(text: str) -> str:
    return text if "@" not in text and not any(letter.isalpha() for letter in text) else ""


def _begin(request: StaffRequest, reference: str, channel: str, now: datetime) -> Call:
    """The call that goes on, or a new one, which leaves a line."""
    call = calls.at_hand(request.session, now=now)
    request.session[LAST_CHANNEL] = channel
    if call is not None and reference and reference != call.reference:
        _finish(request, call, now)
        call = None
    if call is None:
        call = calls.begin(request.session, reference=reference, channel=channel, now=now)
        target = ("call", call.reference)
        record(actor=request.user, action="call.start", target=target, now=now, detail={"channel": call.channel})
    call.channel = str(Channel.COUNTER if channel == Channel.COUNTER else Channel.PHONE)
    return call


def _open(request: StaffRequest, call: Call, found: Found, now: datetime, *, proof: str = "") -> HttpResponse:
    _let_go(call, now)
    call.take(found.account.pk, proof or (calls.FACTS if found.known else ""))
    Caller.objects.filter(account=found.account).update(last_call_at=now)
    detail = {"call": call.reference, "proof": call.proof}
    record(actor=request.user, action="caller.open", target=found.account, now=now, detail=detail)
    calls.keep(request.session, call, now=now)
    return redirect("staff_console")


def _pick(request: StaffRequest, now: datetime) -> HttpResponse:
    """One of the handful that was found; who they are is still to be proven."""
    call, number = calls.at_hand(request.session, now=now), request.POST["pick"]
    if call is None or not number.isdecimal() or not 1 <= int(number[:3]) <= len(call.found):
        return redirect("staff_console")
    account = User.objects.citizens().filter(pk=call.found[int(number[:3]) - 1]).first()
    return _open(request, call, Found(account, False), now) if account else redirect("staff_console")


def say(error: Exception) -> str:
    """The sentence for a named error of finding or registering."""
    sentences = {
        "unreadable": _("That is no e-mail, no phone number and no reference. Ask for it again, letter by letter."),
        "fact_missing": _("With a reference, write also the birth date of somebody who attends."),
        "too_many": _("That was tried too often. Send a code to the person, or wait an hour."),
        "phone_unclear": _("Write a phone of 10 digits, or with + and the country code."),
    }
    return sentences.get(getattr(error, "code", ""), _("That did not work. Try again."))


def _caller_page(request: StaffRequest, desk: Desk) -> HttpResponse:
    call = desk.call
    desk.keep()  # a look is a sign of life
    if not call.proof:
        return desk.render("prove.html", {"form": FactForm()})
    shown = shown_to_agent(desk.caller, call, now=desk.now)
    desk.look(appointments=shown.count, page="console")
    moving = [one for party in shown.parties for one in party.appointments if str(one.pk) in call.moving]
    form, found = _heard(call, moving, now=desk.now)
    held = Hold.objects.open(now=desk.now).filter(pk=call.hold_id, account=desk.caller).first()
    begun = [] if held else selectors.open_holds(desk.caller, now=desk.now)
    context = {
        "shown": shown, "moving": moving, "wish": form, "offers": found, "held": held, "asked": bool(call.wish),
        "begun": begun, "kept": kept_for_callers(now=desk.now),
    }  # fmt: skip
    return desk.render("caller.html", context)


def _heard(call: Call, moving: list[Appointment], *, now: datetime) -> tuple[WishForm, list]:
    """What the caller asked for, and the times to read out. Who moves keeps procedure and number of people."""
    wish = dict(call.wish)
    if moving:
        wish |= {"tramite": moving[0].procedure.code, "personas": str(len(moving))}
    if not wish.get("tramite"):
        return WishForm(initial={"personas": 1, "orden": "pronto"} | wish), []
    form = WishForm(wish)
    if not form.is_valid():
        return form, []
    asked = form.cleaned_data
    office = Consulate.objects.real().filter(code=wish.get("oficina", "")).first()
    if office:
        first = date.fromisoformat(wish["desde"])
        found = offers_of(office, first=first, procedure=asked["tramite"], party=asked["personas"], now=now)
    else:
        found = offers(asked, procedure=asked["tramite"], party=asked["personas"], now=now)
    return form, found


def search(request: StaffRequest, desk: Desk) -> HttpResponse:
    """Other words, or other times of a place in the list."""
    if "oficina" in request.POST:
        day = _day(request.POST.get("desde", ""), desk.now.date())
        desk.call.wish |= {"oficina": request.POST["oficina"][:40].replace("\x00", ""), "desde": day.isoformat()}
    else:
        desk.call.wish = {name: request.POST[name][:80] for name in WISH if request.POST.get(name)}
        desk.call.wish.setdefault("personas", "1")
    desk.keep()
    return redirect("staff_console")


def _day(typed: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return otherwise


@require_http_methods(["GET", "POST"])
@console_page
def register(request: StaffRequest) -> HttpResponse:
    now = clock()
    if request.method != "POST":
        return _register_page(request, RegisterForm(), now)
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return _register_page(request, form, now)
    typed = form.cleaned_data
    person = None
    if not typed["phone"]:
        names = {name: typed[name] for name in ("given_names", "surname_1", "surname_2")}
        person = identity_hash(**names, birth_date=typed["born"])
    call = calls.at_hand(request.session, now=now) or _begin(request, "", request.session.get(LAST_CHANNEL, ""), now)
    try:
        account = register_caller(
            phone=typed["phone"],
            reason=typed["reason"],
            person=person,
            agent=signed_in(request),
            call_reference=call.reference,
            now=now,
        )
    except PhoneUnclear as error:
        form.add_error("phone", say(error))
        return _register_page(request, form, now)
    return _open(request, call, Found(account, False), now, proof=calls.REGISTERED)


def _register_page(request: StaffRequest, form: RegisterForm, now: datetime) -> HttpResponse:
    if request.method == "POST" and "register" in request.POST and "channel" in request.POST:
        typed_wish = _wish_of(request)[1]
        reference = request.POST.get("reference", "")[:40].replace("\x00", "").strip()
        call = _begin(request, reference, request.POST["channel"][:10], now)
        call.wish = typed_wish or call.wish
        calls.keep(request.session, call, now=now)
        return draw(request, "register.html", {"form": form})
    return draw(request, "register.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@console_page
def end(request: StaffRequest) -> HttpResponse:
    """The caller is gone from the screen; seats that were kept for them and not booked go back."""
    now = clock()
    call = calls.at_hand(request.session, now=now)
    if call is not None:
        _finish(request, call, now)
    messages.success(request, _("The call is over. Nothing of it is on this page any more."))
    return redirect("staff_console")


def _finish(request: StaffRequest, call: Call, now: datetime) -> None:
    _let_go(call, now)
    detail = {"account": call.account_id, "booked": call.booked}
    record(actor=request.user, action="call.end", target=("call", call.reference), now=now, detail=detail)
    calls.forget(request.session)


def _let_go(call: Call, now: datetime) -> None:
    """Seats that were kept for this caller and not booked go back."""
    account = User.objects.filter(pk=call.account_id).first() if call.account_id and call.hold_id else None
    if account is None or call.hold_id is None:
        return
    try:
        release_hold(account=account, hold_id=call.hold_id, now=now, channel=call.channel)
    except BookingError:
        return  # it is gone already


@require_POST
@console_page
def keys(request: StaffRequest) -> HttpResponse:
    """Shortcut letters on or off; whoever uses speech input or a screen reader needs them off."""
    request.session[KEYS_OFF] = not request.session.get(KEYS_OFF)
    return redirect("staff_console")


urlpatterns = [
    path("telefono/", console, name="staff_console"),
    path("telefono/registrar/", register, name="staff_console_register"),
    path("telefono/buscar/", require_POST(console_page(with_caller(search))), name="staff_console_search"),
    path("telefono/terminar/", end, name="staff_console_end"),
    path("telefono/teclas/", keys, name="staff_console_keys"),
]
