"""Queues of releases for the caller at hand: the same tickets in the same order, chosen for by an agent."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.phone import spoken
from appointments.queueing import times
from appointments.queueing.admission import enter, token_for
from appointments.queueing.joining import join, leave
from appointments.queueing.shown import Room, Stage, open_queues, queue_release, room_of
from appointments.views.staff.console import Desk
from appointments.views.staff.console_booking import _page
from consulates.models import Release
from mexitel.audit.services import record

ACTS = {"join": "caller.queue_join", "leave": "caller.queue_leave", "enter": "caller.queue_enter"}


def queues(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every queue that can be joined now, and where the caller stands in it."""
    if request.method == "POST":
        return _act(request, desk)
    rooms = [room_of(release, desk.caller, now=desk.now) for release in open_queues(now=desk.now)]
    context = {"rooms": [(room, _when(room), _said(room)) for room in rooms]}
    desk.look(appointments=0, page="queues")
    desk.keep()
    return desk.render("queues.html", context)


def _act(request: HttpRequest, desk: Desk) -> HttpResponse:
    release = _release(request.POST.get("apertura", ""), now=desk.now)
    do = request.POST.get("do", "")
    try:
        if do == "join":
            join(account=desk.caller, release_id=release.pk, now=desk.now, channel=desk.call.channel)
        elif do == "leave":
            leave(account=desk.caller, release=release, now=desk.now)
        elif do == "enter":
            enter(account=desk.caller, release_id=release.pk, now=desk.now)
        else:
            raise Http404
    except (BookingError, BookingRefused) as refusal:
        messages.error(request, spoken.refusal(refusal.code, getattr(refusal, "facts", {})).text)
        return redirect("staff_console_queues")
    detail = {"call": desk.call.reference, "release": release.pk}
    record(actor=desk.agent, action=ACTS[do], target=desk.caller, now=desk.now, detail=detail)
    desk.keep()
    if do == "enter":
        return redirect(f"{reverse('staff_console_queue_times')}?apertura={release.pk}")
    return redirect("staff_console_queues")


def queue_times(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The times of the release to read out; the telephone's share is among them."""
    release = _release(request.GET.get("apertura", ""), now=desk.now)
    room = room_of(release, desk.caller, now=desk.now)
    if room.stage != Stage.CHOOSING or room.come_until is None:
        return redirect("staff_console_queues")
    context = {
        "room": room,
        "release": release,
        "until": spoken.when(room.come_until, room.time_zone),
        "turn": token_for(release.pk, desk.caller.pk, room.come_until),
        "choice": times.choice_of(release, request.GET.dict(), now=desk.now, by_phone=True),
    }
    desk.keep()
    return desk.render("queue_times.html", context)


def _release(typed: str, *, now: datetime) -> Release:
    found = queue_release(int(typed), now=now) if typed.isdecimal() and len(typed) < 18 else None
    if found is None:
        raise Http404
    return found


def _when(room: Room) -> str:
    return spoken.when(room.release.opens_at, room.time_zone)


def _said(room: Room) -> str:
    """Where the caller stands, to be read out."""
    said = {
        Stage.BEFORE: _("You can join now. When you join makes no difference until the opening."),
        Stage.JOINED: _("You are in the queue. At the opening chance decides the order, and we tell you your turn."),
        Stage.DRAWING: _("The order is being drawn. It takes a minute or two."),
        Stage.CALLED: _("It is your turn: we can choose a time now."),
        Stage.CHOOSING: _("It is your turn: we can choose a time now."),
        Stage.MISSED: _("Your turn came and your place was kept: we can choose a time now."),
        Stage.FULL: _("All places of this opening are taken."),
        Stage.BOOKED: _("You booked in this opening."),
        Stage.LEFT: _("You left the queue. You can take your place back."),
    }
    if room.stage == Stage.WAITING:
        facts = {"rank": room.rank, "ahead": room.ahead, "free": room.facts.free}
        return _("You have place %(rank)d; %(ahead)d people are before you, and %(free)d places are free.") % facts
    return said.get(room.stage, "")


urlpatterns = [
    path("telefono/filas/", _page(["GET", "POST"], queues), name="staff_console_queues"),
    path("telefono/filas/horarios/", _page(["GET"], queue_times), name="staff_console_queue_times"),
]
