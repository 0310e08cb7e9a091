"""The public side of the waiting list: join in two pages, look where one stands, answer an offer, leave.

An offer's page opens with the link of the message, without signing in: it shows initials and can do two things, accept
for the people who waited, or say no.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.errors import BookingError, HoldExpired
from appointments.forms import PersonForm
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.links import receipt_path
from appointments.models import WaitingDay, WaitingEntry
from appointments.refusals import sentence as refusal_sentence
from appointments.services import save_applicant
from appointments.views.receipt import told_to_nobody
from appointments.waiting import days, joining
from appointments.waiting.answering import Offered, accept, decline, offered
from appointments.waiting.errors import NoOffer, WaitingError, WaitsAlready, sentence
from appointments.waiting.forms import WaitForm, WhoForm, initial_of, kept, typed_again
from appointments.waiting.joining import Wanted
from appointments.waiting.shown import own_entries, shown_entry, until_words
from appointments.waiting.words import days_words, hours_words
from consulates.models import Consulate
from consulates.wording import clock as clock_words
from consulates.wording import moment
from mexitel.accounts.access import person
from mexitel.utils.browsers import seen_of
from mexitel.utils.calendar import long_date
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

TYPED = "waiting"


@require_http_methods(["GET", "POST"])
@limited("search")
def waiting_join(request: HttpRequest) -> HttpResponse:
    """What the list is, the places that one has, and the first page of joining. What was typed waits for a sign-in."""
    now = clock()
    sent = request.method == "POST"
    form = WaitForm(request.POST if sent else None, now=now, initial=_asked_before(request))
    if sent and form.is_valid():
        request.session[TYPED] = kept(request.POST)
        return redirect("waiting_who")
    mine = own_entries(person(request), now=now) if request.user.is_authenticated else []
    context = {"form": form, "entries": mine, "asks": sent or not mine or request.GET.keys() & {"otra", "cambiar"}}
    return render(request, "waiting/join.html", context, status=422 if sent else 200)


def _asked_before(request: HttpRequest) -> dict[str, Any]:
    """What a search said already, or whoever wants to change what they told."""
    if "cambiar" in request.GET:
        return initial_of(request.session.get(TYPED) or {})
    asked: dict[str, Any] = {
        name: request.GET[name][:120] for name in ("tramite", "lugar") if "\x00" not in request.GET.get(name, "\x00")
    }
    if request.GET.get("fin_de_semana"):
        asked["dias"] = ["6", "7"]
    if request.GET.get("oficina"):
        asked["oficinas"] = [request.GET["oficina"][:40]]
    return asked


@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@personal
def waiting_who(request: HttpRequest) -> HttpResponse:
    """For whom: people of the list, or somebody who is added to it. Then they wait."""
    now = clock()
    told = WaitForm(typed_again(request.session.get(TYPED) or {}), now=now)
    if not told.is_valid():
        return redirect("waiting_join")
    wanted = told.wanted()
    adds = request.method == "POST" and "agregar" in request.POST
    joins = request.method == "POST" and not adds
    saved = selectors.saved_applicants(person(request))
    new = PersonForm(request.POST if adds else None, procedure=wanted.procedure, session_day=wanted.last_day)
    if adds and new.is_valid():
        added = save_applicant(account=person(request), entry=new.entry(), today=now.date(), now=now)
        return redirect(f"{reverse('waiting_who')}?con={added.pk}")
    who = WhoForm(
        request.POST if joins else None,
        saved=saved,
        procedure=wanted.procedure,
        initial={"personas": _marked(request, saved)},
    )
    errors: list[dict[str, str]] = []
    if joins and who.is_valid():
        try:
            entry = joining.join(
                account=person(request), wanted=wanted, people=who.chosen(), now=now, client=seen_of(request)
            )
        except WaitsAlready as refusal:
            errors = [
                {"text": sentence(refusal)},
                {"text": _("See my place in the list"), "href": reverse("waiting_join")},
            ]
        except WaitingError as refusal:
            errors = [{"text": sentence(refusal), "href": "#id_personas_0"}]
        except BookingRefused as refusal:
            errors = [{"text": refusal_sentence(refusal.code)}]
        else:
            request.session.pop(TYPED, None)
            messages.success(request, _("You are in the list."))
            return redirect("waiting_entry", entry.pk)
    context = {
        "who": who,
        "new": new,
        "saved": saved,
        "asks": adds or not saved or "otra" in request.GET,
        "errors": errors,
        "summary": _summary(wanted),
        "procedure": wanted.procedure,
    }
    status = 409 if errors else 422 if request.method == "POST" else 200
    return render(request, "waiting/who.html", context, status=status)


def _marked(request: HttpRequest, saved: list) -> list[int]:
    """Whoever was added just now; a single person of the list is marked already."""
    if request.GET.get("con", "").isdecimal():
        return [int(request.GET["con"])]
    return [saved[0].pk] if len(saved) == 1 else []


def _summary(wanted: Wanted) -> list[dict]:
    if wanted.miles:
        where = _("Less than %(miles)d miles from %(place)s") % {"miles": wanted.miles, "place": wanted.near}
    else:
        found = Consulate.objects.filter(pk__in=wanted.offices).order_by("city")
        where = ", ".join(f"{office.city} ({office.state})" for office in found)
    when = f"{days_words(wanted.weekdays)}, {hours_words(wanted.from_hour, wanted.to_hour)}"
    return [
        {"key": _("Procedure"), "value": wanted.procedure.name},
        {"key": _("Where"), "value": where},
        {"key": _("When"), "value": when.capitalize()},
        {"key": _("Until"), "value": long_date(wanted.last_day)},
    ]


def own_entry(view: Callable) -> Callable:
    """The view gets the signed-in person's own place; a stranger's looks like one that never was."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, entry_id: UUID) -> HttpResponse:
        mine = WaitingEntry.objects.select_related("procedure", "account").filter(account=person(request))
        return view(request, get_object_or_404(mine, pk=entry_id))

    return wrapped


@require_safe
@own_entry
def waiting_entry(request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
    """Where they stand, what is kept for them, and why others were served."""
    now = clock()
    return render(
        request, "waiting/entry.html", {"shown": shown_entry(entry, now=now), "until": long_date(entry.last_day)}
    )


@require_POST
@own_entry
def waiting_stay(request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
    """I still wait; or: without those who have an appointment already."""
    change = joining.without_booked if "sin_citas" in request.POST else joining.stay
    try:
        change(entry=entry, now=clock())
    except WaitingError as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("Your place in the list stands."))
    return redirect("waiting_entry", entry.pk)


@require_http_methods(["GET", "POST"])
@own_entry
def waiting_leave(request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
    now = clock()
    if request.method == "POST":
        joining.leave(entry=entry, now=now)
        messages.success(request, _("You left the list."))
        return redirect("waiting_join")
    if not entry.is_live(now=now):
        return redirect("waiting_entry", entry.pk)
    return render(request, "waiting/leave.html", {"entry": entry})


@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@told_to_nobody
def waiting_offer(request: HttpRequest, code: str) -> HttpResponse:
    """The place that is kept, its clock, and two buttons."""
    now = clock()
    try:
        found = offered(code.upper(), now=now)
    except NoOffer:
        raise Http404 from None
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        answered = _answer(request, found, now)
        if isinstance(answered, HttpResponse):
            return answered
        errors, found = answered, offered(code.upper(), now=clock())
    context = _offer_page(request, found) | {"errors": errors}
    return render(request, "waiting/offer.html", context, status=409 if errors else 200)


def _answer(request: HttpRequest, found: Offered, now) -> HttpResponse | list[dict[str, str]]:
    offer = found.offer
    if "no" in request.POST:
        decline(offer, now=now)
        messages.info(request, _("The place goes to the next person. You keep yours in the list."))
        return redirect("waiting_offer", offer.code)
    try:
        accept(offer, now=now, client=seen_of(request))
    except StepUpNeeded:  # one step more, after which this page is asked again
        return redirect("step_up", offer.hold_id)
    except HoldExpired:
        return redirect("waiting_offer", offer.code)
    except (BookingError, BookingRefused) as refusal:
        return [{"text": refusal_sentence(refusal.code, getattr(refusal, "facts", {}))}]
    messages.success(request, _("The appointment is yours. We are sending you the details."))
    if request.user.is_authenticated and request.user.pk == offer.entry.account_id:
        return redirect(receipt_path(offer.hold_id))
    return redirect("waiting_offer", offer.code)


def _offer_page(request: HttpRequest, found: Offered) -> dict[str, Any]:
    offer = found.offer
    zone_name = offer.session.time_zone
    is_own = request.user.is_authenticated and request.user.pk == offer.entry.account_id
    return {
        "offer": offer,
        "state": found.outcome or "open",
        "is_own": is_own,
        "seconds": max(0, int((offer.expires_at - clock()).total_seconds())),
        "until": until_words(found),
        "moment": moment(offer.starts_at, zone_name),
        "seats": [{"name": _called(entry, is_own), "clock": clock_words(at, zone_name)} for entry, at in found.seats],
        "office": offer.session.consulate,
        "session": offer.session,
    }


def _called(entry, is_own: bool) -> str:
    names = [entry.given_names, entry.surname_1, entry.surname_2]
    if is_own:
        return " ".join(filter(None, names))
    return " ".join(f"{name[0]}." for name in names if name)


@require_safe
@limited("search")
def waiting_days(request: HttpRequest) -> HttpResponse:
    """What each day's order follows from: anybody can recompute it."""
    return render(request, "waiting/days.html", {"days": days.shown_days(now=clock())})


@require_safe
@limited("search")
def waiting_day(request: HttpRequest, day: date) -> JsonResponse:
    """One day as a file: what its order follows from as far as it is public, and once it is drawn the tickets in it."""
    shown = days.shown_day(get_object_or_404(WaitingDay, pk=day))
    body = {"day": day.isoformat(), "state": shown.state, **shown.facts, "tickets": shown.tickets}
    return JsonResponse(body, json_dumps_params={"indent": 1})


urlpatterns = [
    path("lista-de-espera/", waiting_join, name="waiting_join"),
    path("lista-de-espera/quien/", waiting_who, name="waiting_who"),
    path("lista-de-espera/sorteos/", waiting_days, name="waiting_days"),
    path("lista-de-espera/sorteos/<day:day>.json", waiting_day, name="waiting_day"),
    path("lista-de-espera/<uuid:entry_id>/", waiting_entry, name="waiting_entry"),
    path("lista-de-espera/<uuid:entry_id>/sigo/", waiting_stay, name="waiting_stay"),
    path("lista-de-espera/<uuid:entry_id>/salir/", waiting_leave, name="waiting_leave"),
    path("espera/<slug:code>/", waiting_offer, name="waiting_offer"),
]
