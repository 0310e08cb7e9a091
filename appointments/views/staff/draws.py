"""Draws on the telephone: an agent applies for the caller at hand, reads the result, accepts for them. The same ticket,
the same list and the same rule as for whoever applies alone; seats kept for the telephone's share count for them too.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.drafts import entry_of, fits
from appointments.drawing import going_on, joining, settling
from appointments.drawing.bookers import own_application
from appointments.drawing.errors import DrawError, sentence
from appointments.drawing.forms import WhenForm, WhereForm
from appointments.drawing.joining import Wishes
from appointments.drawing.shown import draw_or_none, draws_to_join, offered_days, opening, rule, shown, wishes_in_words
from appointments.errors import BookingError
from appointments.forms import PersonForm
from appointments.guards import BookingRefused
from appointments.models import DrawApplication
from appointments.phone import spoken
from appointments.refusals import sentence as booking_sentence
from appointments.services import save_applicant
from appointments.views.staff.console import Desk, console_page, with_caller
from consulates.models import Procedure, Release

REFUSED = (DrawError, BookingError, BookingRefused)


def draws(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the caller has in draws, and the draws that take applications now."""
    asked = [request.GET.get(name, "") for name in ("sorteo", "tramite")]
    if all(asked):
        return _to_the_form(*asked)
    applications = [shown(one, now=desk.now) for one in _of_caller(desk)]
    desk.look(appointments=0, page="draws")
    desk.keep()
    context = {
        "applications": [(one, wishes_in_words(one.application)) for one in applications],
        "draws": [(one, opening(one), spoken.about_release(one)) for one in draws_to_join(now=desk.now)],
        "wished": desk.call.wish.get("tramite", ""),
    }
    return desk.render("draws.html", context)


def _to_the_form(release_id: str, procedure: str) -> HttpResponse:
    """The draw and the procedure that were chosen from the list; what is neither leads back to it."""
    try:
        return redirect("staff_draw_ask", int(release_id), procedure)
    except (ValueError, NoReverseMatch):
        return redirect("staff_draws")


def ask(request: HttpRequest, desk: Desk, release_id: int, procedure: str) -> HttpResponse:
    """The whole application on one page, read out by the caller. Nobody has to be typed who is on their list."""
    release = draw_or_none(release_id, now=desk.now)
    wanted = release.procedures.filter(code=procedure).first() if release else None
    if release is None or wanted is None or not release.can_be_joined(now=desk.now):
        raise Http404
    sheet = Sheet(request, desk, release, wanted)
    if request.method == "POST" and sheet.is_valid():
        try:
            joining.apply(
                account=desk.caller,
                release=release,
                wishes=sheet.wishes(),
                now=desk.now,
                channel=desk.call.channel,
                agent=desk.agent,
                call_reference=desk.call.reference,
            )
        except REFUSED as refusal:
            sheet.errors.append({"text": _say(refusal)})
        else:
            messages.success(
                request, _("They are in the draw. Say: “You do not have to do anything. We write to you.”")
            )
            return redirect("staff_draws")
    desk.keep()
    context = {"sheet": sheet, "release": release, "procedure": wanted, "opening": opening(release), "rule": rule()}
    return desk.render("draw_ask.html", context, status=422 if sheet.errors else 200)


class Sheet:
    """The forms of one application, and what is wrong in them."""

    def __init__(self, request: HttpRequest, desk: Desk, release: Release, procedure: Procedure) -> None:
        data = request.POST if request.method == "POST" else None
        self.desk, self.release, self.procedure, self.errors = desk, release, procedure, list[dict]()
        own = own_application(desk.caller, release.pk)
        offered = offered_days(release, procedure.code, now=desk.now)
        self.day = min(one.day for one in offered) if offered else release.opens_at.date()
        self.saved = [
            one
            for one in selectors.saved_applicants(desk.caller)
            if fits(entry_of(one), procedure=procedure, day=self.day)
        ]
        told = [one.applicant_id for one in own.people.all()] if own else []
        self.ticked = [int(pk) for pk in data.getlist("persona") if pk.isdecimal()] if data else told
        everywhere = sorted({one.office.pk for one in offered})
        chosen = {"offices": [str(pk) for pk in (own.office_ids if own else everywhere)]}
        self.where = WhereForm(data, offered=offered, initial=chosen)
        self.when = WhenForm(data, offered=offered, offices=everywhere, initial=_initial(own))
        self.adds = bool(data and data.get("given_names")) or not self.saved
        self.person = PersonForm(
            data if self.adds else None, procedure=procedure, session_day=self.day, auto_id="id_%s"
        )

    def is_valid(self) -> bool:
        """A new person is looked at only when somebody wrote a name, or nobody is on the list."""
        forms = [self.where, self.when, *([self.person] if self.adds and not self.ticked else [])]
        if self.person.is_bound and self.person not in forms and self.person.data.get("given_names"):
            forms.append(self.person)
        for form in forms:
            if not form.is_valid():
                self.errors += [
                    {"text": error, "href": f"#{field.auto_id}"} for field in form for error in field.errors
                ]
        return not self.errors

    def wishes(self) -> Wishes:
        people = [one.pk for one in self.saved if one.pk in self.ticked]
        if self.person.is_bound and self.person.data.get("given_names"):
            entry, today = self.person.entry(), self.day
            people.append(save_applicant(account=self.desk.caller, entry=entry, today=today, now=self.desk.now).pk)
        when = self.when.cleaned_data
        return Wishes(
            procedure=self.procedure,
            applicants=tuple(dict.fromkeys(people)),
            offices=tuple(self.where.chosen),
            days=when["days"],
            chosen_days=tuple(day for day in self.when.offered if day.isoformat() in when["chosen"]),
            half=when["half"],
            sooner_first=when.get("first") == "day",
        )


def act(request: HttpRequest, desk: Desk, application_id: UUID) -> HttpResponse:
    """One of the four answers of the caller to one of their applications."""
    application = next((one for one in _of_caller(desk) if one.pk == application_id), None)
    if application is None:
        raise Http404
    deed, done = request.POST.get("do", ""), ""
    try:
        if deed == "accept":
            settling.accept(application=application, now=desk.now, **desk.by)
            done = _("It is booked. Read out day, hour and place.")
        elif deed == "decline":
            settling.decline(application=application, now=desk.now, channel=desk.call.channel, agent=desk.agent)
            done = _("They gave it back. It goes to the next in order.")
        elif deed == "withdraw":
            joining.withdraw(application_id=application.pk, now=desk.now, agent=desk.agent)
            done = _("They are out of the draw.")
        elif deed == "carry":
            going_on.carry_on(application=application, now=desk.now, channel=desk.call.channel, agent=desk.agent)
            done = _("They take part in the next draw, as soon as there is one.")
    except REFUSED as refusal:
        messages.error(request, _say(refusal))
    else:
        if done:
            messages.success(request, done)
    desk.keep()
    return redirect("staff_draws")


def _of_caller(desk: Desk) -> list[DrawApplication]:
    found = DrawApplication.objects.for_pages().select_related("account", "release__draw_progress")
    return list(found.filter(account=desk.caller).order_by("-applied_at")[:10])


def _initial(own: DrawApplication | None) -> dict[str, Any]:
    if own is None:
        return {"days": "any", "half": "any", "first": "office"}
    return {
        "days": own.days_wanted,
        "chosen": [day.isoformat() for day in own.chosen_days],
        "half": own.half_wanted,
        "first": "day" if own.sooner_first else "office",
    }


def _say(refusal: Exception) -> str:
    if isinstance(refusal, DrawError):
        return sentence(refusal)
    return booking_sentence(getattr(refusal, "code", ""), getattr(refusal, "facts", {}))


def _page(view: Any, *methods: str) -> Any:
    return require_http_methods([*methods])(console_page(with_caller(view)))


urlpatterns = [
    path("telefono/sorteos/", _page(draws, "GET"), name="staff_draws"),
    path("telefono/sorteos/<int:release_id>/<slug:procedure>/", _page(ask, "GET", "POST"), name="staff_draw_ask"),
    path(
        "telefono/sorteos/solicitud/<uuid:application_id>/",
        require_POST(console_page(with_caller(act))),
        name="staff_draw_act",
    ),
]
