"""What the claim keeps in step, counted again from the other side. It finds bugs; it corrects nothing."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction

from mexitel.audit.services import record
from mexitel.outbox import heartbeat

logger = logging.getLogger(__name__)

HEARTBEAT = "recount"
ACTION = "permits.differ"

# One statement, so one snapshot: a booking made meanwhile is in all of it or in none.
RECOUNT = """
WITH paid AS (
    SELECT unnest(scope_ids) AS scope_id, id AS holder, 1 AS n, until
    FROM appointments_appointment WHERE status <> 'cancelled' AND until > %(now)s
    UNION ALL
    SELECT unnest(scope_ids), id, cardinality(seat_ids), expires_at
    FROM appointments_hold WHERE closed_at IS NULL AND expires_at > %(now)s
), permits AS (
    SELECT scope_id, holder, count(*) AS n, min(until) AS until
    FROM appointments_permit WHERE until > %(now)s GROUP BY scope_id, holder
), booked AS (
    SELECT id, seat_id, applicant_id, procedure_group, until
    FROM appointments_appointment WHERE status = 'booked' AND until > %(now)s
), standing AS (
    SELECT id, applicant_id, procedure_group, until
    FROM appointments_appointment WHERE status IN ('booked', 'orphaned') AND until > %(now)s
)
SELECT
    count(*) FILTER (WHERE paid.n > coalesce(permits.n, 0)),
    -- What ends within a minute may be of somebody who let go just now, by a clock a little ahead of this one.
    count(*) FILTER (WHERE permits.n > coalesce(paid.n, 0) AND permits.until > %(now)s + interval '1 minute'),
    count(*) FILTER (WHERE paid.n = permits.n AND paid.until <> permits.until),
    (SELECT count(*) FROM booked LEFT JOIN consulates_seat seat ON seat.id = seat_id AND seat.holder = booked.id
     WHERE seat.until IS DISTINCT FROM booked.until),
    (SELECT count(*) FROM consulates_seat seat
     WHERE until > %(now)s
       AND NOT EXISTS (SELECT FROM appointments_hold WHERE id = seat.holder AND outcome <> 'confirmed')
       AND NOT EXISTS (SELECT FROM appointments_appointment
                       WHERE id = seat.holder AND seat_id = seat.id AND status NOT IN ('cancelled', 'orphaned'))),
    (SELECT count(*) FROM standing LEFT JOIN appointments_applicantclaim place
        ON place.applicant_id = standing.applicant_id AND place.procedure_group = standing.procedure_group
        AND place.holder = standing.id
     WHERE standing.applicant_id IS NOT NULL AND place.until IS DISTINCT FROM standing.until),
    (SELECT count(*) FROM appointments_appointment a WHERE a.status = 'orphaned' AND a.until > %(now)s
       AND NOT EXISTS (SELECT FROM appointments_orphan o WHERE o.appointment_id = a.id
                       AND o.state NOT IN ('accepted', 'moved', 'cancelled')))
FROM paid FULL JOIN permits USING (scope_id, holder)
"""


@dataclass(frozen=True)
class Difference:
    """How many do not agree; all zero is right. Counts only, nobody's data.

    ``permits_missing`` and ``permits_stray`` count pairs of scope and holder, ``permits_end`` those that end
    at another moment than their appointment; ``seats`` and ``people`` count appointments whose seat or whose
    applicant's place is not theirs, ``seats_stray`` seats that are taken by nobody, ``unlisted`` appointments that
    lost their seat and stand on no work list.
    """

    permits_missing: int
    permits_stray: int
    permits_end: int
    seats: int
    seats_stray: int
    people: int
    unlisted: int

    @property
    def any(self) -> bool:
        return any(asdict(self).values())


def recount(*, now: datetime) -> Difference:
    """Compare permits, seats and people with the appointments and open holds that they belong to at ``now``."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '120s'")  # it reads everything that is active
        cursor.execute(RECOUNT, {"now": now})
        return Difference(*cursor.fetchone())


def report_difference(*, now: datetime) -> Difference:
    """Recount, and leave an audit line and an error in the log when something differs."""
    difference = recount(now=now)
    with transaction.atomic():
        if difference.any:
            logger.error("permits differ from appointments: %s", asdict(difference))
            record(actor=None, action=ACTION, target=("permits", "all"), now=now, detail=asdict(difference))
        heartbeat.touch(name=HEARTBEAT, now=now)
    return difference
