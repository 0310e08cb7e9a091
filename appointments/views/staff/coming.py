"""Places that nobody confirmed: whom to call, and what the office releases, looked at first and then with one key."""

from datetime import date, datetime
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from appointments.coming.answers import note_call
from appointments.coming.lists import Row, lists_of, releasable
from appointments.coming.releasing import release_rows
from appointments.models import ComingKind
from appointments.models.coming import CALLED
from appointments.views.staff.closures import OF_OFFICE
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

OUTCOMES = {ComingKind.COMING, *CALLED}
NOTE_LENGTH = 200


@require_http_methods(["GET", "POST"])
@staff_page(May.CLOSE, May.PHONE)
def staff_coming(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    may_release = request.access.may(May.CLOSE, office.pk)
    did = request.POST.get("do", "") if request.method == "POST" else ""
    errors = []
    if did in {"preview", "release"}:
        if not may_release:
            raise PermissionDenied
        chosen = releasable(office, request.POST.getlist("cita"), now=now)
        if did == "release" and chosen:
            return _release(request, office, chosen, now=now)
        if chosen:
            return render(request, "staff/coming/preview.html", {"office": office, "rows": chosen})
        errors = [{"text": _("Choose at least one place of the list."), "href": "#sin-confirmar"}]
    elif did in OUTCOMES:
        return _called(request, office, outcome=did, now=now)
    lists = lists_of(office, now=now)
    release = lists.release if may_release else []
    seen = {"listed": len(release), "to_call": len(lists.call), "silent": len(lists.silent)}
    record(actor=person(request), action="coming.list", target=office, now=now, office_id=office.pk, detail=seen)
    context = {
        "office": office,
        "days": _by_day(release),
        "call": lists.call,
        "silent": lists.silent,
        "may_release": may_release,
        "errors": errors,
    }
    return render(request, "staff/coming/list.html", context, status=422 if errors else 200)


def _by_day(rows: list[Row]) -> list[tuple[date, list[Row]]]:
    return [(day, list(found)) for day, found in groupby(rows, key=lambda row: row.day)]


def _release(request: StaffRequest, office: Consulate, chosen: list[Row], *, now: datetime) -> HttpResponse:
    done = len(release_rows(chosen, by=person(request), now=now))
    text = ngettext("%(done)d place is released.", "%(done)d places are released.", done) % {"done": done}
    if done < len(chosen):
        text += " " + _("Somebody answered, moved or cancelled in the meantime: they were left out.")
    messages.success(request, text)
    return redirect("staff_coming", office.code)


def _called(request: StaffRequest, office: Consulate, *, outcome: str, now: datetime) -> HttpResponse:
    known = {str(row.appointment.pk): row for row in lists_of(office, now=now).call}
    row = known.get(request.POST.get("cita", ""))
    if row is None:
        messages.info(request, _("Somebody noted this in the meantime."))
    else:
        words = " ".join(request.POST.get("nota", "").replace("\x00", "").split())[:NOTE_LENGTH]
        note_call(row.appointment, outcome=outcome, by=person(request), now=now, words=words)
        messages.success(request, _("The call is noted."))
    return redirect(f"{reverse('staff_coming', args=[office.code])}#llamar")


urlpatterns = [path(f"{OF_OFFICE}sin-confirmar/", staff_coming, name="staff_coming")]
