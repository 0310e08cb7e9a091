""" "Mis citas": everything an account has, and what can be done with it. A forgotten reference is never a problem."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.closing.shown import own_offers
from appointments.coming.answers import coming_state
from appointments.drawing.shown import own_applications
from appointments.emergencies.offers import requests_of
from appointments.errors import BookingError
from appointments.models import Applicant, Appointment
from appointments.queueing.shown import own_rooms
from appointments.refusals import sentence
from appointments.services import cancel_appointments
from appointments.waiting.shown import own_entries
from consulates.selectors.notices import notices_of
from mexitel.accounts.access import person
from mexitel.accounts.selectors import mail_came_back
from mexitel.utils.http import personal
from mexitel.utils.time import now as clock


@require_safe
@personal
def my_appointments(request: HttpRequest) -> HttpResponse:
    now = clock()
    parties = selectors.upcoming_parties(person(request), now=now)
    offices = {party.first.consulate_id for party in parties}
    context = {
        "parties": parties,
        "office_notices": notices_of(offices, now) if offices else [],
        "holds": [(held, selectors.held_party(held)) for held in selectors.open_holds(person(request), now=now)],
        "queues": own_rooms(person(request), now=now),
        "draws": own_applications(person(request), now=now),
        "offers": own_offers(person(request), now=now),
        "earlier": selectors.earlier_appointments(person(request), now=now),
        "came_back": mail_came_back(person(request), now),
        "emergencies": requests_of(person(request))[:5],
        "waiting": own_entries(person(request), now=now),
    }
    return render(request, "appointments/my_appointments.html", context)


@require_safe
@personal
def appointment(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    party = selectors.party_of(own, now=now)
    context = {
        "appointment": own,
        "party": party,
        "coming": coming_state(party.appointments, now=now),
        "can_change": own.can_change(now=now),
        "office_notices": notices_of([own.consulate_id], now),
    }
    return render(request, "appointments/appointment.html", context)


@require_http_methods(["GET", "POST"])
@personal
def appointment_cancel(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Cancel one, or everybody who was booked together: asked once, done once."""
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    party = selectors.party_of(own, now=now)
    if not own.can_change(now=now):
        if own.cancelled_at is None:
            messages.error(request, sentence("not_cancellable"))
        return redirect("appointment", own.pk)
    errors = []
    if request.method == "POST":
        chosen = chosen_of(party, request.POST.getlist("cita"))
        if chosen:
            try:
                cancel_appointments(account=person(request), appointment_ids=chosen, now=now)
            except BookingError as refusal:
                errors = [{"text": sentence(refusal.code, refusal.facts)}]
            else:
                done = ngettext("The appointment is cancelled.", "The appointments are cancelled.", len(chosen))
                messages.success(request, done)
                return redirect("my_appointments")
        else:
            errors = [{"text": _("Choose whose appointment you want to cancel."), "href": "#cita-1"}]
    context = {"appointment": own, "party": party, "errors": errors}
    return render(request, "appointments/appointment_cancel.html", context, status=422 if errors else 200)


@require_safe
@personal
def people(request: HttpRequest) -> HttpResponse:
    return render(request, "appointments/people.html", {"people": selectors.saved_applicants(person(request))})


@require_POST
@personal
def person_remove(request: HttpRequest, applicant_id: int) -> HttpResponse:
    """Forget a saved person. Appointments keep their own copy of who attends."""
    applicant = get_object_or_404(Applicant, pk=applicant_id, account=person(request), removed_at=None)
    applicant.removed_at = clock()
    applicant.save(update_fields=["removed_at"])
    messages.success(request, _("We removed that person from your list."))
    return redirect("people")


def chosen_of(party: selectors.Party, typed: list[str]) -> list[UUID]:
    """The ids of ``party`` that were ticked; whatever else was sent is not there. A party of one needs no tick."""
    if not party.together:
        return [party.first.pk]
    return [member.pk for member in party.appointments if str(member.pk) in typed]


def own_appointment_or_404(request: HttpRequest, appointment_id: UUID) -> Appointment:
    found = selectors.own_appointments(person(request)).filter(pk=appointment_id).first()
    if found is None:
        raise Http404
    return found
