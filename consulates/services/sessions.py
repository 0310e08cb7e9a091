"""Sessions are planned, then published as slots and seats."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice

from django.db import IntegrityError, connection, transaction

from consulates.calendars import Hours, PlannedSlot, plan_slots
from consulates.models import Consulate, Gate, Procedure, Session, SessionKind, SessionStatus
from consulates.planning.factors import factors_of, hold_still
from mexitel.accounts.models import User


class SupplyError(Exception):
    """Supply was left as it was; ``code`` stays the same for machines."""

    code = "supply"


class SessionOverlaps(SupplyError):
    """The consulate already has a session in that place at that time."""

    code = "session_overlaps"


class NotDraft(SupplyError):
    """Only a draft is published; ``session_ids`` are the others, or unknown."""

    code = "not_draft"

    def __init__(self, session_ids: Iterable[int]) -> None:
        self.session_ids = sorted(session_ids)
        super().__init__(f"not a draft: {self.session_ids}")


@dataclass(frozen=True)
class Venue:
    """Where a session is held, in its own zone; an empty ``name`` is the office itself."""

    city: str
    state: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str
    name: str = ""
    street_address: str = ""
    postal_code: str = ""

    @classmethod
    def of_office(cls, consulate: Consulate) -> "Venue":
        return cls(
            city=consulate.city,
            state=consulate.state,
            latitude=consulate.latitude,
            longitude=consulate.longitude,
            time_zone=consulate.time_zone,
            street_address=consulate.street_address if consulate.address_is_known else "",
            postal_code=consulate.postal_code if consulate.address_is_known else "",
        )


@dataclass(frozen=True)
class SessionPlan:
    """What a session is meant to be: wall time at its venue, ``windows`` that serve at once."""

    consulate: Consulate
    kind: SessionKind
    day: date
    opens: time
    closes: time
    windows: int
    slot_minutes: int
    procedures: Sequence[Procedure] = field(default=())
    venue: Venue | None = None
    capacity_factor: Decimal = Decimal(1)
    staff_seats: int = 0
    emergency_seats: int = 0
    is_sample: bool = False

    def on(self, day: date) -> "SessionPlan":
        """The same on another day."""
        return replace(self, day=day)


@dataclass(frozen=True)
class Published:
    sessions: int
    slots: int
    seats: int
    offered: int


# A month of one office is one statement; five months of the network are about a hundred.
BATCH_SLOTS = 10_000

# When a slot becomes bookable, given its session and its place in the session's order.
Opening = Callable[[Session, int], datetime]


def plan_session(plan: SessionPlan) -> Session:
    """Save ``plan`` as a draft. Raises CalendarError (its hours make no slot) or SessionOverlaps."""
    return plan_sessions([plan])[0]


def plan_sessions(plans: Sequence[SessionPlan]) -> list[Session]:
    """Save all ``plans`` as drafts, or none. Raises CalendarError or SessionOverlaps."""
    sessions = [_draft(plan) for plan in plans]
    offers = Session.procedures.through
    try:
        with transaction.atomic():
            Session.objects.bulk_create(sessions, batch_size=500)
            offers.objects.bulk_create(
                [
                    offers(session_id=session.id, procedure_id=procedure.id)
                    for session, plan in zip(sessions, plans, strict=True)
                    for procedure in plan.procedures
                ],
                batch_size=5000,
            )
    except IntegrityError as error:
        if _violated(error) == "consulates_session_one_at_a_time_in_a_place":
            raise SessionOverlaps from error
        raise
    return sessions


def publish_session(
    session: Session, *, opens_at: datetime, now: datetime, gate: Gate = Gate.OPEN, by: User | None = None
) -> Published:
    """Publish one draft, all of its slots bookable from ``opens_at``. Raises NotDraft or CalendarError."""
    return publish_sessions([session.id], opening=lambda _session, _number: opens_at, now=now, gate=gate, by=by)


def publish_sessions(
    session_ids: Iterable[int],
    *,
    opening: Opening,
    now: datetime,
    gate: Gate = Gate.OPEN,
    by: User | None = None,
) -> Published:
    """Turn drafts into slots and seats, all of them or none, in one transaction.

    Slots go to the database BATCH_SLOTS at a time, so that neither side ever holds the whole of a large act.

    ``opening`` says when each slot becomes bookable. One seat is made per window; those that the capacity
    factor (the session's own, or a lower one that its office has set for the day) leaves out are withdrawn at
    ``now`` and can be given back later. Raises NotDraft or CalendarError.
    """
    wanted = set(session_ids)
    with transaction.atomic():
        hold_still(wanted)
        drafts = list(
            Session.objects.filter(id__in=wanted, status=SessionStatus.DRAFT).order_by("id").select_for_update()
        )
        if missing := wanted - {session.id for session in drafts}:
            raise NotDraft(missing)
        factors = factors_of({session.consulate_id for session in drafts})
        rows = (
            _SlotRow.of(session, slot, opening(session, number))
            for session in drafts
            for number, slot in enumerate(slots_of(session, factor=factors.lowest(session)))
        )
        # Months of all offices take minutes; the limit of a page's statements is not meant for them.
        connection.cursor().execute("SET LOCAL statement_timeout = '10min'")
        slots = seats = offered = 0
        while batch := list(islice(rows, BATCH_SLOTS)):
            _insert(batch, gate=gate, now=now)
            slots += len(batch)
            seats += sum(row.seats for row in batch)
            offered += sum(row.offered for row in batch)
        Session.objects.filter(id__in=wanted).update(status=SessionStatus.PUBLISHED, published_at=now, published_by=by)
    return Published(len(drafts), slots, seats, offered)


@dataclass(frozen=True)
class _SlotRow:
    session_id: int
    consulate_id: int
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    seats: int
    offered: int
    staff: int
    emergency: int

    @classmethod
    def of(cls, session: Session, slot: PlannedSlot, opens_at: datetime) -> "_SlotRow":
        return cls(
            session.id,
            session.consulate_id,
            slot.starts_at,
            slot.ends_at,
            opens_at,
            slot.seats,
            slot.offered,
            slot.staff,
            slot.emergency,
        )


INSERT_SLOTS_AND_SEATS = """
WITH plan AS (
    SELECT * FROM unnest(
        %(session_id)s::bigint[], %(consulate_id)s::bigint[], %(starts_at)s::timestamptz[],
        %(ends_at)s::timestamptz[], %(opens_at)s::timestamptz[], %(seats)s::int[], %(offered)s::int[],
        %(staff)s::int[], %(emergency)s::int[]
    ) AS plan (session_id, consulate_id, starts_at, ends_at, opens_at, seats, offered, staff, emergency)
), made AS (
    INSERT INTO consulates_slot (session_id, consulate_id, starts_at, ends_at, opens_at, gate)
    SELECT session_id, consulate_id, starts_at, ends_at, opens_at, %(gate)s FROM plan
    RETURNING id, session_id, starts_at
)
INSERT INTO consulates_seat (slot_id, unit, pool, visible_at, withdrawn_at)
SELECT made.id, unit,
       CASE WHEN unit <= plan.emergency THEN 'emergency' WHEN unit <= plan.emergency + plan.staff THEN 'staff'
            ELSE 'public' END,
       %(now)s, CASE WHEN unit > plan.offered THEN %(now)s::timestamptz END
FROM made JOIN plan USING (session_id, starts_at), generate_series(1, plan.seats) AS unit
ORDER BY made.id, unit
"""


def _insert(slots: Sequence[_SlotRow], *, gate: Gate, now: datetime) -> None:
    columns = {name: [getattr(row, name) for row in slots] for name in _SlotRow.__dataclass_fields__}
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SLOTS_AND_SEATS, {**columns, "gate": str(gate), "now": now})


def _draft(plan: SessionPlan) -> Session:
    session = Session(consulate=plan.consulate, is_sample=plan.is_sample)
    fit(session, plan)
    return session


def fit(session: Session, plan: SessionPlan) -> None:
    """Write ``plan`` on ``session``, unsaved and without its procedures. Raises CalendarError."""
    venue = plan.venue or Venue.of_office(plan.consulate)
    hours = Hours(plan.day, plan.opens, plan.closes, venue.time_zone)
    starts_at, ends_at = hours.in_utc()
    values = {
        "kind": plan.kind,
        "date": plan.day,
        "opens_local": plan.opens,
        "closes_local": plan.closes,
        "time_zone": venue.time_zone,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "place_name": venue.name,
        "street_address": venue.street_address,
        "city": venue.city,
        "state": venue.state,
        "postal_code": venue.postal_code,
        "latitude": venue.latitude,
        "longitude": venue.longitude,
        "windows": plan.windows,
        "slot_minutes": plan.slot_minutes,
        "capacity_factor": plan.capacity_factor,
        "staff_seats": plan.staff_seats,
        "emergency_seats": plan.emergency_seats,
    }
    for name, value in values.items():
        setattr(session, name, value)
    slots_of(session)  # hours that hold no slot are refused before they are saved


def slots_of(session: Session, *, factor: Decimal | None = None) -> Sequence[PlannedSlot]:
    """What publishing would make of a session; ``factor`` in place of its own. Raises CalendarError."""
    return plan_slots(
        session.hours,
        windows=session.windows,
        slot_minutes=session.slot_minutes,
        factor=session.capacity_factor if factor is None else factor,
        staff=session.staff_seats,
        emergency=session.emergency_seats,
    )


def _violated(error: IntegrityError) -> str:
    """The name of the constraint that the database refused for."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
