"""The calendar of one office: its month, its day, its first free day, and when more places open."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, F, Max, Min, QuerySet

from consulates.models import Consulate, OfficeLine, Procedure, Release, Session, SessionStatus, Slot
from consulates.models.slot import PUBLIC_SEAT_SQL
from consulates.models.suspension import OFFERED_SQL, suspended
from consulates.parties import Choice, FreeSlot, choices


def bookable_procedures() -> QuerySet[Procedure]:
    """The procedures that this portal gives appointments for, in the order of the list."""
    return Procedure.objects.bookable()


def offices(*, on: date) -> QuerySet[Consulate]:
    """Offices that serve the public on the day ``on``, by state and city."""
    return Consulate.objects.working_on(on).order_by("state", "city")


def office_lines(*, on: date) -> QuerySet[OfficeLine]:
    """The telephone lines of offices that work on that day, by state and city."""
    working = Consulate.objects.working_on(on)
    lines = OfficeLine.objects.filter(consulate__in=working).select_related("consulate")
    return lines.order_by("consulate__state", "consulate__city")


@dataclass(frozen=True)
class OfficeDay:
    """``free`` seats of a day in all sessions of an office; ``next_opening`` is when more become bookable."""

    day: date
    kinds: tuple[str, ...]
    free: int
    next_opening: datetime | None


OFFICE_MONTH = f"""
SELECT session.date, array_agg(DISTINCT session.kind), coalesce(sum(seats.free), 0)::int,
       min(slot.opens_at) FILTER (WHERE slot.opens_at > %(now)s AND slot.opens_at < slot.starts_at)
FROM consulates_session session
JOIN consulates_slot slot ON slot.session_id = session.id
LEFT JOIN LATERAL (
    SELECT count(*) AS free FROM consulates_seat seat
    WHERE seat.slot_id = slot.id AND {PUBLIC_SEAT_SQL}
) seats ON true
WHERE session.consulate_id = %(consulate)s AND session.date BETWEEN %(first)s AND %(last)s
  AND session.status = 'published' AND slot.closed_at IS NULL AND slot.starts_at > %(now)s
  AND {OFFERED_SQL}
GROUP BY session.date ORDER BY session.date
"""  # noqa: S608 (constants of this project)


def office_month(
    consulate: Consulate, *, first: date, last: date, now: datetime, procedure: Procedure | None = None
) -> dict[date, OfficeDay]:
    """The days from ``first`` to ``last``, both included, on which the office has a session to come.

    One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            OFFICE_MONTH,
            {
                "consulate": consulate.id,
                "first": first,
                "last": last,
                "now": now,
                "procedure": procedure.id if procedure else None,
            },
        )
        return {row[0]: OfficeDay(row[0], tuple(row[1]), row[2], row[3]) for row in cursor.fetchall()}


@dataclass(frozen=True)
class DaySession:
    """A session of one day with what a party may choose in it."""

    session: Session
    free: int
    choices: list[Choice]
    next_opening: datetime | None


def office_day(
    consulate: Consulate, day: date, *, now: datetime, procedure: Procedure | None = None, party: int = 1
) -> list[DaySession]:
    """The published sessions of the day that offer ``procedure`` (any, when None), with their free times.

    Three queries.
    """
    sessions = consulate.sessions.published().filter(date=day, ends_at__gt=now).order_by("starts_at", "id")
    if procedure:
        sessions = sessions.offering(procedure)
    found = list(sessions)
    free = free_slots([session.id for session in found], now=now)
    later = dict(
        Slot.objects.filter(session__in=found, closed_at=None, opens_at__gt=now, opens_at__lt=F("starts_at"))
        .values_list("session")
        .annotate(Min("opens_at"))
    )
    return [
        DaySession(
            session,
            sum(slot.free for slot in free[session.id]),
            choices(free[session.id], party),
            later.get(session.id),
        )
        for session in found
    ]


FREE_SLOTS = f"""
SELECT slot.session_id, slot.id, slot.starts_at, slot.ends_at, count(*)::int
FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
WHERE slot.session_id = ANY(%(sessions)s) AND {PUBLIC_SEAT_SQL}
GROUP BY slot.id ORDER BY slot.session_id, slot.starts_at
"""  # noqa: S608


def free_slots(session_ids: Sequence[int], *, now: datetime) -> dict[int, list[FreeSlot]]:
    """The slots with free seats of some sessions, by session, in order of time. One query."""
    found: dict[int, list[FreeSlot]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FREE_SLOTS, {"sessions": list(session_ids), "now": now})
        for session_id, *slot in cursor.fetchall():
            found[session_id].append(FreeSlot(*slot))
    return found


EARLIEST_BY_OFFICE = f"""
SELECT consulate.id, hit.date
FROM consulates_consulate consulate
CROSS JOIN LATERAL (
    SELECT session.date FROM consulates_slot slot
    JOIN consulates_session session ON session.id = slot.session_id AND session.status = 'published'
    WHERE slot.consulate_id = consulate.id AND slot.starts_at > %(now)s
      AND EXISTS (SELECT 1 FROM consulates_seat seat WHERE seat.slot_id = slot.id AND {PUBLIC_SEAT_SQL})
    ORDER BY slot.starts_at LIMIT 1
) hit
WHERE NOT consulate.is_practice
"""  # noqa: S608


def earliest_by_office(*, now: datetime) -> dict[int, date]:
    """The next date with a free seat in any session of each office, by the office's id. One query."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIEST_BY_OFFICE, {"now": now})
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class NextOpening:
    """An announced moment at which ``slots`` times of an office, from ``first`` to ``last`` day, become
    bookable: with a release, or by themselves.
    """

    consulate: Consulate
    opens_at: datetime
    time_zone: str
    first: date
    last: date
    slots: int
    release: Release | None = None


def next_openings(
    *,
    now: datetime,
    consulates: Iterable[Consulate],
    procedure: Procedure | None = None,
    limit: int = 3,
) -> list[NextOpening]:
    """The next announced openings of ``consulates``, soonest first. Two queries, one where no release opens.

    A slot that opens when it has begun opens at no moment: its release was cancelled (releases/approving.py).
    """
    known = {consulate.id: consulate for consulate in consulates}
    slots = Slot.objects.filter(
        consulate_id__in=known, opens_at__gt=now, opens_at__lt=F("starts_at"), closed_at=None,
        session__status=SessionStatus.PUBLISHED,
    )  # fmt: skip
    if procedure:
        slots = slots.filter(~suspended(procedure, session="session__"), session__procedures=procedure)
    rows = list(
        slots.values("consulate_id", "opens_at", "session__release_id")
        .annotate(
            time_zone=Min("session__time_zone"),
            first=Min("session__date"),
            last=Max("session__date"),
            slots=Count("id"),
        )
        .order_by("opens_at", "consulate_id", "session__release_id")[:limit]
    )
    ids = {row["session__release_id"] for row in rows} - {None}
    releases = Release.objects.in_bulk(ids) if ids else {}
    return [
        NextOpening(
            consulate=known[row["consulate_id"]],
            opens_at=row["opens_at"],
            time_zone=row["time_zone"],
            first=row["first"],
            last=row["last"],
            slots=row["slots"],
            release=releases.get(row["session__release_id"]),
        )
        for row in rows
    ]
