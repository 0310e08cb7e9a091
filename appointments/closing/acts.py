"""The act itself: decide, have it signed, carry it out.

Deciding is one transaction: afterwards nothing there is held or confirmed any more. Carrying out is a row of small
transactions, each of which leaves everything right, so that it can be stopped anywhere and run again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from appointments.closing.counts import count_lost, preview_hours
from appointments.models import Closure, Orphan
from appointments.models.closure import ALONE_UP_TO, ClosureKind, ClosureState
from consulates.models import Consulate, Procedure, Session, SessionStatus, Slot
from consulates.services.changes import NewHours, NotPublished, change_hours, close_slots
from consulates.services.suspensions import AlreadySuspended, is_suspended, suspend
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

# People in one transaction: it locks their accounts.
PEOPLE_AT_ONCE = 40
SEATS_AT_ONCE = 2000
# How long an orphaned appointment is kept at least: longer than any proposal, and renewed while it is on a list.
KEPT_FOR = timedelta(days=30)


class ClosingError(Exception):
    """Nothing was written; ``code`` stays the same for machines."""

    code = "closing"


class NothingToClose(ClosingError):
    """No published session that is still to come is among them."""

    code = "nothing_to_close"


class AlreadyClosing(ClosingError):
    """Another closure of one of these sessions is waiting or under way."""

    code = "already_closing"


class ClosedAlready(ClosingError):
    """The session was closed: its hours are nobody's to change."""

    code = "closed_already"


class OwnSignature(ClosingError):
    """The second signature is somebody else's."""

    code = "own_signature"


class NotWaiting(ClosingError):
    """It was signed or refused already."""

    code = "not_waiting"


@dataclass(frozen=True)
class Reason:
    """For the people, in their language."""

    es: str
    en: str


def closable(consulate: Consulate, *, now: datetime) -> QuerySet[Session]:
    """Published sessions with a time to come that is not closed, soonest first."""
    times = Slot.objects.filter(session=OuterRef("pk"), starts_at__gt=now, closed_at=None)
    return consulate.sessions.published().not_over(now=now).filter(Exists(times)).order_by("starts_at", "pk")


def close(*, consulate: Consulate, session_ids: Sequence[int], reason: Reason, by: User, now: datetime) -> Closure:
    """Close what is still to come of published sessions of the office. Above 50 appointments it waits for a second
    signature, and nothing has happened yet. Raises NothingToClose or AlreadyClosing.
    """
    found = closable(consulate, now=now).filter(pk__in=session_ids)
    ids = sorted(found.values_list("pk", flat=True))
    if not ids:
        raise NothingToClose
    counted = count_lost(ids, now=now).appointments
    return _decide(ClosureKind.CLOSE, consulate, ids, counted, reason, by, now)


def close_hours(*, session: Session, new: NewHours, reason: Reason, by: User, now: datetime) -> Closure:
    """Change the hours of a published session; whoever does not fit in them any more comes on a work list.

    Raises CalendarError, SessionOverlaps, NotPublished or AlreadyClosing.
    """
    if session.status != SessionStatus.PUBLISHED or session.ends_at <= now:
        raise NotPublished(str(session.pk))
    if Closure.objects.filter(kind=ClosureKind.CLOSE, since__isnull=False, session_ids__contains=[session.pk]).exists():
        raise ClosedAlready
    counted = preview_hours(session, new, now=now).lost.appointments
    plan = new.as_plan()
    return _decide(ClosureKind.HOURS, session.consulate, [session.pk], counted, reason, by, now, plan=plan)


def close_procedure(
    *, consulate: Consulate, procedure: Procedure, first: date, last: date, reason: Reason, by: User, now: datetime
) -> Closure:
    """Suspend a procedure on some days; whoever booked it comes on a work list. Raises AlreadySuspended."""
    if is_suspended(consulate, procedure, first=first, last=last):
        raise AlreadySuspended(procedure.code)
    sessions = consulate.sessions.published().not_over(now=now).filter(date__range=(first, last), procedures=procedure)
    ids = sorted(sessions.values_list("pk", flat=True))
    counted = count_lost(ids, now=now, procedure_id=procedure.pk).appointments
    plan = {"first": first.isoformat(), "last": last.isoformat()}
    return _decide(
        ClosureKind.SUSPENSION, consulate, ids, counted, reason, by, now, plan=plan, procedure_id=procedure.pk
    )


def _decide(
    kind: ClosureKind,
    consulate: Consulate,
    session_ids: list[int],
    counted: int,
    reason: Reason,
    by: User,
    now: datetime,
    **more: object,
) -> Closure:
    with transaction.atomic():
        # Two acts over one office are decided one after the other.
        Consulate.objects.select_for_update(no_key=True).only("pk").get(pk=consulate.pk)
        unfinished = Closure.objects.filter(
            state__in=[ClosureState.WAITING, ClosureState.RUNNING], session_ids__overlap=session_ids
        )
        if kind != ClosureKind.SUSPENSION and unfinished.exclude(kind=ClosureKind.SUSPENSION).exists():
            raise AlreadyClosing
        closure = Closure.objects.create(
            kind=kind,
            state=ClosureState.WAITING,
            consulate=consulate,
            session_ids=session_ids,
            counted=counted,
            reason_es=reason.es,
            reason_en=reason.en,
            created_at=now,
            created_by=by,
            **more,
        )
        record(
            actor=by,
            action=f"closure.{kind.value}",
            target=closure,
            now=now,
            office_id=consulate.pk,
            reason=reason.es,
            detail={"sessions": session_ids, "appointments": counted, **closure.plan},
        )
        if counted <= ALONE_UP_TO:
            _begin(closure, by=by, now=now)
    return closure


def sign(closure: Closure, *, by: User, now: datetime) -> Closure:
    """The second signature: from now on it is carried out. Raises OwnSignature or NotWaiting, and what ``close_hours``
    and ``close_procedure`` raise.
    """
    with transaction.atomic():
        closure = _waiting(closure)
        with named_violations({"closure_signed_by_somebody_else": OwnSignature}):
            closure.signed_by, closure.signed_at = by, now
            closure.save(update_fields=["signed_by", "signed_at"])
        record(actor=by, action="closure.sign", target=closure, now=now, office_id=closure.consulate_id,
               detail={"appointments": closure.counted})  # fmt: skip
        _begin(closure, by=closure.created_by, now=now)
    return closure


def refuse(closure: Closure, *, by: User, now: datetime) -> Closure:
    """Not signed: nothing happens. Whoever asked for it may take it back. Raises NotWaiting."""
    with transaction.atomic():
        closure = _waiting(closure)
        closure.state = ClosureState.REFUSED
        closure.save(update_fields=["state"])
        record(actor=by, action="closure.refuse", target=closure, now=now, office_id=closure.consulate_id)
    return closure


def _waiting(closure: Closure) -> Closure:
    found = Closure.objects.select_for_update().get(pk=closure.pk)
    if found.state != ClosureState.WAITING:
        raise NotWaiting
    return found


def _begin(closure: Closure, *, by: User, now: datetime) -> None:
    """The decision, with what it changes in the supply."""
    closure.state, closure.since = ClosureState.RUNNING, now
    closure.save(update_fields=["state", "since"])
    if closure.kind == ClosureKind.CLOSE:
        close_slots(closure.session_ids, since=now)
    elif closure.kind == ClosureKind.HOURS:
        change_hours(Session.objects.get(pk=closure.session_ids[0]), NewHours.of_plan(closure.plan), since=now)
    else:
        suspend(
            consulate=closure.consulate,
            procedure_id=cast(int, closure.procedure_id),
            first=date.fromisoformat(closure.plan["first"]),
            last=date.fromisoformat(closure.plan["last"]),
            reason_es=closure.reason_es,
            reason_en=closure.reason_en,
            by=by,
            now=now,
        )


def carry_out(closure_id: int, *, now: datetime) -> int:
    """Until it is done; returns how many people came on the list in this run. May be stopped at any statement and run
    again, also twice at once: what is done is not done again. Must not stand in a transaction of the caller.
    """
    closure = Closure.objects.get(pk=closure_id)
    if closure.state != ClosureState.RUNNING:
        return 0
    withdraw_seats(closure_id)
    wait_for_confirmations(closure_id)
    listed = 0
    while people := _orphan_some(closure, now=now):
        listed += people
    withdraw_seats(closure_id)
    with transaction.atomic():
        if Closure.objects.filter(pk=closure_id, state=ClosureState.RUNNING).update(
            state=ClosureState.DONE, done_at=now
        ):
            detail = {"appointments": Orphan.objects.filter(closure=closure_id).count()}
            record(actor=None, action="closure.done", target=closure, now=now, office_id=closure.consulate_id,
                   detail=detail)  # fmt: skip
    return listed


def carry_on(*, now: datetime) -> int:
    """Whatever was stopped half-way. How many closures were under way."""
    unfinished = list(Closure.objects.filter(state=ClosureState.RUNNING).order_by("pk").values_list("pk", flat=True))
    for closure_id in unfinished:
        carry_out(closure_id, now=now)
    return len(unfinished)


def withdraw_seats(closure_id: int) -> None:
    """In batches that wait for nobody; then the seats in somebody's hands, one at a time."""
    while _number("SELECT withdraw_batch(%s, %s)", closure_id, SEATS_AT_ONCE):
        pass
    left = "SELECT seats_to_withdraw(c) FROM appointments_closure c WHERE c.id = %s ORDER BY 1"
    for seat in _column(left, closure_id):
        _number("UPDATE consulates_seat SET withdrawn_at = (SELECT since FROM appointments_closure WHERE id = %s)"
                " WHERE id = %s AND withdrawn_at IS NULL RETURNING id", closure_id, seat)  # fmt: skip


def wait_for_confirmations(closure_id: int) -> None:
    """Whoever confirms in one of these sessions has locked their seats before they asked whether it is open: when each
    of those seats was free of locks once after the decision, nobody can confirm there any more.
    """
    for seat in _column("SELECT seats_in_flight(%s)", closure_id):
        _number("SELECT id FROM consulates_seat WHERE id = %s FOR UPDATE", seat)


def _orphan_some(closure: Closure, *, now: datetime) -> int:
    with transaction.atomic():
        people = _number(
            "SELECT orphan_batch(%s, %s, %s, %s)",
            closure.pk,
            PEOPLE_AT_ONCE,
            max(now, closure.since or now) + KEPT_FOR,
            now,
        )
        if people:
            record(actor=None, action="closure.orphan", target=closure, now=now, office_id=closure.consulate_id,
                   detail={"appointments": people})  # fmt: skip
    return people


def keep_waiting(*, now: datetime) -> int:
    """People on a list never lose their permits to the calendar. How many were given more time."""
    kept = 0
    while some := _number("SELECT keep_batch(%s, %s, %s, %s)", now + KEPT_FOR / 2, now + KEPT_FOR, PEOPLE_AT_ONCE, now):
        kept += some
    return kept


def _number(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return row[0] if row else 0


def _column(sql: str, *values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
