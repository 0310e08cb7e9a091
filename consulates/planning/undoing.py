"""Taking an act of the last ten minutes back: only what nobody holds or booked; the rest is listed and stays."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from consulates.calendars import CalendarError
from consulates.models import Consulate, PlanAct, PlanBatch, Session, Slot
from consulates.services.sessions import SessionOverlaps, plan_session
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .errors import TooLate
from .saving import change_draft, delete_drafts, lock_office
from .shapes import plan_of

# The rows that a claim would lock, locked as it locks them: whoever is there first wins, and nobody waits for anybody
# (a move holds its new seat while it waits for its old one). A seat that is not locked here is in somebody's hands.
# One that was given and freed, or closed under somebody, is part of what happened to them: its session stays.
LOCK_SEATS = """
SELECT seat.id,
       seat.holder IS NULL AND seat.until IS NULL AND seat.visible_at = session.published_at
           AND slot.closed_at IS NULL AND seat.unit <= session.windows AS untouched,
       seat.until IS NULL OR seat.until <= %(now)s AS free
FROM consulates_seat seat
JOIN consulates_slot slot ON slot.id = seat.slot_id
JOIN consulates_session session ON session.id = slot.session_id
WHERE session.id = %(session)s
ORDER BY seat.id
FOR UPDATE OF seat SKIP LOCKED
"""
COUNT_SEATS = """
SELECT count(*) FROM consulates_seat seat JOIN consulates_slot slot ON slot.id = seat.slot_id
WHERE slot.session_id = %(session)s
"""
WITHDRAW = "UPDATE consulates_seat SET withdrawn_at = coalesce(withdrawn_at, %(now)s) WHERE id = ANY (%(seats)s)"
DELETE_SEATS = """
DELETE FROM consulates_seat seat USING consulates_slot slot
WHERE slot.id = seat.slot_id AND slot.session_id = %(session)s
"""


@dataclass
class Outcome:
    """Ids of sessions: ``taken_back`` whole; ``kept`` with the seats that somebody has in each, the others of its
    seats withdrawn; ``changed`` since by somebody else, and left alone.
    """

    taken_back: list[int] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)


@transaction.atomic
def undo_batch(*, office: Consulate, batch_id: int, by: User, now: datetime) -> Outcome:
    """Undo an act of this office. Raises TooLate."""
    lock_office(office)
    batch = PlanBatch.objects.select_for_update().get(pk=batch_id, consulate=office)
    if not batch.can_be_undone(now=now):
        raise TooLate
    outcome = Outcome()
    if batch.act == PlanAct.PUBLISH:
        _unpublish(batch, outcome, now=now)
    elif batch.act == PlanAct.EDIT:
        _restore(batch, office, outcome)
    elif batch.act == PlanAct.DELETE:
        _bring_back(batch, office, outcome)
    else:
        _remove(batch, outcome)
    batch.undone_at, batch.undone_by, batch.outcome = now, by, asdict(outcome)
    batch.save(update_fields=["undone_at", "undone_by", "outcome"])
    record(
        actor=by,
        action="plan.undo",
        target=batch,
        now=now,
        office_id=office.pk,
        detail={"act": batch.act, **asdict(outcome)},
    )
    return outcome


def _sessions(batch: PlanBatch, *, status: str) -> list[Session]:
    """Those of the act that no later act has changed and no announced release counts on, locked."""
    # By number and not by moment: an act takes its moment before it waits for the office, and its number after.
    later = PlanBatch.objects.filter(consulate=batch.consulate_id, pk__gt=batch.pk, undone_at=None)
    again = {session_id for made in later.values_list("made", flat=True) for session_id in made}
    found = Session.objects.filter(id__in=set(batch.made) - again, consulate=batch.consulate_id, status=status)
    found = found.exclude(release__state="announced")
    return list(found.select_for_update(of=("self",), no_key=True).select_related("consulate").order_by("id"))


def _remove(batch: PlanBatch, outcome: Outcome) -> None:
    drafts = _sessions(batch, status="draft")
    outcome.taken_back = [session.id for session in drafts]
    outcome.changed = sorted(set(batch.made) - set(outcome.taken_back))
    delete_drafts(drafts)


def _restore(batch: PlanBatch, office: Consulate, outcome: Outcome) -> None:
    drafts = {session.id: session for session in _sessions(batch, status="draft")}
    for row in batch.before:
        session = drafts.get(row["id"])
        plan = plan_of(row["shape"], office=office, day=date.fromisoformat(row["day"]))
        try:
            if session is None:
                raise SessionOverlaps
            outcome.taken_back.append(change_draft(session, plan))
        except (SessionOverlaps, CalendarError):
            outcome.changed.append(row["id"])


def _bring_back(batch: PlanBatch, office: Consulate, outcome: Outcome) -> None:
    for row in batch.before:
        plan = plan_of(row["shape"], office=office, day=date.fromisoformat(row["day"]))
        try:
            outcome.taken_back.append(plan_session(plan).id)
        except (SessionOverlaps, CalendarError):
            outcome.changed.append(row["id"])


def _unpublish(batch: PlanBatch, outcome: Outcome, *, now: datetime) -> None:
    published = _sessions(batch, status="published")
    outcome.changed = sorted(set(batch.made) - {session.id for session in published})
    for session in published:
        with connection.cursor() as cursor:
            facts: dict[str, Any] = {"session": session.id, "now": now}
            cursor.execute(LOCK_SEATS, facts)
            locked = cursor.fetchall()
            cursor.execute(COUNT_SEATS, facts)
            total = cursor.fetchone()[0]
            if len(locked) == total and all(untouched for _id, untouched, _free in locked):
                _back_to_draft(session)
                outcome.taken_back.append(session.id)
                continue
            free = [seat for seat, _untouched, free in locked if free]
            cursor.execute(WITHDRAW, {"now": now, "seats": free})
        # Its own factor says that it offers nothing more: no factor that ends gives these seats back.
        session.capacity_factor = Decimal(0)
        session.save(update_fields=["capacity_factor"])
        outcome.kept[session.id] = total - len(free)


def _back_to_draft(session: Session) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DELETE_SEATS, {"session": session.id})
    Slot.objects.filter(session=session).delete()
    session.status, session.published_at, session.published_by = "draft", None, None
    session.save(update_fields=["status", "published_at", "published_by"])
