"""What a caller asks for after they booked: a typing error corrected, or only to say that they come."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments.coming.answers import say_coming
from appointments.corrections.correcting import correct_attendee
from appointments.corrections.forms import correction_form
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.models import Appointment, ComingHow
from appointments.phone import spoken
from appointments.phone.selectors import party_shown
from appointments.views.staff.console import Desk, console_page, with_caller


def correct(request: HttpRequest, desk: Desk, appointment_id: UUID, position: int) -> HttpResponse:
    own = _shown_or_404(desk, appointment_id)
    attendee = next((one for one in own.attendees.all() if one.position == position), None)
    if attendee is None or not own.can_change(now=desk.now):
        raise Http404
    form = correction_form(own, attendee, request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            correct_attendee(
                account=desk.caller, appointment_id=own.pk, position=position, entry=form.entry(), now=desk.now,
                **desk.by,
            )  # fmt: skip
        except (BookingError, BookingRefused) as error:
            refusal = spoken.refusal(error.code)
        else:
            messages.success(request, _("It is corrected. The confirmation is sent again."))
            desk.keep()
            return redirect("staff_console")
    desk.look(appointments=1, page="correct")
    desk.keep()
    status = 409 if refusal else 422 if form.errors else 200
    return desk.render("correct.html", {"appointment": own, "form": form, "refusal": refusal}, status=status)


def coming(request: HttpRequest, desk: Desk, appointment_id: UUID) -> HttpResponse:
    party = party_shown(desk.caller, desk.call, appointment_id, now=desk.now)
    if party is None:
        raise Http404
    if say_coming(party.appointments, how=ComingHow.PHONE, now=desk.now, by=desk.agent):
        messages.success(request, _("It is noted that they come."))
    desk.keep()
    return redirect("staff_console")


def _shown_or_404(desk: Desk, appointment_id: UUID) -> Appointment:
    party = party_shown(desk.caller, desk.call, appointment_id, now=desk.now)
    found = next((one for one in party.appointments if one.pk == appointment_id), None) if party else None
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path(
        "telefono/cita/<uuid:appointment_id>/corregir/<int:position>/",
        require_http_methods(["GET", "POST"])(console_page(with_caller(correct))),
        name="staff_console_correct",
    ),
    path(
        "telefono/cita/<uuid:appointment_id>/viene/",
        require_POST(console_page(with_caller(coming))),
        name="staff_console_coming",
    ),
]
