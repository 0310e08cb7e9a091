"""Move to another time: the old one is kept until the new one is sure, and somebody who holds five can do it too."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments import selectors
from appointments.errors import BookingError
from appointments.forms import WishForm
from appointments.guards import BookingRefused
from appointments.models import Appointment
from appointments.refusals import sentence
from appointments.services import hold_seats
from appointments.views.mine import chosen_of, own_appointment_or_404
from consulates.models import Consulate
from consulates.selectors import office_day, office_month, offices
from consulates.selectors.notices import notices_of
from consulates.wording import local_day
from mexitel.accounts.access import person
from mexitel.utils.browsers import seen_of
from mexitel.utils.http import personal
from mexitel.utils.time import now as clock

DAYS_AHEAD = 60
DAYS_SHOWN = 14


@dataclass(frozen=True)
class MoveChoice:
    """Where the person is looking: whose appointments, in which office, on which day (None: no day chosen yet)."""

    chosen: list[UUID]
    office: Consulate
    day: date | None

    @property
    def query(self) -> str:
        return "".join(f"cita={pk}&" for pk in self.chosen)


@require_http_methods(["GET", "POST"])
@personal
def appointment_move(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    if not own.can_change(now=now):
        return redirect("appointment", own.pk)
    party = selectors.party_of(own, now=now)
    typed = request.POST if request.method == "POST" else request.GET
    # Until somebody unticks a person, the whole family moves together.
    chosen = chosen_of(party, typed.getlist("cita")) or [member.pk for member in party.appointments]
    errors = []
    if request.method == "POST":
        form = WishForm({"slots": request.POST.get("slots"), "procedure": own.procedure.code})
        if form.is_valid():
            try:
                held = hold_seats(
                    account=person(request),
                    wishes=form.cleaned_data["slots"],
                    procedure_id=own.procedure_id,
                    replaces=chosen,
                    client=seen_of(request),
                    now=now,
                )
            except (BookingError, BookingRefused) as refusal:
                errors = [{"text": sentence(refusal.code, getattr(refusal, "facts", {}))}]
            else:
                return redirect("hold_check", held.hold_id)
        else:
            errors = [{"text": _("Choose a time from the list.")}]
    context = _page(own, party, _asked(typed, own, chosen), now=now) | {"errors": errors}
    return render(request, "appointments/appointment_move.html", context, status=409 if errors else 200)


def _asked(typed: Any, own: Appointment, chosen: list[UUID]) -> MoveChoice:
    real = Consulate.objects.real()
    office = real.filter(code=typed.get("oficina", "")[:40].replace("\x00", "")).first() or own.consulate
    try:
        day = date.fromisoformat(typed.get("dia", ""))
    except ValueError:
        day = None
    return MoveChoice(chosen=chosen, office=office, day=day)


def _page(own: Appointment, party: selectors.Party, choice: MoveChoice, *, now: datetime) -> dict:
    today = local_day(now, choice.office.time_zone)
    days = office_month(
        choice.office, first=today, last=today + timedelta(days=DAYS_AHEAD), now=now, procedure=own.procedure
    )
    free_days = [day for day in days.values() if day.free >= len(choice.chosen)][:DAYS_SHOWN]
    sessions = []
    if choice.day and today <= choice.day <= today + timedelta(days=DAYS_AHEAD):
        sessions = office_day(choice.office, choice.day, now=now, procedure=own.procedure, party=len(choice.chosen))
    return {
        "appointment": own,
        "party": party,
        "choice": choice,
        "office_notices": notices_of({own.consulate_id, choice.office.pk}, now),
        "free_days": free_days,
        "sessions": [session for session in sessions if session.choices],
        "offices": offices(on=today),
        "here": reverse("appointment_move", args=[own.pk]),
    }
