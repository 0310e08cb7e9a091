"""What waits in this room for staff's first page: the door, callers, urgent requests, closures, samples to look at."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.emergencies.offers import queue
from appointments.models import Closure, EmergencyRequest, EmergencyStatus, SampledRequest
from appointments.models.attendance import AttendanceState
from appointments.models.closure import ClosureState, OrphanState
from appointments.services.day import ON_THE_ROSTER
from consulates.models import Session, SessionStatus
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work
from consulates.todays_work import SIGNATURES
from consulates.wording import clock, local_day, moment, short_date

TODAY = gettext_lazy("Today in the office")
DAY = timedelta(days=1)
NEED_SOMEBODY = (OrphanState.TO_CALL, OrphanState.NO_SEAT)
WITHOUT_WORDS = ("words", "people", "answer")


def _door(state: AttendanceState) -> Count:
    here = Q(appointment__attendances__session=F("pk"), appointment__attendances__state=state)
    return Count("appointment__attendances", filter=here, distinct=True)


@kind_of_work(10, TODAY, May.DESK)
def doors(asked: Asked) -> Iterable[Line]:
    """Each session of this day, on the calendar of its own zone, with where its people stand."""
    days = [asked.now.date() + DAY * shift for shift in (-1, 0, 1)]
    open_ones = Session.staff.filter(date__in=days, status__in=[SessionStatus.PUBLISHED, SessionStatus.HELD])
    sessions = (
        asked.of(open_ones)
        .select_related("consulate")
        .annotate(
            listed=Count("appointment", filter=Q(appointment__status__in=ON_THE_ROSTER), distinct=True),
            waiting=_door(AttendanceState.ARRIVED),
            served=_door(AttendanceState.SERVING),
            attended=_door(AttendanceState.ATTENDED),
            missed=_door(AttendanceState.NO_SHOW),
        )
        .order_by("starts_at", "pk")
    )
    for session in sessions:
        if session.date == local_day(asked.now, session.time_zone):
            yield _session(session)


def _session(session: Any) -> Line:
    counts = [
        (_("On the roster"), session.listed),
        (_("Waiting"), session.waiting),
        (_("Being served"), session.served),
        (_("Were attended"), session.attended),
        (_("Have not come"), session.missed),
    ]
    hours = f"{clock(session.starts_at, session.time_zone)} – {clock(session.ends_at, session.time_zone)}"
    return Line(
        f"{session.place_name or session.consulate.name}, {hours}",
        f"{address('staff_roster', session.consulate.code)}?jornada={session.pk}",
        " · ".join(f"{name}: {count}" for name, count in counts),
    )


@kind_of_work(20, gettext_lazy("Telephone"), May.PHONE)
def calls(asked: Asked) -> Iterable[Line]:
    return [Line(_("Answer a call"), address("staff_console"), _("Find the person, book, move or cancel."))]


@kind_of_work(30, gettext_lazy("Urgent requests"), May.EMERGENCY)
def urgent_requests(asked: Asked) -> Iterable[Line]:
    """Least time left first; what waits for a signature stands with the signatures."""
    waiting: list[Any] = [one for one in queue(now=asked.now) if one.status == EmergencyStatus.OPEN]
    lines = (
        Line(
            f"{one.get_kind_display()} · {one.consulate.name}",
            address("staff_emergency", one.pk),
            _left(one),
            urgent=one.is_late,
        )
        for one in waiting
        if one.consulate.is_practice == asked.practice
    )
    return first_few(lines, address("staff_emergencies"))


def _left(request: Any) -> str:
    """The clock of the request, in words."""
    by = _("answer by %(when)s") % {"when": moment(request.answer_by, request.consulate.time_zone)}
    if request.is_late:
        left = _("Late")
    elif request.minutes_left < 60:
        count = request.minutes_left
        left = ngettext("%(count)d minute left", "%(count)d minutes left", count) % {"count": count}
    else:
        left = _("%(hours)d h left") % {"hours": request.minutes_left // 60}
    return f"{left}; {by}"


@kind_of_work(41, SIGNATURES, May.SIGN)
def seats_to_sign(asked: Asked) -> Iterable[Line]:
    """Seats outside the public pool above the daily number, proposed by somebody else."""
    waiting = asked.of(EmergencyRequest.staff.waiting().filter(status=EmergencyStatus.TO_SIGN))
    others = waiting.exclude(proposed_by=asked.access.user).select_related("consulate").defer(*WITHOUT_WORDS)
    lines = (
        Line(
            _("Urgent place · %(office)s") % {"office": one.consulate.name},
            address("staff_emergency_sign", one.pk),
            _("answer by %(when)s") % {"when": moment(one.answer_by, one.consulate.time_zone)},
            urgent=one.answer_by < asked.now,
        )
        for one in others
    )
    return first_few(lines, address("staff_emergencies_to_sign"))


@kind_of_work(42, SIGNATURES, May.SIGN)
def closures_to_sign(asked: Asked) -> Iterable[Line]:
    waiting = asked.of(Closure.staff.filter(state=ClosureState.WAITING)).exclude(created_by=asked.access.user)
    lines = (
        Line(
            f"{one.get_kind_display()} · {one.consulate.name}",
            address("staff_closure_sign", one.consulate.code, one.pk),
            ngettext("%(count)d appointment", "%(count)d appointments", one.counted) % {"count": one.counted},
        )
        for one in waiting.select_related("consulate").order_by("created_at", "pk")
    )
    return first_few(lines, "")


@kind_of_work(35, gettext_lazy("People who lost their time"), May.CLOSE)
def people_to_call(asked: Asked) -> Iterable[Line]:
    """Closures with somebody on the list whom a message did not reach, or for whom no seat was found."""
    to_call = Count("orphans", filter=Q(orphans__state__in=NEED_SOMEBODY))
    found = asked.of(Closure.staff.all()).annotate(to_call=to_call).filter(to_call__gt=0)
    lines = (
        Line(
            ngettext("%(count)d person to call", "%(count)d people to call", one.to_call) % {"count": one.to_call},
            address("staff_closure", one.consulate.code, one.pk),
            f"{one.consulate.name}, {short_date(local_day(one.created_at, one.consulate.time_zone))}",
        )
        for one in found.select_related("consulate").order_by("created_at", "pk")
    )
    return first_few(lines, "")


@kind_of_work(70, gettext_lazy("To look at again"), May.AUDIT)
def samples(asked: Asked) -> Iterable[Line]:
    """Decisions about emergencies that the draw chose and nobody has looked at; never one's own."""
    left = SampledRequest.staff.filter(finding="").exclude(decided_by=asked.access.user).count()
    text = ngettext("%(count)d decision of the sample", "%(count)d decisions of the sample", left) % {"count": left}
    return [Line(text, address("staff_emergency_samples"))] if left and not asked.practice else []
