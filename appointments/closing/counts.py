"""Count first: who would lose their seat, before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from consulates.models import Session
from consulates.services.changes import NewHours


@dataclass(frozen=True)
class Line:
    session_id: int
    procedure_id: int
    appointments: int


@dataclass(frozen=True)
class Count:
    """``mail``, ``phone`` and ``nothing`` count appointments by how their account can be told: by e-mail (of which none
    came back), else by a verified phone, else not at all. ``families`` are parties of two or more.
    """

    appointments: int
    families: int
    mail: int
    phone: int
    nothing: int
    lines: list[Line]


WHO = """
SELECT a.id, a.party_id, a.session_id, a.procedure_id, account.email IS NOT NULL AND account.email_bounced_at IS NULL,
       account.phone_verified_at IS NOT NULL
FROM appointments_appointment a JOIN accounts_user account ON account.id = a.account_id
WHERE a.session_id = ANY (%(sessions)s) AND a.status = 'booked' AND a.starts_at > %(now)s
  AND (%(procedure)s::bigint IS NULL OR a.procedure_id = %(procedure)s)
  AND (%(only)s::uuid[] IS NULL OR a.id = ANY (%(only)s::uuid[]))
"""


def count_lost(
    session_ids: Sequence[int], *, now: datetime, procedure_id: int | None = None, only: list[str] | None = None
) -> Count:
    """Of the sessions, of one procedure when it is given; ``only`` names appointments."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"sessions": list(session_ids), "now": now, "procedure": procedure_id, "only": only}
        cursor.execute(WHO, asked)
        rows = cursor.fetchall()
    parties: dict[tuple, int] = {}
    lines: dict[tuple[int, int], int] = {}
    for _id, party, session, procedure, _mail, _phone in rows:
        parties[party, session] = parties.get((party, session), 0) + 1
        lines[session, procedure] = lines.get((session, procedure), 0) + 1
    return Count(
        appointments=len(rows),
        families=sum(size > 1 for size in parties.values()),
        mail=sum(bool(row[4]) for row in rows),
        phone=sum(not row[4] and row[5] for row in rows),
        nothing=sum(not row[4] and not row[5] for row in rows),
        lines=[Line(session, procedure, n) for (session, procedure), n in sorted(lines.items())],
    )


@dataclass(frozen=True)
class HoursPreview:
    """What new hours would do to the times that are still to come."""

    stay: int
    close: int
    add: int
    seats_before: int
    seats_after: int
    lost: Count


# Who stays in each time is whoever fits its windows: those of the last windows change to others first.
TAKEN = """
SELECT slot.starts_at, slot.closed_at IS NULL,
       count(*) FILTER (WHERE seat.withdrawn_at IS NULL),
       coalesce(array_agg(a.id ORDER BY seat.unit) FILTER (WHERE a.id IS NOT NULL), '{}')
FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
LEFT JOIN appointments_appointment a ON a.id = seat.holder AND a.seat_id = seat.id AND a.status = 'booked'
WHERE slot.session_id = %(session)s AND slot.starts_at > %(now)s
GROUP BY slot.id ORDER BY slot.starts_at
"""


def preview_hours(session: Session, new: NewHours, *, now: datetime) -> HoursPreview:
    """Raises CalendarError. Counts only; nothing is written."""
    planned = {slot.starts_at: slot for slot in new.slots(session) if slot.starts_at > now}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, {"session": session.pk, "now": now})
        rows = cursor.fetchall()
    lost: list[str] = []
    for starts_at, _is_open, _seats, taken in rows:
        lost += [str(pk) for pk in (taken[new.windows :] if starts_at in planned else taken)]
    opened = {starts_at for starts_at, is_open, _seats, _taken in rows if is_open}
    return HoursPreview(
        stay=len(opened & planned.keys()),
        close=len(opened - planned.keys()),
        add=len(planned.keys() - opened),
        seats_before=sum(seats for _starts, is_open, seats, _taken in rows if is_open),
        seats_after=sum(slot.offered for slot in planned.values()),
        lost=count_lost([session.pk], now=now, only=lost),
    )
