"""Supply that changes after it was published: times are closed, hours change. What it means for people who booked is
decided above (appointments/closing), in the same transaction; nothing here touches a taken seat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import connection

from consulates.calendars import PlannedSlot, plan_slots
from consulates.models import Session, SessionStatus, Slot
from consulates.planning.factors import factors_of, hold_still
from consulates.planning.fitting import fit_sessions
from consulates.services.sessions import SessionOverlaps, SupplyError
from mexitel.utils.db import named_violations


class NotPublished(SupplyError):
    """Only the hours of a published session that is not over change this way; a draft is simply edited."""

    code = "not_published"


@dataclass(frozen=True)
class NewHours:
    """What a session is to become, in the wall time of its place."""

    opens: time
    closes: time
    windows: int
    slot_minutes: int

    def slots(self, session: Session) -> Sequence[PlannedSlot]:
        """Raises CalendarError when the hours do not exist or hold no slot."""
        hours = type(session.hours)(session.date, self.opens, self.closes, session.time_zone)
        factor = factors_of([session.consulate_id]).lowest(session)
        return plan_slots(hours, windows=self.windows, slot_minutes=self.slot_minutes, factor=factor)

    def as_plan(self) -> dict:
        return {
            "opens": self.opens.isoformat("minutes"),
            "closes": self.closes.isoformat("minutes"),
            "windows": self.windows,
            "slot_minutes": self.slot_minutes,
        }

    @classmethod
    def of_plan(cls, plan: dict) -> "NewHours":
        opens, closes = (time.fromisoformat(plan[name]) for name in ("opens", "closes"))
        return cls(opens, closes, plan["windows"], plan["slot_minutes"])


def close_slots(session_ids: Sequence[int], *, since: datetime) -> int:
    """No time of these sessions that begins after ``since`` is given any more. How many were closed now."""
    return Slot.objects.filter(session__in=session_ids, starts_at__gt=since, closed_at=None).update(closed_at=since)


# What is new opens when the rest of the session did; a time that was closed by earlier hours is open again.
SLOTS = """
WITH plan AS (
    SELECT * FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS plan (starts_at, ends_at)
    WHERE starts_at > %(since)s
), gone AS (
    UPDATE consulates_slot SET closed_at = %(since)s
    WHERE session_id = %(session)s AND starts_at > %(since)s AND closed_at IS NULL
      AND starts_at NOT IN (SELECT starts_at FROM plan)
)
INSERT INTO consulates_slot AS mine (
    session_id, consulate_id, starts_at, ends_at, opens_at, gate, opens_to_all_at, phone_until)
SELECT %(session)s, %(consulate)s, plan.starts_at, plan.ends_at, coalesce(rest.opens_at, %(since)s),
       coalesce(rest.gate, 'open'), rest.opens_to_all_at, rest.phone_until
FROM plan CROSS JOIN (
    SELECT min(opens_at) AS opens_at, min(gate) AS gate, min(opens_to_all_at) AS opens_to_all_at,
           min(phone_until) AS phone_until
    FROM consulates_slot WHERE session_id = %(session)s) AS rest
ON CONFLICT (session_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at, closed_at = NULL
"""
# A window that is new serves the pool that it serves elsewhere in the session; what was withdrawn comes back, seen from
# now on, so that a seat which was taken from somebody never looks as it did when it was published.
SEATS = """
WITH plan AS (
    SELECT slot.id, plan.offered FROM unnest(%(starts)s::timestamptz[], %(offered)s::int[]) AS plan (starts_at, offered)
    JOIN consulates_slot slot ON slot.session_id = %(session)s AND slot.starts_at = plan.starts_at
    WHERE plan.starts_at > %(since)s
)
INSERT INTO consulates_seat AS mine (slot_id, unit, pool, visible_at, withdrawn_at)
SELECT plan.id, unit,
       coalesce((SELECT min(seat.pool) FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
                 WHERE slot.session_id = %(session)s AND seat.unit = units.unit), 'public'),
       %(since)s, CASE WHEN unit > plan.offered THEN %(since)s::timestamptz END
FROM plan, generate_series(1, %(windows)s) AS units (unit)
ON CONFLICT (slot_id, unit) DO UPDATE SET withdrawn_at = NULL, visible_at = greatest(mine.visible_at, %(since)s)
    WHERE mine.withdrawn_at IS NOT NULL AND excluded.withdrawn_at IS NULL
"""


def change_hours(session: Session, new: NewHours, *, since: datetime) -> None:
    """The session has ``new`` hours; its times after ``since`` become those of the new plan: some are closed, some stay
    (and may be shorter or longer), some are new. Windows above ``new.windows`` are left to whoever called.

    Raises CalendarError, SessionOverlaps or NotPublished.
    """
    hold_still([session.pk])
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    if session.status != SessionStatus.PUBLISHED or session.ends_at <= since:
        raise NotPublished(str(session.pk))
    planned = new.slots(session)
    session.opens_local, session.closes_local = new.opens, new.closes
    session.windows, session.slot_minutes = new.windows, new.slot_minutes
    session.starts_at, session.ends_at = session.hours.in_utc()
    with named_violations({"consulates_session_one_at_a_time_in_a_place": SessionOverlaps}):
        session.save(update_fields=["opens_local", "closes_local", "windows", "slot_minutes", "starts_at", "ends_at"])
    values: dict[str, Any] = {
        "session": session.pk,
        "consulate": session.consulate_id,
        "since": since,
        "windows": new.windows,
        "starts": [slot.starts_at for slot in planned],
        "ends": [slot.ends_at for slot in planned],
        "offered": [slot.offered for slot in planned],
    }
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, values)
        cursor.execute(SEATS, values)
    # Other times have other shares of a capacity factor: what they gave before can be more than their own.
    if any(slot.offered < slot.seats for slot in planned):
        fit_sessions([session], now=since)
