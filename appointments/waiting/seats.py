"""The seats that booked people let go of and that rest unseen; who freed them; and who waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch

from appointments.enums import Channel
from appointments.models import ApplicantClaim, WaitingEntry, WaitingOffer, WaitingOfferSeat, WaitingPerson
from appointments.waiting.fitting import Freed, FreedSlot, Wish
from consulates.selectors import miles_between
from mexitel.accounts.models import User

PHONE = frozenset({Channel.PHONE, Channel.COUNTER})
# A seat was let go of by somebody (appointments_freedseat, kept 24 hours) and nobody has it.
RESTING = """
SELECT seat.id, seat.visible_at, CASE WHEN slot.phone_until <= %(now)s THEN 'public' ELSE seat.pool END,
       slot.id, slot.starts_at, slot.ends_at, session.id, session.consulate_id,
       session.time_zone, session.latitude, session.longitude, office.latitude, office.longitude,
       (SELECT count(*) FROM appointments_waitingofferseat o
        WHERE o.seat_id = seat.id AND o.visible_at = seat.visible_at),
       ARRAY(SELECT p.id FROM consulates_session_procedures o JOIN consulates_procedure p ON p.id = o.procedure_id
             WHERE o.session_id = session.id AND NOT procedure_suspended(session, p.id)),
       rests_until(seat.id, seat.visible_at, %(now)s)
FROM (SELECT DISTINCT seat_id FROM appointments_freedseat WHERE until > %(now)s) freed
JOIN consulates_seat seat ON seat.id = freed.seat_id
JOIN consulates_slot slot ON slot.id = seat.slot_id
JOIN consulates_session session ON session.id = slot.session_id
JOIN consulates_consulate office ON office.id = session.consulate_id
WHERE seat.visible_at > %(now)s AND rests_until(seat.id, seat.visible_at, %(now)s) > %(now)s
  AND seat.withdrawn_at IS NULL AND (seat.until IS NULL OR seat.until <= %(now)s) AND seat.pool IN ('public', 'phone')
  AND slot.closed_at IS NULL AND slot.opens_at <= %(now)s AND slot.starts_at > %(now)s
  AND session.status = 'published' AND NOT office.is_practice
ORDER BY session.starts_at, session.id, slot.starts_at, slot.id, seat.unit
"""
# Whoever freed a seat, by any scope of theirs or of the group that a reviewer linked them with.
FREED_BY = """
SELECT mine.entry_id, freed.seat_id
FROM appointments_waitingkey mine
JOIN appointments_scope scope ON scope.kind = mine.kind AND scope.key = mine.key
JOIN appointments_freedseat freed ON freed.scope_id IN (scope.id, scope.group_id)
WHERE freed.seat_id = ANY (%(seats)s) AND freed.until > %(now)s
"""


@dataclass
class Candidate:
    """Somebody who waits, with what is known of them before anything is tried."""

    entry: WaitingEntry
    wish: Wish
    people: list[WaitingPerson]
    is_booked: bool
    has_offer: bool
    freed: set[int] = field(default_factory=set)
    had: set[tuple[int, datetime]] = field(default_factory=set)


def resting(*, now: datetime) -> list[FreedSlot]:
    """In order of session and time."""
    with connection.cursor() as cursor:
        cursor.execute(RESTING, {"now": now})
        rows = cursor.fetchall()
    slots: dict[int, FreedSlot] = {}
    for row in rows:
        seat_id, visible_at, pool, slot_id, starts_at, ends_at, session_id, office_id, zone_name, *rest = row
        lat, lon, office_lat, office_lon, turns, procedures, until = rest
        place = (float(lat), float(lon))
        slot = slots.setdefault(
            slot_id,
            FreedSlot(
                slot_id, session_id, office_id, starts_at, ends_at, zone_name, place,
                miles_between(place, (float(office_lat), float(office_lon))), frozenset(procedures),
            ),
        )  # fmt: skip
        slot.seats.append(Freed(seat_id, visible_at, turns, pool, until))
    return list(slots.values())


def candidates(slots: Sequence[FreedSlot], *, now: datetime) -> list[Candidate]:
    """Everybody who waits for a procedure that these seats serve, in the order of the list."""
    procedures = {procedure for slot in slots for procedure in slot.procedures}
    # Who they are is opened only for those whose turn comes.
    people = Prefetch("people", queryset=WaitingPerson.objects.defer("told").order_by("position"))
    entries = list(
        WaitingEntry.objects.live(now=now)
        .filter(procedure__in=procedures)
        .in_order()
        .prefetch_related(people, Prefetch("account", queryset=User.objects.defer("phone")), "procedure")
    )
    ids = [entry.pk for entry in entries]
    offered = set(WaitingOffer.objects.filter(entry__in=ids, outcome="").values_list("entry_id", flat=True))
    booked = _booked(entries, now=now)
    freed, had = _freed_by(slots, now=now), _had(slots)
    return [
        Candidate(
            entry=entry,
            wish=wish_of(entry),
            people=list(entry.people.all()),
            is_booked=any((one.applicant_id, entry.procedure_group) in booked for one in entry.people.all()),
            has_offer=entry.pk in offered,
            freed=freed.get(entry.pk, set()),
            had=had.get(entry.pk, set()),
        )
        for entry in entries
    ]


def wish_of(entry: WaitingEntry) -> Wish:
    here = None
    if entry.latitude is not None and entry.longitude is not None:
        here = (entry.latitude, entry.longitude)
    return Wish(
        party=entry.party,
        procedure_id=entry.procedure_id,
        weekdays=frozenset(entry.weekdays),
        from_hour=entry.from_hour,
        to_hour=entry.to_hour,
        last_day=entry.last_day,
        time_zone=entry.time_zone,
        offices=frozenset(entry.offices),
        here=here,
        miles=entry.miles or 0,
        # What is kept for the telephone is for whoever joined by it.
        pools=frozenset({"public", "phone"} if entry.channel in PHONE else {"public"}),
    )


def _booked(entries: Iterable[WaitingEntry], *, now: datetime) -> set[tuple[int | None, str]]:
    applicants = [one.applicant_id for entry in entries for one in entry.people.all() if one.applicant_id]
    found = ApplicantClaim.objects.filter(applicant__in=applicants, until__gt=now)
    return set(found.values_list("applicant_id", "procedure_group"))


def _freed_by(slots: Sequence[FreedSlot], *, now: datetime) -> dict[UUID, set[int]]:
    seats = [seat.seat_id for slot in slots for seat in slot.seats]
    found: dict[UUID, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(FREED_BY, {"seats": seats, "now": now})
        for entry_id, seat_id in cursor.fetchall():
            found[entry_id].add(seat_id)
    return found


def _had(slots: Sequence[FreedSlot]) -> dict[UUID, set[tuple[int, datetime]]]:
    """To whom a seat was offered since it was freed."""
    resting_now = {(seat.seat_id, seat.visible_at) for slot in slots for seat in slot.seats}
    rows = WaitingOfferSeat.objects.filter(seat_id__in=[seat for seat, _at in resting_now])
    found: dict[UUID, set[tuple[int, datetime]]] = defaultdict(set)
    for entry_id, seat_id, visible_at in rows.values_list("entry_id", "seat_id", "visible_at"):
        if (seat_id, visible_at) in resting_now:
            found[entry_id].add((seat_id, visible_at))
    return found
