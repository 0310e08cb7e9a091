"""Drafts become bookable: chosen, shown in numbers with the moment at which they open, then published as shown."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError, zone
from consulates.models import Consulate, Session
from consulates.planning.errors import WorldChanged
from consulates.planning.holidays import proposed
from consulates.planning.publishing import publish_drafts, seal_of
from consulates.planning.publishing_forms import PublishForm
from consulates.planning.world import decided
from consulates.roles import May
from consulates.services.sessions import NotDraft
from mexitel.utils.time import now as clock

from .planning_steps import CORRECT, SAVE, SEAL, step_of, typed_again
from .week import day_typed, rows_of, totals, week_url

MOST = 400
EARLIEST, LATEST = 8, 20


@require_http_methods(["GET", "POST"])
@staff_page(May.PUBLISH)
def staff_publish(request: StaffRequest, office: Consulate) -> HttpResponse:
    """``?desde=`` ticks the drafts of that week; without it all that wait."""
    now = clock()
    waiting = Session.staff.filter(consulate=office, status="draft", release=None, ends_at__gt=now)
    drafts = list(waiting.order_by("starts_at", "id")[:MOST])
    if request.method == "GET":
        week = day_typed(request.GET.get("desde", ""), wording.local_day(now, office.time_zone))
        last = week + timedelta(days=6)
        chosen = {s.id for s in drafts if "desde" not in request.GET or week <= s.date <= last}
        return _choose(request, office, drafts, chosen, PublishForm(office=office, now=now))
    form = PublishForm(request.POST, office=office, now=now)
    ticked = set(request.POST.getlist("sesion"))
    wanted = [session for session in drafts if str(session.id) in ticked]
    errors = [] if wanted else [{"text": _("Choose at least one draft."), "href": "#borradores"}]
    if not form.is_valid() or errors or step_of(request) == CORRECT:
        return _choose(request, office, drafts, {s.id for s in wanted}, form, errors)
    opens_at = form.cleaned_data["opens_at"]
    changed = len(wanted) < len(ticked)
    if step_of(request) == SAVE and not changed:
        try:
            _batch, published = publish_drafts(
                office=office,
                session_ids=[session.id for session in wanted],
                opens_at=opens_at,
                shown=request.POST.get(SEAL, ""),
                by=request.user,
                now=now,
            )
        except (WorldChanged, NotDraft, CalendarError):
            changed = True
        else:
            said = ngettext("%(count)s session is published.", "%(count)s sessions are published.", published.sessions)
            messages.success(
                request, f"{said % {'count': published.sessions}} {_('For ten minutes you can undo it here.')}"
            )
            return redirect(f"{reverse('staff_planning', args=[office.code])}#deshacer")
    return _preview(request, office, wanted, opens_at, now=now, changed=changed)


def _choose(
    request: StaffRequest,
    office: Consulate,
    drafts: list[Session],
    chosen: set[int],
    form: PublishForm,
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context = {
        "office": office,
        "form": form,
        "drafts": [(session, session.id in chosen) for session in drafts],
        "errors": errors or [],
        "back": week_url(office, drafts[0].date) if drafts else reverse("staff_planning", args=[office.code]),
    }
    return render(request, "staff/planning/publish.html", context, status=422 if form.errors or errors else 200)


def _preview(
    request: StaffRequest,
    office: Consulate,
    wanted: list[Session],
    opens_at: datetime | None,
    *,
    now: datetime,
    changed: bool,
) -> HttpResponse:
    moment = opens_at or now
    hour = moment.astimezone(zone(office.time_zone)).hour
    context: dict[str, Any] = {
        "office": office,
        "sums": totals(rows_of(wanted, now=now)),
        "count": len(wanted),
        "first": wanted[0].date,
        "last": wanted[-1].date,
        "opens": wording.moment(moment, office.time_zone),
        "at_once": opens_at is None,
        "odd_hour": not EARLIEST <= hour < LATEST,
        "holidays": _on_holidays(office, wanted),
        "staff_seats": sum(session.staff_seats for session in wanted),
        "emergency_seats": sum(session.emergency_seats for session in wanted),
        "changed": changed,
        "typed": typed_again(request),
        "seal": seal_of(wanted, opens_at=opens_at, office=office, by=request.user),
    }
    return render(request, "staff/planning/publish_preview.html", context, status=409 if changed else 200)


def _on_holidays(office: Consulate, sessions: list[Session]) -> list[dict[str, Any]]:
    first, last = sessions[0].date, max(session.date for session in sessions)
    closed = decided(office, first=first, last=last)
    days = {session.date for session in sessions}
    return [
        {"holiday": one, "is_decided": one.day in closed}
        for one in proposed(first=first, last=last, state=office.state)
        if one.day in days and closed.get(one.day, True)
    ]


urlpatterns = [path("oficinas/<slug:code>/semana/publicar/", staff_publish, name="staff_publish")]
