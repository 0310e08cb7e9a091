"""A colleague who lost the second factor: one person opens, another signs."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consulates.access import StaffRequest, staff_page
from consulates.forms_people import SENTENCES, ReasonForm, add_refusal
from consulates.models import Recovery
from consulates.roles import May
from consulates.services import recoveries
from consulates.services.recoveries import RecoveryError
from consulates.views.staff.people import TEXT_OF_ACT, colleague
from mexitel.audit.services import record
from mexitel.utils.time import now

both = require_http_methods(["GET", "HEAD", "POST"])


@both
@staff_page(May.PEOPLE, fresh=True)
def staff_recovery_open(request: StaffRequest, user_id: int) -> HttpResponse:
    user, form = colleague(user_id), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = recoveries.open_recovery(
                access=request.access, user=user, reason=form.cleaned_data["reason"], now=now()
            )
        except RecoveryError as error:
            add_refusal(form, error.code)
        else:
            messages.success(request, _("Now another colleague has to sign, within 24 hours."))
            return redirect("staff_recovery", opened.pk)
    words = {
        "title": _("Recover a lost second factor"),
        "says": _(
            "First make sure that it is really this person: in front of you, or on a video call. Then another colleague"
            " who may sign has to confirm it. Until then nothing changes."
        ),
        "back": reverse("staff_person", args=[user.pk]),
    }
    return render(request, TEXT_OF_ACT, {"form": form, "person": user, **words})


@require_safe
@staff_page(May.PEOPLE, May.SIGN)
def staff_recoveries(request: StaffRequest) -> HttpResponse:
    moment = now()
    waiting = recoveries.to_sign(access=request.access, now=moment)
    record(
        actor=request.user, action="recovery.list", target=("recovery", "list"), now=moment,
        detail={"seen": len(waiting)},
    )  # fmt: skip
    return render(request, "staff/people/recoveries.html", {"waiting": waiting})


@both
@staff_page(May.PEOPLE, May.SIGN, fresh=True)
def staff_recovery(request: StaffRequest, recovery_id: int) -> HttpResponse:
    moment = now()
    found = get_object_or_404(Recovery.objects.select_related("user", "opened_by", "signed_by"), pk=recovery_id)
    if not recoveries.is_over(request.access, found.user, recoveries.MAY_SIGN, now=moment):
        raise Http404
    errors = []
    if request.method == "POST":
        try:
            if "withdraw" in request.POST:
                recoveries.withdraw_recovery(access=request.access, recovery=found, now=moment)
                messages.success(request, _("The recovery was withdrawn. Nothing changed."))
                return redirect("staff_recoveries")
            if "sign" in request.POST:
                recoveries.sign_recovery(access=request.access, recovery=found, now=moment)
                messages.success(request, _("Signed. We mailed a link that works for one hour."))
                return redirect("staff_recoveries")
            errors = [{"text": _("Choose: sign, or withdraw.")}]
        except RecoveryError as error:
            errors = [{"text": str(SENTENCES[error.code])}]
    else:
        record(actor=request.user, action="recovery.see", target=found.user, now=moment, detail={"recovery": found.pk})
    state = "signed" if found.signed_at else "over" if found.withdrawn_at or found.expires_at <= moment else "open"
    own = request.user in (found.user, found.opened_by)
    context = {"recovery": found, "errors": errors, "state": state, "may_sign": state == "open" and not own}
    return render(request, "staff/people/recovery.html", context)


urlpatterns = [
    path("equipo/<int:user_id>/recuperar/", staff_recovery_open, name="staff_recovery_open"),
    path("equipo/recuperaciones/", staff_recoveries, name="staff_recoveries"),
    path("equipo/recuperaciones/<int:recovery_id>/", staff_recovery, name="staff_recovery"),
]
