"""How many places a release gives, by office: planned for drafts, counted where sessions are published already."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from consulates.models import Release, ReleaseOffice, Session, SessionStatus
from consulates.planning.factors import Factors, factors_of
from consulates.services.sessions import slots_of

from .shares import phone_seats

# The places that are anybody's, on the web or by telephone; those of staff and emergencies are no part of a release.
COUNT = """
SELECT slot.id, slot.session_id, count(seat.id) FILTER (
    WHERE seat.pool IN ('public', 'phone') AND seat.withdrawn_at IS NULL)::int
FROM consulates_slot slot LEFT JOIN consulates_seat seat ON seat.slot_id = slot.id
WHERE slot.session_id = ANY (%s) AND slot.closed_at IS NULL
GROUP BY slot.id ORDER BY slot.session_id, slot.starts_at
"""


@dataclass(frozen=True)
class Times:
    """One slot, made or planned (then without an id), and the places of it that are the release's."""

    session_id: int
    seats: int
    slot_id: int | None = None


def counted(session_ids: Collection[int]) -> list[Times]:
    """The slots of published sessions, by session and time. One query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(session_ids)])
        return [Times(session_id, seats, slot_id) for slot_id, session_id, seats in cursor.fetchall()]


def planned(session: Session, factors: Factors) -> list[Times]:
    """The slots that publishing would make. Raises CalendarError."""
    slots = slots_of(session, factor=factors.lowest(session))
    return [Times(session.id, max(0, slot.offered - slot.emergency - slot.staff)) for slot in slots]


def times_of(sessions: Iterable[Session]) -> list[Times]:
    """Of drafts and of published sessions, by session and time. Two queries. Raises CalendarError."""
    drafts = [session for session in sessions if session.status == SessionStatus.DRAFT]
    factors = factors_of({session.consulate_id for session in drafts})
    found = [times for session in drafts for times in planned(session, factors)]
    found += counted([session.id for session in sessions if session.status != SessionStatus.DRAFT])
    return sorted(found, key=lambda times: times.session_id)  # a stable sort: within a session they stay in order


def offices_of(release: Release, sessions: Collection[Session]) -> list[ReleaseOffice]:
    """The offices of a release, each with what ``sessions`` give there written on it, unsaved. Three queries."""
    offices = list(release.offices.select_related("consulate"))
    fill(offices, sessions, times_of(sessions), share=release.phone_share)
    return offices


def fill(
    offices: Iterable[ReleaseOffice], sessions: Iterable[Session], times: Sequence[Times], *, share: int
) -> list[int]:
    """Write the numbers on ``offices``, unsaved; returns how many places of each of ``times`` are the telephone's."""
    by_phone = phone_seats([each.seats for each in times], share)
    seats: dict[int, int] = defaultdict(int)
    phone: dict[int, int] = defaultdict(int)
    for each, kept in zip(times, by_phone, strict=True):
        seats[each.session_id] += each.seats
        phone[each.session_id] += kept
    own: dict[int, list[Session]] = defaultdict(list)
    for session in sessions:
        own[session.consulate_id].append(session)
    for office in offices:
        mine = own[office.consulate_id]
        office.seats = sum(seats[session.id] for session in mine)
        office.phone_seats = sum(phone[session.id] for session in mine)
        office.first_day = min((session.date for session in mine), default=None)
        office.last_day = max((session.date for session in mine), default=None)
    return by_phone
