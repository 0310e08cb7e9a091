""" "I am coming": by the link of a reminder without signing in, or on the page of the appointment; and the way back for
whoever did not answer.
"""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.coming.answers import coming_state, say_coming
from appointments.coming.owed import REASON, is_owed
from appointments.coming.releasing import RELEASED_BY
from appointments.coming.tokens import read_token
from appointments.links import BadLink
from appointments.models import Appointment, ComingHow
from appointments.views.mine import own_appointment_or_404
from appointments.views.receipt import told_to_nobody
from appointments.visits import visits_of
from appointments.waiting.joining import bring_to_the_front
from mexitel.accounts.access import person
from mexitel.utils.http import personal
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "POST"])
@told_to_nobody
def coming(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link notes nothing, since programs open links too; the button does. A second tap says the same."""
    now = clock()
    try:
        party_id = read_token(token)
    except BadLink:
        raise Http404 from None
    party = list(Appointment.objects.for_pages().filter(party_id=party_id).order_by("starts_at", "pk"))
    if not party:
        raise Http404
    standing = [one for one in party if one.status == "booked" and one.starts_at > now]
    if request.method == "POST":
        say_coming(standing, how=ComingHow.LINK, now=now)
        return redirect("coming", token)
    state = _state(party, standing, now=now)
    context = {
        "state": state,
        "title": _title(state),
        "visits": visits_of(standing, now=now) if standing else [],
        "several": len(standing) > 1,
        "first": standing[0] if standing else None,
        "released": next((one for one in party if one.cancelled_by == RELEASED_BY), None),
    }
    return render(request, "appointments/coming/coming.html", context)


def _state(party: list[Appointment], standing: list[Appointment], *, now: datetime) -> str:
    if standing:
        return coming_state(standing, now=now) or "early"
    return "released" if any(one.cancelled_by == RELEASED_BY for one in party) else "over"


def _title(state: str) -> str:
    return {
        "ask": _("Are you coming?"),
        "said": _("Thank you: we expect you"),
        "early": _("Your appointment"),
        "released": _("Your place was released"),
    }.get(state, _("Nobody is expected at this time"))


@require_POST
@personal
def appointment_coming(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    if say_coming(selectors.party_of(own, now=now).appointments, how=ComingHow.WEB, now=now):
        messages.success(request, _("Thank you: we expect you."))
    return redirect("appointment", own.pk)


@require_safe
@personal
def coming_back(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Whoever lost a place because nobody answered stands at the front of the waiting list."""
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    if own.cancelled_by != RELEASED_BY:
        return redirect("appointment", own.pk)
    owed = is_owed(person(request), own.procedure_group, now=now)
    is_first = owed and bring_to_the_front(person(request), own.procedure_group, reason=REASON, now=now)
    context = {
        "appointment": own,
        "is_first": is_first,
        "join": f"{reverse('waiting_join')}?tramite={own.procedure.code}" if owed else "",
        "title": _("You are at the front of the waiting list") if is_first else _("Do you still need the appointment?"),
    }
    return render(request, "appointments/coming/back.html", context)


urlpatterns = [
    path("voy/<str:token>/", coming, name="coming"),
    path("mis-citas/<uuid:appointment_id>/voy/", appointment_coming, name="appointment_coming"),
    path("mis-citas/<uuid:appointment_id>/sigo-necesitandola/", coming_back, name="coming_back"),
]
