"""Correct a typing error of somebody who attends, from the appointment's own page."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.corrections.correcting import AnotherPerson, correct_attendee
from appointments.corrections.forms import correction_form
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.refusals import sentence
from appointments.views.mine import own_appointment_or_404
from mexitel.accounts.access import person
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@limited("booking", methods=("POST",))
@require_http_methods(["GET", "POST"])
@personal
def appointment_correct(request: HttpRequest, appointment_id: UUID, position: int) -> HttpResponse:
    now = clock()
    own = own_appointment_or_404(request, appointment_id)
    attendee = next((one for one in own.attendees.all() if one.position == position), None)
    if attendee is None:
        raise Http404
    if not own.can_change(now=now):
        messages.error(request, sentence("not_correctable"))
        return redirect("appointment", own.pk)
    form = correction_form(own, attendee, request.POST if request.method == "POST" else None)
    errors, another = [], False
    if request.method == "POST" and form.is_valid():
        try:
            changed = correct_attendee(
                account=person(request), appointment_id=own.pk, position=position, entry=form.entry(), now=now
            )
        except (BookingError, BookingRefused) as refusal:
            another = isinstance(refusal, AnotherPerson)
            errors = [{"text": sentence(refusal.code)}]
        else:
            done = _("It is corrected. We send you the confirmation again.") if changed else _("Nothing was changed.")
            messages.success(request, done)
            return redirect("appointment", own.pk)
    context = {"appointment": own, "attendee": attendee, "form": form, "errors": errors, "another": another}
    status = 409 if errors else 422 if form.errors else 200
    return render(request, "appointments/corrections/correct.html", context, status=status)


urlpatterns = [
    path("mis-citas/<uuid:appointment_id>/corregir/<int:position>/", appointment_correct, name="appointment_correct"),
]
