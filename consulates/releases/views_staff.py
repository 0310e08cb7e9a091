"""Releases as staff make them: written down in an office, looked at, approved by a second person, cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consulates.access import Access, StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Consulate, Procedure, Release, ReleaseOffice, ReleaseState, Session
from consulates.roles import May
from consulates.services.sessions import SupplyError
from mexitel.utils.time import now as clock

from .approving import approve, cancel, seal_of
from .cautions import cautions_for
from .drafting import choose_sessions, discard_draft, parked, releasable, save_draft
from .forms import CancelForm, PeriodForm, ReleaseForm, initial_of, refusal
from .moments import NOTICE
from .numbers import offices_of
from .shown import Shown, show

REFUSED = (SupplyError, CalendarError)
SEAL = "sello"
MOST_SESSIONS = 400
WEEKS_TO_CHOOSE_FROM = 8
PUBLIC = "consulates/releases/_release.html"
LANGUAGES = (("es", "Español"), ("en", "English"))


@require_safe
@staff_page(May.PUBLISH, May.SIGN)
def staff_releases(request: StaffRequest, office: Consulate) -> HttpResponse:
    """Drafts and coming releases in which the office takes part, and the last ones."""
    now = clock()
    found = _with_offices(Release.objects.filter(consulates=office))
    coming = found.filter(state=ReleaseState.ANNOUNCED, opens_at__gt=now)
    over = found.exclude(state=ReleaseState.DRAFT).exclude(pk__in=coming.values("pk")).order_by("-opens_at")
    context = {
        "office": office,
        "drafts": found.filter(state=ReleaseState.DRAFT),
        "coming": coming,
        "over": over[:20],
        "parked": parked(now=now).filter(consulate=office).count(),
        "may_write": request.access.may(May.PUBLISH, office.pk),
    }
    return render(request, "staff/releases/releases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH)
def staff_release_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    return _form(request, office, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH)
def staff_release_edit(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    return _form(request, office, _writable(request, office, release_id))


def _form(request: StaffRequest, office: Consulate, release: Release | None) -> HttpResponse:
    offices = request.access.offices(May.PUBLISH).real().order_by("state", "city")  # type: ignore[attr-defined]
    initial = initial_of(release) if release else {"offices": [office.pk]}
    form = ReleaseForm(request.POST if request.method == "POST" else None, initial=initial, offices=offices)
    if form.is_bound and form.is_valid():
        chosen = list(form.cleaned_data["offices"])
        try:
            draft = save_draft(form.terms(), offices=chosen, by=request.user, now=clock(), release=release)
        except REFUSED as error:
            form.add_error("hour" if isinstance(error, CalendarError) else None, refusal(error))
        else:
            where = chosen[0] if office not in chosen else office
            step = "staff_release" if draft.sessions.exists() else "staff_release_sessions"
            return redirect(step, where.code, draft.pk)
    context = {"office": office, "release": release, "form": form, "back": _back(office, release)}
    return render(request, "staff/releases/form.html", context, status=422 if form.errors else 200)


def _back(office: Consulate, release: Release | None) -> str:
    if release is None:
        return reverse("staff_releases", args=[office.code])
    return reverse("staff_release", args=[office.code, release.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH)
def staff_release_sessions(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    """Sessions of a period (``?first=&last=``), ticked where they are in the release; saving is about those shown."""
    now, release = clock(), _writable(request, office, release_id)
    period = _period(request, release, now=now)
    sessions: list[Session] = []
    if period.is_valid():
        first, last = period.cleaned_data["first"], period.cleaned_data["last"]
        sessions = _choice(release, first, last, now=now)
    ticked = set(request.POST.getlist("sesion"))
    errors = []
    if request.method == "POST":
        among = [session.pk for session in sessions]
        chosen = [session.pk for session in sessions if str(session.pk) in ticked]
        try:
            choose_sessions(release, chosen=chosen, among=among, by=request.user, now=now)
        except REFUSED as error:
            errors = [{"text": refusal(error), "href": "#sesiones"}]
        else:
            return redirect("staff_release", office.code, release.pk)
    is_new = not release.sessions.exists()
    context = {
        "office": office,
        "release": release,
        "period": period,
        "rows": [(session, is_new or session.release_id == release.pk) for session in sessions],
        "errors": errors,
        "is_full": len(sessions) == MOST_SESSIONS,
        "many_offices": release.offices.count() > 1,
    }
    return render(request, "staff/releases/sessions.html", context, status=422 if errors or period.errors else 200)


def _period(request: StaffRequest, release: Release, *, now: datetime) -> PeriodForm:
    """As asked for; else the days of the release's own sessions; else the weeks after its opening."""
    own = list(release.sessions.order_by("date").values_list("date", flat=True))
    first = own[0] if own else max(release.opens_at, now).date() + timedelta(days=1)
    last = own[-1] if own else first + timedelta(weeks=WEEKS_TO_CHOOSE_FROM)
    usual = {"first": first.isoformat(), "last": last.isoformat()}
    return PeriodForm({name: request.GET.get(name) or day for name, day in usual.items()})


def _choice(release: Release, first: date, last: date, *, now: datetime) -> list[Session]:
    found = releasable(now=now, release=release).filter(date__range=(first, last), starts_at__gt=release.opens_at)
    found = found.filter(consulate__in=release.consulates.all()).select_related("consulate")
    if procedures := list(release.procedures.all()):
        found = found.filter(procedures__in=procedures).distinct()
    return list(found[:MOST_SESSIONS])


@require_safe
@staff_page(May.PUBLISH, May.SIGN)
def staff_release(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    """A release with everything that the public sees or will see of it."""
    now, release = clock(), _found(office, release_id)
    is_draft = release.state == ReleaseState.DRAFT
    context = {
        "office": office,
        "release": release,
        "is_draft": is_draft,
        "may_write": _everywhere(request.access, May.PUBLISH, release),
        "may_sign": _everywhere(request.access, May.SIGN, release),
        "is_own": release.made_by_id == request.user.pk,
        "may_cancel": release.state == ReleaseState.ANNOUNCED and now + NOTICE <= release.opens_at,
        **_preview(release, now=now),
    }
    return render(request, "staff/releases/release.html", context)


def _preview(release: Release, *, now: datetime, told: Sequence[str] = ()) -> dict[str, Any]:
    """What the public reads, in both languages, with the cautions and the seal of a draft."""
    context: dict[str, Any] = {"errors": [{"text": sentence} for sentence in told]}
    if release.state != ReleaseState.DRAFT:
        shown = show(release, release.offices.select_related("consulate"), release.procedures.all(), now=now)
        return context | {"shown": shown, "pages": [], "cautions": []}
    sessions = list(release.sessions.select_related("consulate").order_by("starts_at", "pk"))
    try:
        offices = offices_of(release, sessions)
    except CalendarError as error:
        offices = list(release.offices.select_related("consulate"))
        context["errors"].append({"text": refusal(error)})
    shown = show(release, offices, _procedures(release, sessions), now=now)
    return context | {
        "shown": shown,
        "sessions": sessions,
        "pages": list(_in_each_language(shown)),
        "cautions": cautions_for(release, offices, sessions, now=now) if sessions else [],
        "seal": seal_of(release, sessions, offices),
    }


def _procedures(release: Release, sessions: Sequence[Session]) -> QuerySet[Procedure]:
    """Those chosen; none chosen: all that the sessions offer, which the announcement writes down."""
    own = release.procedures.all()
    return own if own.exists() else Procedure.objects.filter(sessions__in=sessions).distinct()


def _in_each_language(shown: Shown) -> Any:
    for code, name in LANGUAGES:
        with translation.override(code):
            yield {"code": code, "name": name, "html": render_to_string(PUBLIC, {"shown": shown, "is_preview": True})}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.SIGN, fresh=True)
def staff_release_approve(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    """The second person reads what would be announced, and announces it as it was shown."""
    now, release = clock(), _found(office, release_id)
    if not _everywhere(request.access, May.SIGN, release):
        raise Http404
    told: list[str] = []
    if request.method == "POST":
        try:
            approve(release, shown=request.POST.get(SEAL, ""), by=request.user, now=now)
        except REFUSED as error:
            told = [refusal(error)]
            release.refresh_from_db()
        else:
            messages.success(request, _("Announced. The public reads about it now."))
            return redirect("staff_release", office.code, release.pk)
    if release.state != ReleaseState.DRAFT:
        messages.warning(request, told[0] if told else _("This opening is no draft any more."))
        return redirect("staff_release", office.code, release.pk)
    context = {
        "office": office,
        "release": release,
        "is_own": release.made_by_id == request.user.pk,
        **_preview(release, now=now, told=told),
    }
    return render(request, "staff/releases/approve.html", context, status=409 if told else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PUBLISH, fresh=True)
def staff_release_cancel(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    release = _writable(request, office, release_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            cancel(release, **form.reasons(), by=request.user, now=clock())
        except REFUSED as error:
            form.add_error(None, refusal(error))
        else:
            messages.success(request, _("Cancelled. Its page says why, and its sessions wait for another opening."))
            return redirect("staff_release", office.code, release.pk)
    context = {"office": office, "release": release, "form": form, "sessions": release.sessions.count()}
    return render(request, "staff/releases/cancel.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page(May.PUBLISH)
def staff_release_discard(request: StaffRequest, office: Consulate, release_id: int) -> HttpResponse:
    release = _writable(request, office, release_id)
    try:
        discard_draft(release, by=request.user, now=clock())
    except REFUSED as error:
        messages.warning(request, refusal(error))
        return redirect("staff_release", office.code, release.pk)
    messages.success(request, _("The draft is gone. Its sessions stay as they were."))
    return redirect("staff_releases", office.code)


def _with_offices(releases: QuerySet[Release]) -> QuerySet[Release]:
    rows = ReleaseOffice.objects.select_related("consulate")
    people = ("made_by", "approved_by", "cancelled_by")
    return releases.select_related(*people).prefetch_related(Prefetch("offices", rows))


def _found(office: Consulate, release_id: int) -> Release:
    return get_object_or_404(_with_offices(Release.objects.filter(consulates=office)), pk=release_id)


def _writable(request: StaffRequest, office: Consulate, release_id: int) -> Release:
    """Whoever may publish in all of its offices; to others it does not exist."""
    release = _found(office, release_id)
    if not _everywhere(request.access, May.PUBLISH, release):
        raise Http404
    return release


def _everywhere(access: Access, may: May, release: Release) -> bool:
    return all(access.may(may, row.consulate_id) for row in release.offices.all())


OFFICE = "oficinas/<slug:code>/aperturas/"
ONE = f"{OFFICE}<int:release_id>/"
urlpatterns = [
    path(OFFICE, staff_releases, name="staff_releases"),
    path(f"{OFFICE}nueva/", staff_release_new, name="staff_release_new"),
    path(ONE, staff_release, name="staff_release"),
    path(f"{ONE}cambiar/", staff_release_edit, name="staff_release_edit"),
    path(f"{ONE}jornadas/", staff_release_sessions, name="staff_release_sessions"),
    path(f"{ONE}aprobar/", staff_release_approve, name="staff_release_approve"),
    path(f"{ONE}cancelar/", staff_release_cancel, name="staff_release_cancel"),
    path(f"{ONE}descartar/", staff_release_discard, name="staff_release_discard"),
]
