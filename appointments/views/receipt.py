"""The confirmation page that a link opens, its calendar file and QR codes, and the page that checks a receipt.

Whoever has the link sees initials, time and place. Changes need "Mis citas", which asks for a code.
"""

from functools import wraps

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appointments import links, receipts
from appointments.calendar_file import NAME, calendar_file
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from appointments.qr import qr_svg
from appointments.selectors import helper_of
from appointments.visits import Visit, visits_of
from consulates.models import Consulate
from consulates.selectors.notices import notices_of
from consulates.wording import moment
from mexitel.utils.signing import as_jwk, published_keys
from mexitel.utils.time import now as current_time


def told_to_nobody(view):
    """For pages that a secret link opens: not stored, not indexed, and the link is told to no other site."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = never_cache(view)(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        # With "no-referrer" browsers send "Origin: null", and Django refuses the page's own forms.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def behind_a_link(view):
    """Such a page that only shows something."""
    return require_safe(told_to_nobody(view))


@behind_a_link
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    now = current_time()
    visits = _opened(token, now)
    visitors = [visitor for visit in visits for visitor in visit.visitors]
    offices = {visitor.appointment.consulate_id for visitor in visitors if visitor.is_good}
    return render(
        request,
        "appointments/receipt.html",
        {
            "visits": visits,
            "office_notices": notices_of(offices, now) if offices else [],
            "several": len(visitors) > 1,
            "helper": helper_of(visits[0].first),
            "any_good": any(visitor.is_good for visitor in visitors),
            "all_cancelled": all(visitor.is_cancelled for visitor in visitors),
            "all_over": all(visitor.is_over for visitor in visitors),
            "token": token,
            "my_appointments": links.public_url("my_appointments"),
        },
    )


@behind_a_link
def receipt_calendar(request: HttpRequest, token: str) -> HttpResponse:
    content = calendar_file(_opened(token, now := current_time()), now=now)
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@behind_a_link
def receipt_qr(request: HttpRequest, token: str) -> HttpResponse:
    """Only for one appointment, and only while it can be attended."""
    visits = _opened(token, current_time())
    visitors = [visitor for visit in visits for visitor in visit.visitors]
    if len(visitors) != 1 or not visitors[0].is_good:
        raise Http404
    return HttpResponse(qr_svg(visitors[0].appointment), content_type="image/svg+xml")


def _opened(token: str, now) -> list[Visit]:
    """What the link opens. A bad link and a link to nothing are the same 404."""
    try:
        subject = links.read_token(token)
    except links.BadLink:
        raise Http404 from None
    found = Appointment.objects.for_pages().select_related("session__consulate")
    column = "party_id" if subject.kind == "party" else "pk"
    visits = visits_of(found.filter(**{column: subject.id}), now=now)
    if not visits:
        raise Http404
    return visits


class ReceiptForm(forms.Form):
    r = forms.CharField(
        label=_("Link or code of the receipt"),
        help_text=_("Scan the QR code with your phone, or paste its text here."),
        max_length=4 * receipts.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write or paste the code of the receipt.")},
    )


@behind_a_link
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Office and time only: enough for the door, too little to be worth collecting."""
    form = ReceiptForm(request.GET if "r" in request.GET else None)
    context = {"form": form, "verdict": None}
    if form.is_valid():
        context |= _judged(form.cleaned_data["r"])
    return render(request, "appointments/receipt_check.html", context)


def _judged(text: str) -> dict:
    """Signed by us; and, which only the portal knows, still standing at that time."""
    try:
        said = receipts.check(receipts.find_token(text), keys=published_keys())
    except receipts.InvalidReceipt:
        return {"verdict": "invalid"}
    now = current_time()
    office = Consulate.objects.filter(code=said.office).first()
    zones = Appointment.objects.filter(
        reference=said.reference,
        consulate__code=said.office,
        procedure__code=said.procedure,
        starts_at=said.starts_at,
        status__in=[AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW],
    ).values_list("session__time_zone", flat=True)[:1]
    verdict = "replaced" if not zones else "over" if said.starts_at <= now else "good"
    # The zone by name is the session's; what no longer stands is told by its office's clock.
    zone_name = zones[0] if zones else office.time_zone if office else "UTC"
    when = moment(said.starts_at, zone_name)
    return {"verdict": verdict, "office": office.name if office else said.office, "when": when}


@require_safe
def receipt_keys(request: HttpRequest) -> HttpResponse:
    """A JSON Web Key Set, for whoever checks receipts without asking us."""
    response = JsonResponse({"keys": [as_jwk(key) for key in published_keys().values()]})
    response["Cache-Control"] = "public, max-age=3600"
    return response


urlpatterns = [
    path("cita/<str:token>/", receipt, name="receipt"),
    path("cita/<str:token>/cita.ics", receipt_calendar, name="receipt_calendar"),
    path("cita/<str:token>/qr.svg", receipt_qr, name="receipt_qr"),
    path("verificar/", receipt_check, name="receipt_check"),
    path("verificar/clave", receipt_keys, name="receipt_keys"),
]
