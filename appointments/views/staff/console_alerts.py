"""News of openings on the telephone: an agent asks for it, or ends it, for the caller at hand."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.announcing.asking import AlertError, ask, sentence, stop
from appointments.announcing.forms import AlertForm
from appointments.models import ReleaseAlert
from appointments.views.staff.console import Desk, console_page, with_caller
from consulates.access import StaffRequest
from mexitel.audit.services import record


@require_http_methods(["GET", "POST"])
@console_page
def alerts(request: StaffRequest) -> HttpResponse:
    return with_caller(_page)(request)


def _page(request: StaffRequest, desk: Desk) -> HttpResponse:
    desk.keep()
    mine = ReleaseAlert.objects.filter(account=desk.caller, stopped_at=None).select_related("consulate", "procedure")
    if "alert" in request.POST:
        found = next((one for one in mine if str(one.pk) == request.POST["alert"]), None)
        if found is not None:
            with transaction.atomic():
                stop(found, now=desk.now)
                _record(desk, "alert.stop", found)
            messages.success(request, _("The caller gets no more news of that office."))
        return redirect("staff_console_alerts")
    sent = request.method == "POST"
    form = AlertForm(request.POST if sent else None, now=desk.now)
    if sent and form.is_valid():
        try:
            _ask(desk, form)
        except AlertError as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, _("The caller is told when that office announces places."))
            return redirect("staff_console_alerts")
    standing = list(mine.order_by("pk"))
    desk.look(appointments=0, page="alerts")
    return desk.render("alerts.html", {"form": form, "alerts": standing}, status=422 if form.errors else 200)


@transaction.atomic
def _ask(desk: Desk, form: AlertForm) -> None:
    wish = form.cleaned_data
    alert = ask(
        account=desk.caller, consulate=wish["oficina"], procedure=wish["tramite"], hour_before=wish["antes"],
        now=desk.now,
    )  # fmt: skip
    _record(desk, "alert.ask", alert)


def _record(desk: Desk, action: str, alert: ReleaseAlert) -> None:
    detail = {"call": desk.call.reference, "office": alert.consulate.code}
    record(actor=desk.agent, action=action, target=desk.caller, now=desk.now, detail=detail)


urlpatterns = [path("telefono/avisos/", alerts, name="staff_console_alerts")]
