"""An agent asks for somebody who calls or stands at the window. It counts on the caller's account alone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from appointments.emergencies.asking import ask_emergency
from appointments.emergencies.callers import account_of
from appointments.emergencies.errors import EmergencyError, sentence
from appointments.emergencies.forms import CallerForm, PleaForm
from appointments.emergencies.messages import when_words
from appointments.forms import PersonForm
from appointments.phone import call as calls
from appointments.views.emergencies import earliest_today
from consulates.access import StaffRequest, staff_page
from consulates.models import Procedure
from consulates.roles import May
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.time import now as clock


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(May.PHONE)
def staff_emergency_caller(request: StaffRequest) -> HttpResponse:
    """Find the caller's account. The search leaves a line, whether it found somebody or not."""
    form = CallerForm(request.POST or None)
    sent = request.method == "POST"
    if sent and form.is_valid():
        found = account_of(form.cleaned_data["who"])
        record(
            actor=request.user,
            action="emergency.find_caller",
            target=found or ("accounts.user", "nobody"),
            now=clock(),
        )
        if found is not None:
            return redirect("staff_emergency_ask", found.pk)
        form.add_error("who", _("No account has that reference or that phone. Register the caller first."))
    return render(request, "staff/emergencies/caller.html", {"form": form}, status=422 if sent else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(May.PHONE)
def staff_emergency_ask(request: StaffRequest, account_id: int) -> HttpResponse:
    """The whole request on one page, read out by the caller. Files come later, by the person's own sign-in."""
    now = clock()
    account = get_object_or_404(User, pk=account_id, deleted_at=None, is_active=True, is_staff=False)
    at_hand = calls.at_hand(request.session, now=now)
    call = at_hand if at_hand and at_hand.account_id == account.pk else None  # the console's, of the same caller
    sent = request.method == "POST"
    data = request.POST if sent else None
    plea = PleaForm(
        data, today=earliest_today(now), offices=request.access.offices(May.PHONE).order_by("state", "city")
    )
    told = sent and plea.is_valid()
    person = _person_form(data, plea, today=earliest_today(now))
    errors = []
    if told and person.is_valid():
        try:
            made = ask_emergency(
                account=account,
                plea=plea.plea(),
                people=[person.entry()],
                agent=request.user,
                now=now,
                call_reference=request.POST.get("call_reference", "")[:40],
            )
        except EmergencyError as refusal:
            errors = [{"text": sentence(refusal)}]
        else:
            text = _("The request is with the office. It answers at the latest: %(when)s.")
            messages.success(request, text % {"when": when_words(made)})
            return redirect("staff_console" if call else "staff_emergency_caller")
    context = {
        "account": account,
        "plea": plea,
        "person": person,
        "errors": errors or _form_errors(plea, person),
        "call": call,
        "call_reference": request.POST.get("call_reference", call.reference if call else ""),
    }
    return render(request, "staff/emergencies/ask.html", context, status=422 if sent else 200)


def _person_form(data: object, plea: PleaForm, *, today) -> PersonForm:
    """Ages are judged by the procedure that was chosen; until one is, by none."""
    typed = getattr(plea, "cleaned_data", {})
    procedure = typed.get("procedure") or Procedure()
    return PersonForm(data, procedure=procedure, session_day=typed.get("needed_by") or today, auto_id="id_%s")


def _form_errors(*forms) -> list[dict]:
    return [
        {"text": error, "href": f"#{field.auto_id}"}
        for form in forms
        if form.is_bound
        for field in form
        for error in field.errors
    ]


urlpatterns = [
    path("telefono/urgencias/", staff_emergency_caller, name="staff_emergency_caller"),
    path("telefono/urgencias/<int:account_id>/", staff_emergency_ask, name="staff_emergency_ask"),
]
