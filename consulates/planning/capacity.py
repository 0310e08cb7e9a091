"""Setting and ending capacity factors. A factor withdraws free seats and gives them back; it touches no taken one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare

from consulates.calendars import offered_seats
from consulates.models import CapacityFactor, CapacityReason, Session
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .capacity_preview import FactorPlan, preview_factor, seal_factor
from .errors import TooLate, WorldChanged
from .factors import factors_of
from .preview import Preview
from .saving import lock_office

SLOTS = """
SELECT slot.session_id, slot.id, slot.closed_at IS NULL AND slot.starts_at > %(now)s
FROM consulates_slot slot WHERE slot.session_id = ANY (%(sessions)s) ORDER BY slot.session_id, slot.starts_at
"""
# Seats that nobody has, locked as a claim locks them; one that is in a claim's hands counts as taken until the next
# run (consulates.tasks.keep_capacity). Of the others the first units stay, because pools of staff stand there.
FIT = """
WITH plan AS (
    SELECT * FROM unnest(%(slots)s::bigint[], %(offered)s::int[]) AS plan (slot_id, offered)
), mine AS (
    SELECT id, slot_id, unit, withdrawn_at FROM consulates_seat
    WHERE slot_id = ANY (%(slots)s) AND (until IS NULL OR until <= %(now)s)
    ORDER BY id FOR UPDATE SKIP LOCKED
), taken AS (
    SELECT slot_id, count(*) AS seats FROM consulates_seat seat
    WHERE slot_id = ANY (%(slots)s) AND withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM mine WHERE mine.id = seat.id)
    GROUP BY slot_id
), ranked AS (
    SELECT mine.id, mine.withdrawn_at IS NULL AS is_given,
           row_number() OVER (PARTITION BY mine.slot_id ORDER BY mine.unit) <= plan.offered - coalesce(taken.seats, 0)
               AS is_to_be_given
    FROM mine JOIN plan USING (slot_id) LEFT JOIN taken USING (slot_id)
)
UPDATE consulates_seat seat SET withdrawn_at = CASE WHEN is_to_be_given THEN NULL ELSE %(now)s::timestamptz END
FROM ranked WHERE ranked.id = seat.id AND is_given <> is_to_be_given
RETURNING is_to_be_given
"""


@dataclass(frozen=True)
class Fitted:
    """Free seats that were withdrawn, and withdrawn ones that are free again."""

    withdrawn: int
    given_back: int


def fit_sessions(sessions: Iterable[Session], *, now: datetime) -> Fitted:
    """Offer in each slot to come what the factors in force allow: less only of free seats. Three queries."""
    by_id = {session.id: session for session in sessions}
    factors = factors_of({session.consulate_id for session in by_id.values()})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SLOTS, {"sessions": list(by_id), "now": now})
        slots: dict[int, list[tuple[int, bool]]] = {}
        for session_id, slot_id, is_to_come in cursor.fetchall():
            slots.setdefault(session_id, []).append((slot_id, is_to_come))
        wanted: list[tuple[int, int]] = []
        for session_id, found in slots.items():
            session = by_id[session_id]
            offered = offered_seats(session.windows, factors.lowest(session), len(found))
            wanted += [(slot, seats) for (slot, is_to_come), seats in zip(found, offered, strict=True) if is_to_come]
        if not wanted:
            return Fitted(0, 0)
        cursor.execute(
            FIT, {"slots": [slot for slot, _ in wanted], "offered": [seats for _, seats in wanted], "now": now}
        )
        given = [row[0] for row in cursor.fetchall()]
    return Fitted(withdrawn=given.count(False), given_back=given.count(True))


@transaction.atomic
def set_factor(plan: FactorPlan, *, shown: str, by: User, now: datetime) -> tuple[CapacityFactor, Fitted]:
    """From now on the office offers no more than this share on these days; who has booked keeps their seat.

    ``shown`` is the seal of its preview. Raises WorldChanged when the numbers are others by now.
    """
    lock_office(plan.office)
    if not constant_time_compare(shown, seal_factor(plan, preview_factor(plan, now=now), by=by)):
        raise WorldChanged(Preview())
    made = CapacityFactor.objects.create(
        consulate=plan.office,
        first=plan.first,
        last=plan.last,
        factor=plan.factor,
        reason=plan.reason,
        note=plan.note,
        set_by=by,
        set_at=now,
    )
    fitted = fit_sessions(plan.covered(now=now), now=now)
    _record("capacity.set", made, fitted, by=by, now=now)
    return made, fitted


@transaction.atomic
def end_factor(*, factor: CapacityFactor, by: User, now: datetime) -> Fitted:
    """Give back what this factor alone withheld. Raises TooLate when somebody ended it already."""
    lock_office(factor.consulate)
    if not CapacityFactor.objects.filter(pk=factor.pk, ended_at=None).update(ended_at=now, ended_by=by):
        raise TooLate
    fitted = fit_sessions(_plan_of(factor).covered(now=now), now=now)
    _record("capacity.end", factor, fitted, by=by, now=now)
    return fitted


def _plan_of(factor: CapacityFactor) -> FactorPlan:
    return FactorPlan(
        factor.consulate, factor.first, factor.last, factor.factor, CapacityReason(factor.reason), factor.note
    )


def keep_all(*, now: datetime) -> Fitted:
    """What cancellations and races have changed since: a seat that rests after it was freed is withdrawn before it is
    seen. Touches only sessions under a factor in force.
    """
    sums = [0, 0]
    for factor in CapacityFactor.objects.in_force().filter(last__gte=now.date()).select_related("consulate"):
        with transaction.atomic():
            lock_office(factor.consulate)
            fitted = fit_sessions(_plan_of(factor).covered(now=now), now=now)
        sums = [sums[0] + fitted.withdrawn, sums[1] + fitted.given_back]
    return Fitted(*sums)


def _record(action: str, factor: CapacityFactor, fitted: Fitted, *, by: User, now: datetime) -> None:
    record(
        actor=by,
        action=action,
        target=factor,
        now=now,
        office_id=factor.consulate_id,
        reason=factor.note,
        detail={"factor": str(factor.factor), "withdrawn": fitted.withdrawn, "given_back": fitted.given_back},
    )
