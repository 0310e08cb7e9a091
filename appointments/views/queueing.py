"""The room of a queue, and the choice of a time for whoever was let in. Works on any device after signing in."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.queueing import facts, times
from appointments.queueing.admission import NotYourTurn, enter, token_for
from appointments.queueing.express import pass_for
from appointments.queueing.joining import join, leave
from appointments.queueing.shown import Room, Stage, fresh_facts, queue_release, room_of
from appointments.refusals import sentence
from appointments.selectors import Party, upcoming_parties
from consulates.models import Release
from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.utils.browsers import seen_of
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock


def with_release(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets the announced release of a queue, and ``now``."""

    @wraps(view)
    def wrapped(request: HttpRequest, release_id: int) -> HttpResponse:
        now = clock()
        release = queue_release(release_id, now=now)
        if release is None:
            raise Http404
        return view(request, release, now)

    return wrapped


@require_safe
@never_cache
@limited("own")
@with_release
def queue_room(request: HttpRequest, release: Release, now: datetime) -> HttpResponse:
    """Where somebody stands. For everybody to look at; what is personal needs a sign-in that leads back here."""
    room = room_of(release, request.user if isinstance(request.user, User) else None, now=now)
    return _room(request, room)


def _room(request: HttpRequest, room: Room, *, errors: list | None = None) -> HttpResponse:
    here = reverse("queue_room", args=[room.release.pk])
    context = {
        "room": room,
        "release": room.release,
        "errors": errors or [],
        "sign_in": f"{reverse('sign_in')}?{urlencode({'next': here})}",
        "title": _titles()[room.stage],
        "seats": _seats(room) if room.stage == Stage.FULL else 0,
        "express": _pass(request, room) if room.stage == Stage.BEFORE and not errors else "",
    }
    return render(request, "queueing/room.html", context, status=409 if errors else 200)


def _pass(request: HttpRequest, room: Room) -> str:
    """With it the button is answered past the framework (queueing/express.py)."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not isinstance(request.user, User) or not session:
        return ""
    return pass_for(
        account=request.user, release_id=room.release.pk, session=session, client=seen_of(request), now=room.now
    )


def _seats(room: Room) -> int:
    """How many there were."""
    return sum(office.seats for office in room.release.offices.all())


def _titles() -> dict[Stage, str]:
    return {
        Stage.CANCELLED: _("This opening is cancelled"),
        Stage.OPEN: _("This queue is over"),
        Stage.SOON: _("You cannot join this queue yet"),
        Stage.BEFORE: _("Join the queue"),
        Stage.JOINED: _("You are in the queue"),
        Stage.DRAWING: _("The order is being drawn"),
        Stage.WAITING: _("Your place in the queue"),
        Stage.CALLED: _("It is your turn"),
        Stage.CHOOSING: _("It is your turn"),
        Stage.MISSED: _("Your place is kept"),
        Stage.FULL: _("All places of this opening are taken"),
        Stage.BOOKED: _("You booked in this opening"),
        Stage.LEFT: _("You left the queue"),
    }


@require_POST
@personal
@limited("booking")
def queue_join(request: HttpRequest, release_id: int) -> HttpResponse:
    """The hot path: one statement and a redirect. Only a refusal draws a page."""
    now = clock()
    try:
        join(
            account=person(request),
            release_id=release_id,
            now=now,
            client=seen_of(request),
            remind="remind" in request.POST,
        )
    except (BookingError, BookingRefused) as refusal:
        release = queue_release(release_id, now=now)
        if release is None:
            raise Http404 from None
        room = room_of(release, person(request), now=now)
        return _room(request, room, errors=[{"text": sentence(refusal.code)}])
    return redirect("queue_room", release_id)


@require_POST
@personal
@with_release
def queue_leave(request: HttpRequest, release: Release, now: datetime) -> HttpResponse:
    leave(account=person(request), release=release, now=now)
    messages.info(request, _("You left the queue."))
    return redirect("queue_room", release.pk)


@require_POST
@personal
@limited("booking")
@with_release
def queue_enter(request: HttpRequest, release: Release, now: datetime) -> HttpResponse:
    """The ten minutes begin with this press, and not before."""
    try:
        enter(account=person(request), release_id=release.pk, now=now)
    except NotYourTurn:
        return redirect("queue_room", release.pk)
    return redirect("queue_times", release.pk)


@require_safe
@personal
@limited("own")
@with_release
def queue_times(request: HttpRequest, release: Release, now: datetime) -> HttpResponse:
    """The times of this release for whoever is in: procedure and people, office, day, time."""
    account = person(request)
    room = room_of(release, account, now=now)
    if room.stage != Stage.CHOOSING or room.ticket is None or room.ticket.admitted_until is None:
        return redirect("queue_room", release.pk)
    choice = times.choice_of(release, request.GET, now=now)
    context = {
        "room": room,
        "release": release,
        "turn": token_for(release.pk, account.pk, room.ticket.admitted_until),
        "choice": choice,
        "movable": _movable(account, choice, now=now) if choice.times else [],
    }
    return render(request, "queueing/times.html", context)


def _movable(account: User, choice: times.Chosen, *, now: datetime) -> list[Party]:
    """Appointments to come that could move here: the same procedure for as many people."""
    return [
        party
        for party in upcoming_parties(account, now=now)
        if party.first.procedure == choice.procedure
        and len(party.appointments) == choice.party
        and all(one.can_change(now=now) for one in party.appointments)
    ]


@require_safe
def queue_file(request: HttpRequest, release_id: int) -> HttpResponse:
    """The small file that every waiting page looks at: no session, and no database while somebody tends the queue.

    In production the web server gives the file itself, and asks here only when it has none.
    """
    now = clock()
    found = facts.kept(release_id)
    if found is None or not found.is_fresh(now=now):
        release = queue_release(release_id, now=now)
        if release is None:
            raise Http404
        found = fresh_facts(release, now=now)
    tag = f'"{found.at}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = HttpResponse(facts.as_json(found), content_type="application/json", headers={"ETag": tag})
    patch_cache_control(response, public=True, max_age=1)
    return response


urlpatterns = [
    path("aperturas/<int:release_id>/fila/", queue_room, name="queue_room"),
    path("aperturas/<int:release_id>/fila/entrar/", queue_join, name="queue_join"),
    path("aperturas/<int:release_id>/fila/salir/", queue_leave, name="queue_leave"),
    path("aperturas/<int:release_id>/fila/pasar/", queue_enter, name="queue_enter"),
    path("aperturas/<int:release_id>/fila/horarios/", queue_times, name="queue_times"),
    path("aperturas/<int:release_id>/fila.json", queue_file, name="queue_file"),
]
