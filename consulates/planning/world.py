"""Reads for the planner: what stands in an office around the days of a proposal."""

import json
from collections.abc import Collection
from datetime import date, timedelta

from django.db import connection

from consulates.models import Consulate, HolidayDecision, Session

from .factors import factors_of
from .holidays import proposed
from .preview import Existing, Proposal, World
from .shapes import plan_of_session, shape_of

DAY = timedelta(days=1)
# Withdrawn seats can be given back; taken ones are somebody's, until the session is over and for good when it is.
SEATS_OF_SESSIONS = """
SELECT slot.session_id, count(*)::int,
       (count(*) FILTER (WHERE seat.withdrawn_at IS NULL))::int,
       (count(*) FILTER (WHERE taken))::int,
       (count(*) FILTER (WHERE NOT taken AND seat.withdrawn_at IS NULL AND seat.visible_at <= %(now)s
                           AND slot.closed_at IS NULL AND slot.starts_at > %(now)s))::int
FROM consulates_slot slot
JOIN consulates_session session ON session.id = slot.session_id
JOIN consulates_seat seat ON seat.slot_id = slot.id,
LATERAL (SELECT seat.holder IS NOT NULL
                AND seat.until > least(%(now)s, session.ends_at - interval '1 second') AS taken) AS state
WHERE slot.session_id = ANY (%(sessions)s)
GROUP BY slot.session_id
"""


def seats_of(session_ids: Collection[int], *, now) -> dict[int, tuple[int, int, int, int]]:
    """Nominal, offered, taken and free seats of published sessions. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SEATS_OF_SESSIONS, {"sessions": list(session_ids), "now": now})
        return {row[0]: row[1:] for row in cursor.fetchall()}


def world_for(proposal: Proposal, office: Consulate, *, now) -> World:
    """Five queries, and one for procedures, however long the proposal is."""
    days = {plan.day for plan in proposal.plans}
    around = Session.objects.filter(consulate=office).select_related("consulate").prefetch_related("procedures")
    # A session at another end of the day's zones can begin on the day before or after.
    near = around.filter(date__range=(min(days) - DAY, max(days) + DAY)) if days else around.none()
    removed = around.filter(id__in=proposal.removes)
    sessions = {session.id: session for session in [*near, *removed]}
    days |= {session.date for session in sessions.values()}
    if not days:
        return World()
    first, last = min(days), max(days)
    seats = seats_of([s.id for s in sessions.values() if s.status != "draft"], now=now)
    return World(
        existing=[
            _existing(session, seats.get(session.id), session.id in proposal.removes) for session in sessions.values()
        ],
        holidays=proposed(first=first, last=last, state=office.state),
        closed=decided(office, first=first, last=last),
        spans=factors_of([office.id]).by_office.get(office.id, []),
    )


def decided(office: Consulate, *, first: date, last: date) -> dict[date, bool]:
    """Whether the office rests, for each holiday that was decided. One query."""
    rows = HolidayDecision.objects.filter(consulate=office, day__range=(first, last))
    return dict(rows.values_list("day", "is_closed"))


def _existing(session: Session, seats: tuple[int, int, int, int] | None, is_removed: bool) -> Existing:
    slots = (session.ends_at - session.starts_at).total_seconds() // 60 // session.slot_minutes
    return Existing(
        id=session.id,
        status=session.status,
        day=session.date,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        city=session.city,
        place_name=session.place_name,
        seats=seats[0] if seats else int(slots) * session.windows,
        taken=seats[2] if seats else 0,
        shape=json.dumps(shape_of(plan_of_session(session)), sort_keys=True) if is_removed else "",
    )
