"""An agent writes down a review for somebody who calls or stands at the window, in their own words."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from antifraud.errors import BlockError
from antifraud.models import PriorityToken
from antifraud.redress.appealing import appeal_decision, attending, booker_of
from antifraud.redress.forms import CallerForm, CallerReviewForm
from antifraud.redress.links import Mark
from antifraud.redress.shown import opened
from appointments.emergencies.callers import account_of
from appointments.models import Appointment
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@both
@staff_page(May.PHONE)
def staff_review_caller(request: HttpRequest) -> HttpResponse:
    """Find what was cancelled. The search leaves a line, whether it found something or not."""
    form = CallerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        token = _token_of(form.cleaned_data["who"])
        target = token or ("antifraud.prioritytoken", "nobody")
        record(actor=person(request), action="redress.find_caller", target=target, now=clock())
        if token is not None:
            return redirect("staff_review_ask", token.pk)
        form.add_error("who", _("No appointment that a reviewer cancelled has that reference or that phone."))
    status = 422 if form.is_bound else 200
    return render(request, "antifraud/redress/staff/caller.html", {"form": form}, status=status)


@never_cache
@both
@staff_page(May.PHONE)
def staff_review_ask(request: HttpRequest, token_id: UUID) -> HttpResponse:
    shown = opened(Mark("booker", token_id), now=clock())
    if shown is None:
        raise Http404
    form, errors = CallerReviewForm(request.POST if request.method == "POST" else None), []
    if form.is_bound and form.is_valid():
        try:
            _file(request, shown.tokens, token_id, form.cleaned_data)
        except BlockError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _("Written down. Another person answers within 72 hours, in a message and here."))
            return redirect("staff_review_ask", token_id)
    record(actor=person(request), action="redress.see_call", target=shown.first, now=clock())
    context = {"shown": shown, "form": form, "errors": errors}
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/redress/staff/ask.html", context, status=status)


def _file(request: HttpRequest, tokens: list[PriorityToken], token_id: UUID, told: dict) -> None:
    """Who attends asks for their own appointment alone."""
    mine = next(token for token in tokens if token.pk == token_id)
    booked = told["caller"] == "booker"
    agent = person(request)
    appeal_decision(
        tokens=tokens if booked else [mine], person=booker_of(mine) if booked else attending(mine),
        words=told["words"], by=agent, agent_id=agent.pk, now=clock(),
    )  # fmt: skip


def _token_of(typed: str) -> PriorityToken | None:
    """Of the appointment with that reference; else the latest of the only account with that phone."""
    reference = "".join(letter for letter in typed.upper() if letter.isalnum())
    found = PriorityToken.objects.filter(appointment__in=Appointment.objects.filter(reference=reference)).first()
    if found is not None:
        return found
    account = account_of(typed)
    return PriorityToken.objects.filter(account=account).order_by("-created_at", "pk").first() if account else None


urlpatterns = [
    path("telefono/revisiones/", staff_review_caller, name="staff_review_caller"),
    path("telefono/revisiones/<uuid:token_id>/", staff_review_ask, name="staff_review_ask"),
]
