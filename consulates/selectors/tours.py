"""Where teams go next: the public list and map of stops, read from the published sessions themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from consulates.models import Consulate, Session, SessionKind
from consulates.models.slot import PUBLIC_SEAT_SQL


@dataclass(frozen=True)
class StopDay:
    day: date
    starts_at: datetime
    ends_at: datetime
    has_free: bool
    opens_at: datetime | None  # when its places open, if they have not yet


@dataclass(frozen=True)
class ComingStop:
    """A venue in a town and the days on which it is served, in order; ``days`` is never empty."""

    consulate: Consulate
    kind: SessionKind
    place_name: str
    street_address: str
    city: str
    state: str
    time_zone: str
    latitude: float
    longitude: float
    days: Sequence[StopDay]

    @property
    def has_free(self) -> bool:
        return any(day.has_free for day in self.days)

    @property
    def opens_at(self) -> datetime | None:
        return min((day.opens_at for day in self.days if day.opens_at), default=None)

    @property
    def anchor(self) -> str:
        return f"parada-{self.consulate.id}-{self.days[0].starts_at:%Y%m%d%H%M}-{self.kind}"


DAYS_AHEAD = f"""
SELECT session.id,
       EXISTS (SELECT 1 FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
               WHERE slot.session_id = session.id AND {PUBLIC_SEAT_SQL}),
       (SELECT min(slot.opens_at) FROM consulates_slot slot
        WHERE slot.session_id = session.id AND slot.opens_at > %(now)s AND slot.opens_at < slot.starts_at
          AND slot.closed_at IS NULL)
FROM consulates_session session
WHERE session.status = 'published' AND session.ends_at > %(now)s AND session.kind IN ('mobile', 'on_wheels')
"""  # noqa: S608 (constants of this project)


def coming_stops(*, now: datetime) -> list[ComingStop]:
    """Every stop with a published day to come, soonest first. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS_AHEAD, {"now": now})
        facts = {session_id: (has_free, opens_at) for session_id, has_free, opens_at in cursor.fetchall()}
    sessions = Session.objects.filter(id__in=facts, consulate__is_practice=False).select_related("consulate")
    grouped: dict[tuple, list[Session]] = {}
    for session in sessions.order_by("starts_at", "id"):
        key = (session.consulate_id, session.kind, session.city, session.state, session.place_name)
        grouped.setdefault(key, []).append(session)
    return [_stop(days, facts) for days in grouped.values()]


def _stop(sessions: list[Session], facts: dict[int, tuple[bool, datetime | None]]) -> ComingStop:
    first = sessions[0]
    return ComingStop(
        consulate=first.consulate,
        kind=SessionKind(first.kind),
        place_name=first.place_name,
        street_address=first.street_address,
        city=first.city,
        state=first.state,
        time_zone=first.time_zone,
        latitude=float(first.latitude),
        longitude=float(first.longitude),
        days=[StopDay(each.date, each.starts_at, each.ends_at, *facts[each.id]) for each in sessions],
    )
