"""What factors leave of the windows, written on the seats: free ones are withdrawn and given back, taken ones stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from consulates.calendars import offered_seats
from consulates.models import Session

from .factors import factors_of

# Times that were closed take no part in the share: what is left would be more than the share of itself.
SLOTS = """
SELECT slot.session_id, slot.id, slot.starts_at > %(now)s FROM consulates_slot slot
WHERE slot.session_id = ANY (%(sessions)s) AND slot.closed_at IS NULL ORDER BY slot.session_id, slot.starts_at
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
