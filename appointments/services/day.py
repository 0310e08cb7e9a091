"""What clerks do at the door: receive, call, note how it ended, take back the last step, and close the day.

Each write locks the session (shared), then the appointment, then its attendance, and leaves a step, an event and an
audit line. Seats and permits are never touched: they end with the session by themselves (DESIGN 4.4).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from appointments.enums import AppointmentStatus, Channel
from appointments.models import Appointment, Attendance, AttendanceStep, Attendee
from appointments.models.attendance import STEPS, UNDO_LENGTH, AttendanceState
from consulates.models import Session, SessionStatus
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

SHORTEST_TURN = 4
# What a state at the door says about the appointment: somebody else in their place means that they did not attend.
OUTCOMES = {
    AttendanceState.ATTENDED: AppointmentStatus.ATTENDED,
    AttendanceState.NO_SHOW: AppointmentStatus.NO_SHOW,
    AttendanceState.OTHER: AppointmentStatus.NO_SHOW,
}
ON_THE_ROSTER = (AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW)


class DayError(Exception):
    """Nothing was written; ``code`` stays the same for machines. Sentences stand in appointments/day/wording.py."""

    code = "day"


class StepRefused(DayError):
    """That does not follow: somebody else noted something meanwhile, or the appointment is no longer on the roster."""

    code = "step_refused"


class SessionIsHeld(DayError):
    """The day was closed; its outcomes stand."""

    code = "session_held"


class NotToday(DayError):
    """The session is on a later day: nobody is received for it yet."""

    code = "not_today"


class TooEarly(DayError):
    """Nobody has failed to come before their time has begun."""

    code = "too_early"


class UndoTooLate(DayError):
    """More than UNDO_LENGTH ago, or taken back already."""

    code = "undo_too_late"


class NoWindow(DayError):
    """Whoever calls says from which window."""

    code = "no_window"


class StillServing(DayError):
    """This clerk has somebody at the window: first it is noted how that ended."""

    code = "still_serving"


class TurnTaken(Exception):
    """Somebody with the same last letters is in this session."""


@dataclass(frozen=True)
class _Door:
    """What one write has locked."""

    appointment: Appointment
    attendance: Attendance


def take_step(
    *, appointment_id: UUID, to: str, by: User, now: datetime, window: str = "", seen: str = "", walk_in: bool = False
) -> Attendance:
    """Note that somebody arrived, is served, attended, did not come, or that another person came in their name.

    ``seen`` is the state that the clerk saw: when it is no longer so, nothing is written. Raises StepRefused,
    SessionIsHeld, NotToday, TooEarly or NoWindow.
    """
    with transaction.atomic():
        door = _lock(appointment_id, by=by, now=now)
        was = AttendanceState(door.attendance.state)
        if (seen and seen != was) or to not in STEPS[was]:
            raise StepRefused
        if to == AttendanceState.NO_SHOW and door.appointment.starts_at > now:
            raise TooEarly
        if to == AttendanceState.SERVING and not window:
            raise NoWindow
        changes: dict = {"walk_in": door.attendance.walk_in or walk_in}
        if to == AttendanceState.ARRIVED and was != AttendanceState.SERVING:
            changes["arrived_at"] = now
        if to == AttendanceState.SERVING:
            changes |= {"window": window, "called_at": now, "called_by": by, "calls": 1}
        if was == AttendanceState.SERVING:
            window = door.attendance.window
        return _write(door, to, before=was, by=by, now=now, window=window, changes=changes)


def no_answer(*, appointment_id: UUID, by: User, now: datetime) -> Attendance:
    """Called, and nobody came to the window: they wait again, behind those whom nobody has called in vain."""
    with transaction.atomic():
        door = _lock(appointment_id, by=by, now=now)
        was = AttendanceState(door.attendance.state)
        if was != AttendanceState.SERVING:
            raise StepRefused
        changes: dict = {"unanswered": door.attendance.unanswered + 1}
        changes |= {} if door.attendance.arrived_at else {"arrived_at": now}
        return _write(door, AttendanceState.ARRIVED, before=was, by=by, now=now, changes=changes)


def call_again(*, appointment_id: UUID, by: User, now: datetime) -> Attendance:
    """The wall shows the turn as new. Raises StepRefused for somebody who is not being called."""
    with transaction.atomic():
        door = _lock(appointment_id, by=by, now=now)
        attendance = door.attendance
        if attendance.state != AttendanceState.SERVING:
            raise StepRefused
        attendance.calls, attendance.called_at = attendance.calls + 1, now
        attendance.save(update_fields=["calls", "called_at"])
        _tell("called_again", door, by=by, now=now, detail={"calls": attendance.calls})
        return attendance


def undo_step(*, appointment_id: UUID, by: User, now: datetime) -> Attendance:
    """Take back the last step, once, within UNDO_LENGTH. Raises UndoTooLate or SessionIsHeld."""
    with transaction.atomic():
        door = _lock(appointment_id, by=by, now=now)
        attendance = door.attendance
        if not attendance.before or attendance.changed_at < now - UNDO_LENGTH:
            raise UndoTooLate
        back = attendance.before
        changes: dict = {"arrived_at": None} if back == AttendanceState.EXPECTED else {}
        return _write(door, back, before="", by=by, now=now, window=attendance.window, changes=changes)


# Fair, and said on the page: those whose time has come before those who came early; behind them whoever did not answer
# a call; of them, people with priority first; then by time, then by arrival.
CALL_NEXT = """
WITH next AS MATERIALIZED (
    SELECT att.id
    FROM appointments_attendance att
    JOIN appointments_appointment a ON a.id = att.appointment_id AND a.session_id = att.session_id
    WHERE att.session_id = %(session)s AND att.state = 'arrived' AND a.status = 'booked'
    ORDER BY a.starts_at <= %(now)s DESC, att.unanswered,
             (a.starts_at <= %(now)s AND EXISTS (
                 SELECT FROM appointments_attendee person WHERE person.appointment_id = a.id AND person.priority)) DESC,
             a.starts_at, att.arrived_at, att.id
    LIMIT 1
    FOR UPDATE OF att SKIP LOCKED
)
UPDATE appointments_attendance att
SET state = 'serving', before = 'arrived', "window" = %(window)s, called_at = %(now)s, called_by_id = %(by)s, calls = 1,
    changed_at = %(now)s, changed_by_id = %(by)s
FROM next WHERE att.id = next.id
RETURNING att.id
"""


def call_next(*, session_id: int, window: str, by: User, now: datetime) -> Attendance | None:
    """Whoever is next comes to ``window``; None when nobody waits. Two clerks never call the same person.

    Raises NoWindow, SessionIsHeld, NotToday, or StillServing (this clerk has somebody at the window).
    """
    if not window:
        raise NoWindow
    with transaction.atomic(), connection.cursor() as cursor:
        _share_session(session_id, now=now)
        # One clerk's two taps, one after the other: the second finds the person whom the first has called.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"call {session_id} {by.pk}"])
        if serving(session_id=session_id, by=by).exists():
            raise StillServing
        cursor.execute(CALL_NEXT, {"session": session_id, "now": now, "window": window, "by": by.pk})
        row = cursor.fetchone()
        if row is None:
            return None
        attendance = Attendance.objects.select_related("appointment").get(pk=row[0])
        _log(_Door(attendance.appointment, attendance), AttendanceState.ARRIVED, by=by, now=now, window=window)
        return attendance


def serving(*, session_id: int, by: User):
    """Whom this clerk has at the window."""
    booked = {"appointment__session_id": session_id, "appointment__status": AppointmentStatus.BOOKED}
    return Attendance.objects.filter(session_id=session_id, state=AttendanceState.SERVING, called_by=by, **booked)


def set_priority(*, appointment_id: UUID, priority: bool, by: User, now: datetime) -> None:
    """Give or take the mark of who is called first; nothing has to be proved."""
    with transaction.atomic():
        door = _lock(appointment_id, by=by, now=now)
        people = Attendee.objects.filter(appointment=door.appointment)
        (people.filter(position=1) if priority else people).update(priority=priority)
        _tell("priority_set" if priority else "priority_taken", door, by=by, now=now, detail={})


def _lock(appointment_id: UUID, *, by: User, now: datetime) -> _Door:
    """The appointment and its attendance in its session of now, made when there is none yet."""
    session_id = Appointment.objects.values_list("session_id", flat=True).get(pk=appointment_id)
    _share_session(session_id, now=now)
    appointment = Appointment.objects.select_for_update(no_key=True).get(pk=appointment_id)
    if appointment.session_id != session_id or appointment.status not in ON_THE_ROSTER:
        raise StepRefused
    fresh = {"changed_at": now, "changed_by": by}
    known = Attendance.objects.select_for_update(no_key=True)
    attendance, _made = known.get_or_create(appointment=appointment, session_id=session_id, defaults=fresh)
    return _Door(appointment, attendance)


def _share_session(session_id: int, *, now: datetime) -> None:
    """Closing the day waits for what is being noted, and what comes after it is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, date, time_zone FROM consulates_session WHERE id = %s FOR SHARE", [session_id])
        status, day, zone_name = cursor.fetchone()
    if status == SessionStatus.HELD:
        raise SessionIsHeld
    if local_day(now, zone_name) < day:
        raise NotToday


def _write(
    door: _Door, to: str, *, before: str, by: User, now: datetime, changes: dict, window: str = ""
) -> Attendance:
    attendance, was = door.attendance, door.attendance.state
    for name, value in (changes | {"state": to, "before": before, "changed_at": now, "changed_by": by}).items():
        setattr(attendance, name, value)
    _save_with_turn(attendance, door.appointment.reference)
    status = OUTCOMES.get(AttendanceState(to), AppointmentStatus.BOOKED)
    if status != door.appointment.status:
        door.appointment.status = status
        door.appointment.save(update_fields=["status"])
    _log(door, was, by=by, now=now, window=window, undo=not before)
    return attendance


def _save_with_turn(attendance: Attendance, reference: str) -> None:
    if attendance.turn or attendance.state not in (AttendanceState.ARRIVED, AttendanceState.SERVING):
        attendance.save()
        return
    length = SHORTEST_TURN
    while not _saved(attendance, reference[-length:]):
        length += 1  # the whole reference is unique


def _saved(attendance: Attendance, turn: str) -> bool:
    attendance.turn = turn
    save: Callable[[], None] = attendance.save
    try:
        with named_violations({"attendance_turn_once": TurnTaken}):
            save()
    except TurnTaken:
        return False
    return True


def _log(door: _Door, was: str, *, by: User, now: datetime, window: str = "", undo: bool = False) -> None:
    state = door.attendance.state
    AttendanceStep.objects.create(
        attendance=door.attendance, before=was, after=state, undo=undo, window=window, at=now, by=by
    )
    _tell("undone" if undo else state, door, by=by, now=now, detail={"from": was, "to": state, "window": window})


def _tell(kind: str, door: _Door, *, by: User, now: datetime, detail: dict) -> None:
    """One event in the appointment's own ledger, and who did it in the audit trail."""
    appointment = door.appointment
    facts = detail | {"session": appointment.session_id, "by": by.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT log_event(%s, %s, %s, %s, %s, %s)",
            [kind, appointment.pk, appointment.account_id, Channel.COUNTER.value, json.dumps(facts), now],
        )
    record(
        actor=by,
        action=f"attendance.{kind}",
        target=appointment,
        now=now,
        office_id=appointment.consulate_id,
        detail=detail | {"session": appointment.session_id},
    )


def lock_session(session_id: int) -> Session:
    """For the end of the day: nobody notes anything meanwhile. Raises SessionIsHeld."""
    session = Session.objects.select_for_update(no_key=True).get(pk=session_id)
    if session.status == SessionStatus.HELD:
        raise SessionIsHeld
    return session
