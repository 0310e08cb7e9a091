"""Releases for the caller at hand: queues, in which an agent joins and chooses for them with the same ticket in the
same order; places that are kept for callers; and what opens later, to be read out.
"""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.phone import spoken
from appointments.phone.share import kept_for_callers, open_share
from appointments.queueing import times
from appointments.queueing.admission import enter, token_for
from appointments.queueing.joining import join, leave
from appointments.queueing.shown import Room, Stage, open_queues, queue_release, room_of
from appointments.views.staff.console import Desk
from appointments.views.staff.console_booking import _page
from consulates.models import Release
from consulates.releases.shown import Shown, coming_and_past
from consulates.releases.shown import Stage as Opening
from mexitel.audit.services import record

ACTS = {"join": "caller.queue_join", "leave": "caller.queue_leave", "enter": "caller.queue_enter"}


def queues(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every queue that can be joined now and where the caller stands in it, the places kept for callers, what comes."""
    if request.method == "POST":
        return _act(request, desk)
    rooms = [room_of(release, desk.caller, now=desk.now) for release in open_queues(now=desk.now)]
    coming, _past = coming_and_past(now=desk.now)
    context = {
        "rooms": [(room, spoken.about_release(room.release), _when(room), _said(room)) for room in rooms],
        "kept": [
            (one, spoken.about_release(one.release), _until(one.release)) for one in kept_for_callers(now=desk.now)
        ],
        "coming": [
            (one, spoken.when(one.release.opens_at, one.time_zone), _joins(one))
            for one in coming
            if one.stage in {Opening.SOON, Opening.JOINING} and not (one.is_queue and one.stage == Opening.JOINING)
        ],
    }
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
    """The times of the release to read out, the telephone's share among them. In a queue whoever has their turn."""
    typed = request.GET.get("apertura", "")
    share = open_share(int(typed), now=desk.now) if _is_number(typed) else None
    release = share or _release(typed, now=desk.now)
    turn, until = ("", _until(share)) if share else _turn(release, desk)
    if not until:
        return redirect("staff_console_queues")
    context = {
        "is_queue": share is None,
        "release": release,
        "until": until,
        "turn": turn,
        "choice": times.choice_of(release, _asked(request, desk), now=desk.now, by_phone=True),
    }
    desk.keep()
    return desk.render("queue_times.html", context)


def _asked(request: HttpRequest, desk: Desk) -> dict[str, str]:
    """What the page was asked for; before anybody chose, what the caller had said in this call."""
    said = {name: desk.call.wish[name] for name in ("tramite", "personas") if desk.call.wish.get(name)}
    return (said if "tramite" in said else {}) | request.GET.dict()


def _turn(release: Release, desk: Desk) -> tuple[str, str]:
    """The signature of the caller's turn and its end in words; empty when it is not their turn."""
    room = room_of(release, desk.caller, now=desk.now)
    if room.stage != Stage.CHOOSING or room.come_until is None:
        return "", ""
    return token_for(release.pk, desk.caller.pk, room.come_until), spoken.when(room.come_until, room.time_zone)


def _release(typed: str, *, now: datetime) -> Release:
    found = queue_release(int(typed), now=now) if _is_number(typed) else None
    if found is None:
        raise Http404
    return found


def _is_number(typed: str) -> bool:
    return typed.isdecimal() and len(typed) < 18


def _when(room: Room) -> str:
    return spoken.when(room.release.opens_at, room.time_zone)


def _until(release: Release) -> str:
    """How long places of a release are kept for callers."""
    return spoken.when(release.phone_until, release.time_zone) if release.phone_until else ""  # type: ignore[attr-defined]


def _joins(shown: Shown) -> str:
    """What the caller can do about an opening that is still to come."""
    release = shown.release
    if release.joins_from is None:
        return _("Anybody can book from that moment, here as well.")
    if shown.stage == Opening.JOINING:
        return _("They can apply to the draw now.")
    from_when = spoken.when(release.joins_from, shown.time_zone)
    return _("They can join or apply from %(when)s.") % {"when": from_when}


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
    if room.stage == Stage.BEFORE and room.is_late:
        return _("It has opened. You can join now, behind those who are there already.")
    return said.get(room.stage, "")


urlpatterns = [
    path("telefono/filas/", _page(["GET", "POST"], queues), name="staff_console_queues"),
    path("telefono/filas/horarios/", _page(["GET"], queue_times), name="staff_console_queue_times"),
]
