"""The public side of an emergency: what counts and what helps at once, then one small page after another.

A draft keeps every answer and file on the way, so that an error, a lost line or an empty battery loses nothing.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.drafts import entry_of, fits
from appointments.emergencies import asking
from appointments.emergencies.errors import EmergencyError, sentence
from appointments.emergencies.files import BadFile, InMemory, checked, short_name
from appointments.emergencies.forms import PleaForm
from appointments.emergencies.help import what_helps, why_sentence
from appointments.emergencies.messages import when_words
from appointments.emergencies.offers import requests_of
from appointments.emergencies.people import MOST_PEOPLE, has, people_of
from appointments.forms import PersonForm
from appointments.models import Applicant, Appointment, EmergencyKind, EmergencyRequest, EmergencyStatus
from appointments.models.emergency import MOST_OPEN, MOST_PROOFS
from mexitel.accounts.access import person
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """What counts, what helps at once, how it goes on. For everybody; it reads nothing."""
    context = {"line": settings.PROTECTION_LINE, "kinds": [kind.label for kind in EmergencyKind]}
    return render(request, "emergencies/start.html", context)


@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@personal
def emergency_ask(request: HttpRequest) -> HttpResponse:
    """The first page of the form; it begins or changes the account's draft."""
    now = clock()
    own = requests_of(person(request))
    draft = own.filter(status=EmergencyStatus.DRAFT).first()
    waiting = list(own.waiting())
    if draft is None and len(waiting) >= MOST_OPEN:
        return render(request, "emergencies/too_many.html", {"requests": waiting})
    sent = request.method == "POST"
    form = PleaForm(
        request.POST if sent else None, today=earliest_today(now), initial=PleaForm.told(draft) if draft else None
    )
    if sent and form.is_valid():
        kept = asking.keep_draft(account=person(request), plea=form.plea(), now=now)
        return redirect("emergency_people", kept.pk)
    context = {"form": form, "draft": draft, "line": settings.PROTECTION_LINE}
    return render(request, "emergencies/ask.html", context, status=422 if sent else 200)


def earliest_today(now: datetime) -> date:
    """Today where the network's day begins last: nobody hears that their today is over."""
    return (now - timedelta(hours=10)).date()


def own_request(view: Callable) -> Callable:
    """The view gets the signed-in person's own request; a stranger's looks like one that never was."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, request_id: UUID, **kwargs: object) -> HttpResponse:
        found = get_object_or_404(requests_of(person(request)), pk=request_id)
        return view(request, found, **kwargs)

    return wrapped


def own_draft(view: Callable) -> Callable:
    """As ``own_request``; what was sent is looked at and no longer changed."""

    @own_request
    @wraps(view)
    def wrapped(request: HttpRequest, asked: EmergencyRequest, **kwargs: object) -> HttpResponse:
        if asked.status != EmergencyStatus.DRAFT:
            return redirect("emergency", asked.pk)
        return view(request, asked, **kwargs)

    return wrapped


@require_http_methods(["GET", "POST"])
@own_draft
def emergency_people(request: HttpRequest, draft: EmergencyRequest) -> HttpResponse:
    """For whom: somebody of the list, or typed. Up to five people."""
    now = clock()
    people = people_of(draft)
    free = [one for one in selectors.saved_applicants(person(request)) if not has(people, entry_of(one))]
    sent, full = request.method == "POST", len(people) >= MOST_PEOPLE
    form = _person_form(draft, None)
    if sent and request.POST.get("quitar", "").isdecimal():
        gone = int(request.POST["quitar"])
        rest = [one for place, one in enumerate(people, start=1) if place != gone]
        asking.keep_people(request=draft, people=rest, now=now)
        return redirect("emergency_people", draft.pk)
    chosen = next((one for one in free if str(one.pk) == request.POST.get("applicant")), None) if sent else None
    if sent and not full:
        form = _person_form(draft, request.POST) if chosen is None else _person_form(draft, _as_data(chosen))
        if form.is_valid() and not _is_there(form, people):
            entry = form.entry(applicant_id=chosen.pk if chosen else None)
            asking.keep_people(request=draft, people=[*people, entry], now=now)
            return redirect("emergency_people" if "otra" in request.POST else "emergency_proofs", draft.pk)
    context = {
        "draft": draft,
        "people": people,
        "saved": [] if sent else free,
        "form": form,
        "asks": not full and (sent or not people or "otra" in request.GET),
        "room": not full,
    }
    return render(request, "emergencies/people.html", context, status=422 if sent else 200)


def _person_form(draft: EmergencyRequest, data: object) -> PersonForm:
    return PersonForm(data, procedure=draft.procedure, session_day=draft.needed_by, auto_id="id_%s")


def _as_data(applicant: Applicant) -> dict:
    data = dict(vars(entry_of(applicant)))
    born: date = data.pop("birth_date")
    return data | {"birth_date_day": born.day, "birth_date_month": born.month, "birth_date_year": born.year}


def _is_there(form: PersonForm, people: list) -> bool:
    there = has(people, form.entry())
    if there:
        form.add_error("given_names", _("This person is in your request already."))
    return there


# The files of this page stay in memory (emergencies/files.py); a handler must be set before the form is read, which
# the check of its token does. So the token is checked one step later, and never left out.
@csrf_exempt
def emergency_proofs(request: HttpRequest, request_id: UUID) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]
    return _proofs(request, request_id=request_id)


@csrf_protect
@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@own_request
def _proofs(request: HttpRequest, asked: EmergencyRequest) -> HttpResponse:
    """Up to three files, before it is sent and while it waits. What could be read is kept, whatever else was wrong."""
    now = clock()
    if asked.closed_at:
        return redirect("emergency", asked.pk)
    errors = []
    if request.method == "POST":
        files = request.FILES.getlist("prueba")
        for file in files:
            try:
                content, media = checked(file)
                asking.add_proof(request=asked, name=short_name(file.name), content=content, media=media, now=now)
            except BadFile as bad:
                errors.append({"text": _bad_file(bad), "href": "#id_prueba"})
            except EmergencyError as refusal:
                errors.append({"text": sentence(refusal), "href": "#id_prueba"})
                break
        if not files:
            errors.append({"text": _("Choose a photo or a file first."), "href": "#id_prueba"})
        if not errors:
            messages.success(request, _("We have your file."))
            return redirect("emergency_proofs", asked.pk)
    proofs = list(asked.proofs.defer("content").order_by("place"))
    context = {
        "asked": asked,
        "proofs": proofs,
        "errors": errors,
        "room": MOST_PROOFS - len(proofs),
        "is_draft": asked.status == EmergencyStatus.DRAFT,
    }
    return render(request, "emergencies/proofs.html", context, status=422 if errors else 200)


@require_POST
@own_request
def emergency_proof_remove(request: HttpRequest, asked: EmergencyRequest, proof_id: UUID) -> HttpResponse:
    asking.remove_proof(request=asked, proof_id=proof_id)
    messages.success(request, _("The file is deleted."))
    return redirect("emergency_proofs", asked.pk)


@require_http_methods(["GET", "POST"])
@limited("booking", methods=("POST",))
@own_draft
def emergency_check(request: HttpRequest, draft: EmergencyRequest) -> HttpResponse:
    """Everything once more, then it goes to the office."""
    people = people_of(draft)
    if not people or not all(fits(one, procedure=draft.procedure, day=draft.needed_by) for one in people):
        messages.info(request, _("Say for whom it is. Check the procedure and the date of birth."))
        return redirect("emergency_people", draft.pk)
    errors = []
    if request.method == "POST":
        try:
            asking.send_request(request=draft, now=clock())
        except EmergencyError as refusal:
            errors = [{"text": sentence(refusal)}]
        else:
            messages.success(request, _("Your request is with the office."))
            return redirect("emergency", draft.pk)
    context = {
        "draft": draft,
        "people": people,
        "proofs": list(draft.proofs.defer("content").order_by("place")),
        "errors": errors,
        "line": settings.PROTECTION_LINE,
    }
    return render(request, "emergencies/check.html", context, status=409 if errors else 200)


@require_safe
@own_request
def emergency(request: HttpRequest, asked: EmergencyRequest) -> HttpResponse:
    """Where the request stands: what comes next, the appointment, or why not and what else helps."""
    if asked.status == EmergencyStatus.DRAFT:
        return redirect("emergency_check", asked.pk)
    appointments = Appointment.objects.for_pages().filter(party_id=asked.party_id, account=person(request))
    context = {
        "asked": asked,
        "people": people_of(asked),
        "proofs": list(asked.proofs.defer("content").order_by("place")),
        "answer_by": when_words(asked),
        "appointments": list(appointments.order_by("starts_at", "pk")) if asked.party_id else [],
        "why": why_sentence(asked.why),
        "helps": what_helps(asked),
        "line": settings.PROTECTION_LINE,
    }
    return render(request, "emergencies/request.html", context)


@require_http_methods(["GET", "POST"])
@own_request
def emergency_withdraw(request: HttpRequest, asked: EmergencyRequest) -> HttpResponse:
    if request.method == "POST":
        was_draft = asked.status == EmergencyStatus.DRAFT
        try:
            asking.withdraw(request=asked, now=clock())
        except EmergencyError as refusal:
            messages.error(request, sentence(refusal))
            return redirect("emergency", asked.pk)
        messages.success(request, _("You withdrew the request. Your files are deleted."))
        return redirect("emergencies") if was_draft else redirect("emergency", asked.pk)
    if asked.closed_at:
        return redirect("emergency", asked.pk)
    return render(request, "emergencies/withdraw.html", {"asked": asked})


def _bad_file(bad: BadFile) -> str:
    sentences = {
        "too_large": _("“%(name)s” is larger than 5 MB. Take a photo of it with your phone."),
        "empty": _("“%(name)s” is empty. Choose it again."),
        "not_readable": _("We cannot read “%(name)s”. Send a photo (JPEG or PNG) or a PDF."),
    }
    return sentences[bad.code] % {"name": bad.name}


urlpatterns = [
    path("urgencias/", emergencies, name="emergencies"),
    path("urgencias/pedir/", emergency_ask, name="emergency_ask"),
    path("urgencias/<uuid:request_id>/", emergency, name="emergency"),
    path("urgencias/<uuid:request_id>/quien/", emergency_people, name="emergency_people"),
    path("urgencias/<uuid:request_id>/pruebas/", emergency_proofs, name="emergency_proofs"),
    path(
        "urgencias/<uuid:request_id>/pruebas/<uuid:proof_id>/quitar/",
        emergency_proof_remove,
        name="emergency_proof_remove",
    ),
    path("urgencias/<uuid:request_id>/revisar/", emergency_check, name="emergency_check"),
    path("urgencias/<uuid:request_id>/retirar/", emergency_withdraw, name="emergency_withdraw"),
]
