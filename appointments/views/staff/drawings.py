"""Draws that wait for their public random number, and its entry by hand where this server cannot fetch it."""

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments.allocation import shown
from appointments.allocation.entering import EnterForm, enter
from appointments.allocation.errors import WrongRound
from appointments.allocation.tending import due_at
from appointments.models import Drawing
from consulates.access import StaffRequest, staff_page
from consulates.roles import May
from mexitel.utils.time import now as clock


def _own(request: StaffRequest) -> QuerySet[Drawing]:
    """Of releases in which an office of this person takes part."""
    offices = request.access.offices(May.SIGN)
    drawings = Drawing.objects.filter(release__offices__consulate__in=offices).distinct()
    return drawings.select_related("release")


@require_safe
@staff_page(May.SIGN)
def staff_drawings(request: StaffRequest) -> HttpResponse:
    waiting = _own(request).filter(sealed_at__isnull=False, drawn_at=None).annotate(people=Count("entered"))
    context = {
        "waiting": [(drawing, due_at(drawing)) for drawing in waiting.order_by("sealed_at", "pk")],
        "drawn": _own(request).exclude(drawn_at=None).order_by("-drawn_at")[:20],
        "now": clock(),
    }
    return render(request, "staff/drawings/list.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(May.SIGN, fresh=True)
def staff_drawing(request: StaffRequest, release_id: int) -> HttpResponse:
    drawing = get_object_or_404(_own(request).exclude(sealed_at=None), pk=release_id)
    now, sent, status = clock(), request.method == "POST", 200
    form = EnterForm(request.POST if sent else None)
    if sent and not drawing.drawn_at:
        status = 422
        if form.is_valid():
            try:
                is_drawn = enter(drawing, signature=form.cleaned_data["signature"], actor=request.user, now=now)
            except WrongRound:
                form.add_error("signature", _("This is not the signature of that round. Copy it once more."))
            else:
                told = _("The draw is made.") if is_drawn else _("It is right. A second person enters it too.")
                messages.success(request, told)
                return redirect("staff_drawing", drawing.pk)
    context = {
        "drawing": drawing,
        "due": due_at(drawing),
        "is_due": due_at(drawing) <= now,
        "form": form,
        "entered": drawing.entered.select_related("by"),
        "own": drawing.entered.filter(by=request.user).exists(),
        "servers_page": shown.servers_page(drawing),
    }
    return render(request, "staff/drawings/drawing.html", context, status=status)


urlpatterns = [
    path("sorteos/", staff_drawings, name="staff_drawings"),
    path("sorteos/<int:release_id>/", staff_drawing, name="staff_drawing"),
]
