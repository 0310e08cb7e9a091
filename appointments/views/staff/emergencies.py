"""The officers' side: a queue against the clock, one request at a time, its proof, and the second signature."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appointments.emergencies import deciding, proofs
from appointments.emergencies.errors import EmergencyError, sentence
from appointments.emergencies.forms import GrantForm, NotSignedForm, RefuseForm, SignForm
from appointments.emergencies.grants import seats_granted
from appointments.emergencies.messages import when_words
from appointments.emergencies.offers import offered_times, queue
from appointments.emergencies.people import people_of
from appointments.errors import BookingError
from appointments.models import EmergencyProof, EmergencyRequest, EmergencyStatus, GrantRule
from appointments.models.emergency import DAILY_GRANTS
from consulates.access import StaffRequest, office_at_hand, staff_page
from consulates.roles import May
from mexitel.audit.services import record
from mexitel.utils.time import now as clock


@require_safe
@staff_page(May.EMERGENCY)
def staff_emergencies(request: StaffRequest) -> HttpResponse:
    """Least time left first. No names: what somebody told is read by who takes the request."""
    now = clock()
    access = request.access
    office = office_at_hand(request, access) if access.may(May.CAMPAIGN) else None
    context = {"requests": queue(now=now), "rule_office": office}
    return render(request, "staff/emergencies/queue.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(May.EMERGENCY)
def staff_emergency(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """One request: take it, read it, say yes or no. Each look at what the person told leaves a line."""
    now = clock()
    asked = _of_staff(request_id)
    offers = offered_times(asked, now=now)
    act = request.POST.get("accion", "")
    yes = GrantForm(request.POST if act == "si" else None, offers=offers)
    no = RefuseForm(request.POST if act == "no" else None)
    errors = []
    if request.method == "POST":
        try:
            if act == "tomar":
                deciding.take_request(request_id=asked.pk, officer=request.user, now=now)
                return redirect("staff_emergency", asked.pk)
            if act == "dejar":
                deciding.leave_request(request_id=asked.pk, officer=request.user, now=now)
                return redirect("staff_emergencies")
            if act == "si" and yes.is_valid():
                return _granted(request, asked, yes)
            if act == "no" and no.is_valid():
                deciding.refuse_request(request_id=asked.pk, officer=request.user, now=now, **no.cleaned_data)
                messages.success(request, _("The answer is on its way to the person."))
                return redirect("staff_emergencies")
        except (EmergencyError, BookingError) as refusal:
            errors = [{"text": sentence(refusal)}]
            asked, offers = _of_staff(request_id), offered_times(asked, now=now)
            yes = GrantForm(request.POST if act == "si" else None, offers=offers)
        errors = errors or _form_errors(yes, no)
    reading = deciding.is_deciding(asked, request.user, now=now)
    if reading:
        record(actor=request.user, action="emergency.look", target=asked, now=now, office_id=asked.consulate_id)
    context = {
        "asked": asked,
        "reading": reading,
        "people": people_of(asked) if reading else [],
        "proofs": list(asked.proofs.defer("content").order_by("place")) if reading else [],
        "answer_by": when_words(asked),
        "is_late": bool(asked.answer_by and asked.answer_by < now and asked.is_waiting),
        "offers": offers,
        "only_later": bool(offers) and not any(offer.is_soon for offer in offers),
        "no_emergency_seats": not any(offer.pool == "emergency" for offer in offers),
        "yes": yes,
        "no": no,
        "errors": errors,
        "may_take": asked.status == EmergencyStatus.OPEN and not reading,
        "taken": asked.taken_until is not None and asked.taken_until > now and not reading,
        **_number(asked, now=now),
    }
    return render(request, "staff/emergencies/request.html", context, status=_status(request, errors))


@never_cache
@require_safe
@staff_page(May.EMERGENCY)
def staff_emergency_proof(request: StaffRequest, request_id: UUID, proof_id: UUID) -> HttpResponse:
    """A file, for the officer who has the request and for nobody else; each look leaves a line. A colleague is
    sent to the request, which may be theirs to take.
    """
    now = clock()
    asked = _of_staff(request_id)
    if not deciding.is_deciding(asked, request.user, now=now):
        return redirect("staff_emergency", asked.pk)
    found = EmergencyProof.objects.select_related("request")
    proof = get_object_or_404(found, pk=proof_id, request=asked)
    if proofs.is_over(proof, now=now):
        raise Http404
    record(
        actor=request.user,
        action="emergency.proof",
        target=proof,
        now=now,
        office_id=asked.consulate_id,
        detail={"request": str(asked.pk)},
    )
    return proofs.served(proof)


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(May.SIGN)
def staff_emergency_sign(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """The second signature above the daily number: what happened and the officer's reason, without names or files."""
    now = clock()
    asked = _of_staff(request_id)
    offers = offered_times(asked, now=now)
    act = request.POST.get("accion", "")
    proposal = asked.proposal or {}
    chosen = {"time": f"{proposal.get('slot')}:{proposal.get('pool')}"}
    yes = SignForm(request.POST if act == "si" else None, offers=offers, initial=chosen)
    no = NotSignedForm(request.POST if act == "no" else None)
    errors = []
    if request.method == "POST":
        try:
            if act == "si" and yes.is_valid():
                offer = yes.offer
                deciding.countersign(
                    request_id=asked.pk, slot=offer.slot, pool=offer.pool, signer=request.user, now=now
                )
                messages.success(request, _("Signed. The person has the appointment and is told."))
                return redirect("staff_emergencies_to_sign")
            if act == "no" and no.is_valid():
                reason = no.cleaned_data["reason"]
                deciding.do_not_sign(request_id=asked.pk, signer=request.user, reason=reason, now=now)
                messages.success(request, _("Not signed. The request is back with the officers."))
                return redirect("staff_emergencies_to_sign")
        except (EmergencyError, BookingError) as refusal:
            errors = [{"text": sentence(refusal)}]
        errors = errors or _form_errors(yes, no)
    record(actor=request.user, action="emergency.look", target=asked, now=now, office_id=asked.consulate_id)
    context = {
        "asked": asked,
        "proposal": proposal,
        "waits": asked.status == EmergencyStatus.TO_SIGN,
        "own": asked.proposed_by_id == request.user.pk,
        "yes": yes,
        "no": no,
        "errors": errors,
        **_number(asked, now=now),
    }
    return render(request, "staff/emergencies/sign.html", context, status=_status(request, errors))


@require_safe
@staff_page(May.SIGN)
def staff_emergencies_to_sign(request: StaffRequest) -> HttpResponse:
    waiting = EmergencyRequest.staff.waiting().filter(status=EmergencyStatus.TO_SIGN)
    found = waiting.select_related("consulate", "procedure").defer("words", "people", "answer")
    return render(request, "staff/emergencies/to_sign.html", {"requests": found})


def _of_staff(request_id: UUID) -> EmergencyRequest:
    found = EmergencyRequest.staff.exclude(status=EmergencyStatus.DRAFT)
    return get_object_or_404(found.select_related("consulate", "procedure", "taken_by", "account"), pk=request_id)


def _granted(request: StaffRequest, asked: EmergencyRequest, form: GrantForm) -> HttpResponse:
    given = deciding.grant_request(
        request_id=asked.pk,
        slot=form.offer.slot,
        pool=form.offer.pool,
        officer=request.user,
        reason=form.cleaned_data["reason"],
        answer=form.cleaned_data["answer"],
        now=clock(),
    )
    if given.status == EmergencyStatus.TO_SIGN:
        messages.info(request, _("Today's number is used up. The request waits for a second signature."))
    else:
        messages.success(request, _("The person has the appointment and is told."))
    return redirect("staff_emergencies")


def _number(asked: EmergencyRequest, *, now) -> dict:
    rule = GrantRule.staff.filter(consulate=asked.consulate_id).first()
    return {
        "given_today": seats_granted(asked.consulate, now=now),
        "allowed_today": rule.daily_grants if rule else DAILY_GRANTS,
    }


def _form_errors(*forms) -> list[dict]:
    return [
        {"text": error, "href": f"#{field.auto_id}{'_0' if field.name in {'time', 'why'} else ''}"}
        for form in forms
        if form.is_bound
        for field in form
        for error in field.errors
    ]


def _status(request: StaffRequest, errors: list) -> int:
    return 422 if request.method == "POST" and errors else 200


urlpatterns = [
    path("urgencias/", staff_emergencies, name="staff_emergencies"),
    path("urgencias/por-firmar/", staff_emergencies_to_sign, name="staff_emergencies_to_sign"),
    path("urgencias/<uuid:request_id>/", staff_emergency, name="staff_emergency"),
    path("urgencias/<uuid:request_id>/firma/", staff_emergency_sign, name="staff_emergency_sign"),
    path("urgencias/<uuid:request_id>/pruebas/<uuid:proof_id>/", staff_emergency_proof, name="staff_emergency_proof"),
]
