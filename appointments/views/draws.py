"""The public side of a draw: what it is, the application in small steps, and what became of it.

Until it is sent an application is ids and choices in the session; whoever changes one begins with what they sent.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.drafts import entry_of, fits, save_draft
from appointments.drawing import going_on, joining, settling
from appointments.drawing.bookers import own_application
from appointments.drawing.carrying import credit_of
from appointments.drawing.draft import Draft
from appointments.drawing.errors import DrawError, sentence
from appointments.drawing.forms import NearForm, WhatForm, WhenForm, WhereForm
from appointments.drawing.shown import (
    WON,
    Offered,
    Shown,
    draw_or_none,
    offered_days,
    opening,
    rule,
    seats_in_words,
    shown,
    wishes_in_words,
)
from appointments.errors import BookingError
from appointments.family import LARGEST_FAMILY
from appointments.forms import PersonForm
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.links import receipt_path
from appointments.models import Applicant, DaysWanted, DrawApplication, HalfWanted
from appointments.refusals import sentence as booking_sentence
from appointments.services import save_applicant
from consulates.releases.shown import freed_into
from mexitel.accounts.access import person
from mexitel.utils.browsers import seen_of
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

# -- before it is sent --------------------------------------------------------------------------------


@require_safe
def draw_apply(request: HttpRequest, release_id: int) -> HttpResponse:
    """What is drawn, when, by which rule. For everybody; whoever has applied sees their application."""
    now = clock()
    release = draw_or_none(release_id, now=now)
    if release is None:
        raise Http404
    own = own_application(request.user, release.pk) if request.user.is_authenticated else None
    if own is not None:
        return redirect("draw_application", own.pk)
    procedures = list(release.procedures.all())
    offered = [one for procedure in procedures[:1] for one in offered_days(release, procedure.code, now=now)]
    context = {
        "release": release,
        "opening": opening(release),
        "rule": rule(),
        "procedures": procedures,
        "offices": _by_office(offered),
        "freed": freed_into([release], now=now).get(release.pk, 0),
        "can_apply": release.can_be_joined(now=now),
        "is_early": bool(release.joins_from and now < release.joins_from),
    }
    return render(request, "draws/start.html", context)


def step(view: Callable) -> Callable:
    """The view gets a Draft of a draw that takes applications now; else the person is told on the draw's page."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, release_id: int, **kwargs: object) -> HttpResponse:
        release = draw_or_none(release_id, now=clock())
        if release is None:
            raise Http404
        if not release.can_be_joined(now=clock()):
            return redirect("draw_apply", release.pk)
        return view(request, Draft(request, release, person(request)), **kwargs)

    return wrapped


@require_http_methods(["GET", "POST"])
@step
def draw_what(request: HttpRequest, draft: Draft) -> HttpResponse:
    if len(draft.procedures) == 1:
        return redirect("draw_people", draft.release.pk)
    sent = request.method == "POST"
    form = WhatForm(
        request.POST if sent else None,
        procedures=draft.procedures,
        initial={"procedure": draft.kept.get("procedure")},
    )
    if sent and form.is_valid():
        draft.keep(procedure=form.chosen.code)
        return redirect("draw_people", draft.release.pk)
    return _page(request, "what", draft, step=1, form=form, status=422 if sent else 200)


@require_http_methods(["GET", "POST"])
@step
def draw_people(request: HttpRequest, draft: Draft) -> HttpResponse:
    """For whom: people of the account's list, each ticked; somebody new is added to it."""
    if draft.procedure is None:
        return redirect("draw_what", draft.release.pk)
    saved = [
        one
        for one in selectors.saved_applicants(person(request))
        if fits(entry_of(one), procedure=draft.procedure, day=draft.day)
    ]
    adds = not saved or "otra" in request.GET
    sent, errors = request.method == "POST", []
    form = PersonForm(
        request.POST if sent and adds else None,
        procedure=draft.procedure,
        session_day=draft.day,
        auto_id="id_%s",
    )
    if sent and adds and form.is_valid():
        new = save_applicant(account=person(request), entry=form.entry(), today=draft.day, now=clock())
        people = draft.kept.get("people", [])
        draft.keep(people=[*people, new.pk] if new.pk not in people else people)
        return redirect("draw_people" if saved else _after_people(draft), draft.release.pk)
    if sent and not adds:
        ticked = [one.pk for one in saved if str(one.pk) in request.POST.getlist("persona")]
        if 1 <= len(ticked) <= LARGEST_FAMILY:
            draft.keep(people=ticked)
            return redirect(_after_people(draft), draft.release.pk)
        errors = [{"text": _("Choose for whom it is: one to five people."), "href": "#persona-1"}]
    context = {"saved": saved, "ticked": draft.kept.get("people", []), "adds": adds, "errors": errors}
    return _page(request, "people", draft, step=2, form=form, status=422 if sent else 200, **context)


def _after_people(draft: Draft) -> str:
    return "draw_where" if draft.release.consulates.count() > 1 else "draw_when"


@require_http_methods(["GET", "POST"])
@step
def draw_where(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Offices that suit; with a place told, the nearest first and those within the distance ticked."""
    if draft.procedure is None:
        return redirect("draw_what", draft.release.pk)
    offered = offered_days(draft.release, draft.procedure.code, now=clock())
    sent = request.method == "POST"
    near = NearForm(request.GET if "place" in request.GET else (request.POST if sent else None))
    place = near.cleaned_data["place"] if near.is_bound and near.is_valid() else None
    form = WhereForm(request.POST if sent else None, offered=offered, near=place)
    if sent and form.is_valid():
        draft.keep(offices=form.chosen)
        return redirect("draw_when", draft.release.pk)
    if not sent:
        most = near.cleaned_data.get("within") if place else ""
        ticked = form.within(float(most)) if most else [str(pk) for pk in draft.kept.get("offices", [])]
        form.initial["offices"] = ticked
    return _page(request, "where", draft, step=3, form=form, near=near, status=422 if sent else 200)


@require_http_methods(["GET", "POST"])
@step
def draw_when(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.procedure is None:
        return redirect("draw_what", draft.release.pk)
    offices = draft.kept.get("offices") or []
    everywhere = list(draft.release.consulates.values_list("pk", flat=True))
    if len(everywhere) == 1:
        offices = everywhere
    if not offices:
        return redirect("draw_where", draft.release.pk)
    offered = offered_days(draft.release, draft.procedure.code, now=clock())
    kept = draft.kept
    initial = {name: kept.get(name) for name in ("days", "chosen", "half", "first")}
    initial = {"days": DaysWanted.ANY, "half": HalfWanted.ANY, "first": "office"} | {
        name: value for name, value in initial.items() if value
    }
    sent = request.method == "POST"
    form = WhenForm(request.POST if sent else None, offered=offered, offices=offices, initial=initial)
    if sent and form.is_valid():
        draft.keep(offices=offices, **{"first": "office", **form.cleaned_data})
        return redirect("draw_check", draft.release.pk)
    return _page(request, "when", draft, step=4, form=form, status=422 if sent else 200)


@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@step
def draw_check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Everything once more; then it counts."""
    if page := draft.missing():
        return redirect(page, draft.release.pk)
    errors = []
    if request.method == "POST":
        try:
            made = joining.apply(
                account=person(request),
                release=draft.release,
                wishes=draft.wishes(),
                client=seen_of(request),
                now=clock(),
            )
        except (DrawError, BookingRefused) as refusal:
            errors = [{"text": _say(refusal)}]
        else:
            draft.drop()
            messages.success(request, _("You are in the draw. You do not have to do anything until we write to you."))
            return redirect("draw_application", made.pk)
    own = own_application(person(request), draft.release.pk)
    told = DrawApplication(
        release=draft.release, account=person(request), code=own.code if own else "", **draft.wishes().columns()
    )
    credit = credit_of(told, draft.people)
    context = {
        "rows": [*_rows(told, draft.release.pk)],
        "people": draft.people,
        "opening": opening(draft.release),
        "weight": credit.weight if credit else 1,
        "is_change": own is not None,
        "errors": errors,
        "rule": rule(),
    }
    return _page(request, "check", draft, step=5, status=409 if errors else 200, **context)


def _rows(told: DrawApplication, release_id: int) -> list[dict]:
    pages = {_("Procedure"): "draw_what", _("Offices"): "draw_where"}
    return [
        {"key": key, "value": value, "href": reverse(pages.get(key, "draw_when"), args=[release_id])}
        for key, value in wishes_in_words(told)
        if value
    ]


def _page(request: HttpRequest, name: str, draft: Draft, *, status: int, **context: Any) -> HttpResponse:
    facts = {"release": draft.release, "procedure": draft.procedure, **context}
    return render(request, f"draws/{name}.html", facts, status=status)


def _by_office(offered: list[Offered]) -> list[dict]:
    offices: dict = {}
    for one in offered:
        offices.setdefault(one.office, []).append(one)
    return [
        {"office": office, "days": days, "seats": seats_in_words(sum(one.seats for one in days))}
        for office, days in offices.items()
    ]


# -- afterwards ---------------------------------------------------------------------------------------


def own(view: Callable) -> Callable:
    """The view gets the signed-in person's own application; a stranger's looks like one that never was."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, application_id: UUID, **kwargs: object) -> HttpResponse:
        found = DrawApplication.objects.for_pages().select_related("account", "release__draw_progress")
        application = get_object_or_404(found, pk=application_id, account=person(request))
        return view(request, application, **kwargs)

    return wrapped


@require_safe
@own
def draw_application(request: HttpRequest, application: DrawApplication) -> HttpResponse:
    """Where it stands: what comes next, what was won, or the chance that there was and how to go on."""
    return render(request, "draws/application.html", _context(application))


@require_POST
@limited("booking")
@own
def draw_accept(request: HttpRequest, application: DrawApplication) -> HttpResponse:
    """The won seats become appointments of the people who applied. Nothing is typed again."""
    now = clock()
    win = settling.win_of(application)
    if win is None:
        return redirect("draw_application", application.pk)
    people = {place: [entry] for place, entry in enumerate(settling.people_of(application), start=1)}
    if settling.needs_company(application.procedure):
        save_draft(person(request), people, now=now)
        return redirect("hold", win.hold_id)
    try:
        settling.accept(application=application, client=seen_of(request), now=now)
    except StepUpNeeded:
        save_draft(person(request), people, now=now)  # for the page after the step
        return redirect("step_up", win.hold_id)
    except (DrawError, BookingError, BookingRefused) as refusal:
        context = _context(application) | {"errors": [{"text": _say(refusal)}]}
        return render(request, "draws/application.html", context, status=409)
    booked = ngettext("Your appointment is booked.", "Your appointments are booked.", application.party)
    messages.success(request, booked)
    return redirect(receipt_path(win.hold_id))


@require_http_methods(["GET", "POST"])
@own
def draw_decline(request: HttpRequest, application: DrawApplication) -> HttpResponse:
    """The seats go to the next in order; asked once."""
    state = shown(application, now=clock())
    if state.state == WON and request.method == "POST":
        settling.decline(application=application, now=clock())
        messages.success(request, _("Thank you. The places go to the next in order."))
        return redirect("draw_application", application.pk)
    if state.state != WON:
        return redirect("draw_application", application.pk)
    return render(request, "draws/decline.html", {"shown": state})


@require_http_methods(["GET", "POST"])
@own
def draw_withdraw(request: HttpRequest, application: DrawApplication) -> HttpResponse:
    if request.method == "POST":
        try:
            joining.withdraw(application_id=application.pk, now=clock())
        except DrawError as refusal:
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("You are out of the draw."))
        return redirect("draw_application", application.pk)
    if not application.stands or shown(application, now=clock()).win:
        return redirect("draw_application", application.pk)
    return render(request, "draws/withdraw.html", {"application": application})


@require_POST
@limited("booking")
@own
def draw_carry_on(request: HttpRequest, application: DrawApplication) -> HttpResponse:
    """One tap: into the next draw, now or as soon as there is one."""
    try:
        entered = going_on.carry_on(application=application, client=seen_of(request), now=clock())
    except (DrawError, BookingRefused) as refusal:
        messages.error(request, _say(refusal))
        return redirect("draw_application", application.pk)
    if entered is None:
        messages.success(request, _("As soon as the next draw is announced, we put you in and write to you."))
        return redirect("draw_application", application.pk)
    messages.success(request, _("You are in the next draw with the same wishes. You can change them."))
    return redirect("draw_application", entered.pk)


def _context(application: DrawApplication) -> dict:
    state: Shown = shown(application, now=clock())
    return {
        "shown": state,
        "application": application,
        "rows": [{"key": key, "value": value} for key, value in wishes_in_words(application)],
        "rule": rule(),
        "errors": [],
    }


def _say(refusal: Exception) -> str:
    if isinstance(refusal, DrawError):
        text = sentence(refusal)
    else:
        text = booking_sentence(getattr(refusal, "code", ""), getattr(refusal, "facts", {}))
    about = Applicant.objects.filter(pk=getattr(refusal, "facts", {}).get("applicant", 0)).first()
    return f"{about.full_name}: {text}" if about else text


DRAW = "aperturas/<int:release_id>/sorteo/"
MINE = "mis-sorteos/<uuid:application_id>/"
urlpatterns = [
    path(DRAW, draw_apply, name="draw_apply"),
    path(f"{DRAW}tramite/", draw_what, name="draw_what"),
    path(f"{DRAW}quien/", draw_people, name="draw_people"),
    path(f"{DRAW}oficinas/", draw_where, name="draw_where"),
    path(f"{DRAW}cuando/", draw_when, name="draw_when"),
    path(f"{DRAW}revisar/", draw_check, name="draw_check"),
    path(MINE, draw_application, name="draw_application"),
    path(f"{MINE}aceptar/", draw_accept, name="draw_accept"),
    path(f"{MINE}rechazar/", draw_decline, name="draw_decline"),
    path(f"{MINE}retirar/", draw_withdraw, name="draw_withdraw"),
    path(f"{MINE}seguir/", draw_carry_on, name="draw_carry_on"),
]
