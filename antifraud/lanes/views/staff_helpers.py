"""Reviewers: who asks to be a registered helper, and who is one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.lanes import helping
from antifraud.lanes.forms import WhyForm
from antifraud.models import Helper, HelperState
from appointments.models import Appointment
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.accounts.addresses import masked
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

A_PAGE = 50
ACTS = {"registrar": helping.confirm, "rechazar": helping.refuse, "retirar": helping.withdraw}


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_helpers(request: HttpRequest) -> HttpResponse:
    """Who waits, oldest first; then everybody else, the latest first."""
    others = Helper.objects.exclude(state=HelperState.ASKED).order_by("-asked_at", "-pk")
    page = Paginator(others.select_related("decided_by"), A_PAGE).get_page(request.GET.get("page"))
    waiting = list(Helper.objects.waiting()[:A_PAGE])
    seen = len(waiting) + len(page.object_list)
    record(actor=person(request), action="helper.list", target=("helper", "list"), now=clock(), detail={"seen": seen})
    return render(request, "antifraud/lanes/staff/helpers.html", {"waiting": waiting, "page": page, "now": clock()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_helper(request: HttpRequest, helper_id: int) -> HttpResponse:
    """One of them, with what they have booked; register, refuse or withdraw, with a reason that the person reads."""
    now = clock()
    helper = get_object_or_404(Helper.objects.select_related("account", "decided_by"), pk=helper_id)
    act = ACTS.get(request.POST.get("accion", "")) if request.method == "POST" else None
    form, errors = WhyForm(request.POST if act else None), []
    if act and form.is_valid():
        try:
            act(helper_id=helper.pk, reviewer=person(request), why=form.cleaned_data["why"], now=now)
        except helping.HelperError as error:
            errors = [{"text": _say(error)}]
            helper.refresh_from_db()
        else:
            messages.success(request, _("Done. The person reads it on their page."))
            return redirect("staff_helper", helper.pk)
    if request.method != "POST":
        record(actor=person(request), action="helper.see", target=helper, now=now)
    account = helper.account
    active = Appointment.objects.filter(account=account).upcoming(now=now)
    context = {
        "helper": helper, "form": form, "errors": errors, "now": now, "active": active.count(),
        "contacts": [masked(contact) for contact in (account.email, account.phone) if contact],
        "stands": helper.stands(now=now),
    }  # fmt: skip
    return render(request, "antifraud/lanes/staff/helper.html", context, status=422 if form.errors or errors else 200)


def _say(error: helping.HelperError) -> str:
    if isinstance(error, helping.OwnRequest):
        return _("Nobody decides about themselves. A colleague does.")
    return _("Somebody decided a moment ago. This is how it stands.")


urlpatterns = [
    path("ayudantes/", staff_helpers, name="staff_helpers"),
    path("ayudantes/<int:helper_id>/", staff_helper, name="staff_helper"),
]
