"""The end of the day: those who never came are marked, the session was held, and its numbers stay."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from appointments.day.roster import numbers
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, DayClosed
from appointments.models.attendance import OPEN, AttendanceState
from appointments.services.day import DayError, lock_session, take_step
from consulates.models import Session
from consulates.planning.publishing import mark_held
from mexitel.accounts.models import User
from mexitel.audit.services import record


class NotEnded(DayError):
    """The session goes on: somebody may still come."""

    code = "not_ended"


class StillOpen(DayError):
    """Somebody is not settled. ``count`` says how many."""

    code = "still_open"

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def mark_rest(*, session_id: int, by: User, now: datetime) -> int:
    """Whoever was expected and never arrived did not come; returns how many. All or nobody.

    People who arrived are settled one by one: a clerk knows how that ended, and this does not. Raises NotEnded or
    SessionIsHeld.
    """
    with transaction.atomic():
        session = lock_session(session_id)
        _must_be_over(session, now)
        rest = Appointment.objects.filter(session=session, status=AppointmentStatus.BOOKED)
        at_the_door = [state for state in OPEN if state != AttendanceState.EXPECTED]
        rest = rest.exclude(attendances__session=session, attendances__state__in=at_the_door)
        ids = list(rest.order_by("pk").values_list("pk", flat=True))
        for appointment_id in ids:
            take_step(appointment_id=appointment_id, to=AttendanceState.NO_SHOW, by=by, now=now)
        detail = {"count": len(ids)}
        record(actor=by, action="day.rest", target=session, now=now, office_id=session.consulate_id, detail=detail)
    return len(ids)


def close_day(*, session_id: int, by: User, now: datetime) -> DayClosed:
    """The session was held. Raises NotEnded, StillOpen or SessionIsHeld (it is closed already)."""
    with transaction.atomic():
        session = lock_session(session_id)
        _must_be_over(session, now)
        found = numbers(session_id)
        if found.open:
            raise StillOpen(found.open)
        counts = asdict(found)
        del counts["still"]
        wait = counts.pop("mean_wait")
        closed = DayClosed.objects.create(
            session=session,
            session_ends_at=session.ends_at,
            closed_at=now,
            closed_by=by,
            mean_wait_seconds=None if wait is None else round(wait.total_seconds()),
            **counts,
        )
        mark_held(session_ids=[session_id], by=by, now=now)
        record(actor=by, action="day.close", target=session, now=now, office_id=session.consulate_id, detail=counts)
    return closed


def _must_be_over(session: Session, now: datetime) -> None:
    if session.ends_at > now:
        raise NotEnded
