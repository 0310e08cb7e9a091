"""What a capacity factor would do, in numbers, before it is set; and one word for what was shown."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.utils.crypto import salted_hmac

from consulates.calendars import offered_seats
from consulates.models import CapacityReason, Consulate, Session
from mexitel.accounts.models import User

from .factors import Factors, Span, factors_of

# A seat is taken as long as a claim could not overwrite it, whether it is booked or only held.
SLOTS = """
SELECT slot.session_id, slot.starts_at > %(now)s, count(*)::int,
       (count(*) FILTER (WHERE seat.withdrawn_at IS NULL))::int,
       (count(*) FILTER (WHERE seat.withdrawn_at IS NULL AND seat.until > %(now)s))::int
FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
WHERE slot.session_id = ANY (%(sessions)s) AND slot.closed_at IS NULL
GROUP BY slot.id ORDER BY slot.session_id, slot.starts_at
"""


@dataclass(frozen=True)
class FactorPlan:
    """Only ``factor`` of the windows of ``office`` from ``first`` to ``last`` day."""

    office: Consulate
    first: date
    last: date
    factor: Decimal
    reason: CapacityReason
    note: str = ""

    def covered(self, *, now: datetime) -> list[Session]:
        """Published sessions that are not over."""
        found = Session.objects.published().not_over(now=now).filter(consulate=self.office)
        return list(found.filter(date__range=(self.first, self.last)).order_by("id"))


@dataclass(frozen=True)
class FactorPreview:
    """Seats of the times to come in ``sessions``: all of them, those ``offered`` now, the ``share`` that the lowest
    factor would leave, and how many ``over`` it are taken and stay. Afterwards ``share + over`` are offered.
    """

    sessions: int
    nominal: int
    offered: int
    share: int
    over: int


def preview_factor(plan: FactorPlan, *, now: datetime) -> FactorPreview:
    """Three queries."""
    sessions = {session.id: session for session in plan.covered(now=now)}
    slots: dict[int, list[tuple[bool, int, int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, {"sessions": list(sessions), "now": now})
        for session_id, *numbers in cursor.fetchall():
            slots.setdefault(session_id, []).append(tuple(numbers))
    factors = _with(plan)
    nominal = offered = share = over = 0
    for session_id, found in slots.items():
        session = sessions[session_id]
        shares = offered_seats(session.windows, factors.lowest(session), len(found))
        for (is_to_come, seats, given, taken), own in zip(found, shares, strict=True):
            if is_to_come:
                nominal, offered, share = nominal + seats, offered + given, share + own
                over += max(0, taken - own)
    return FactorPreview(len(sessions), nominal, offered, share, over)


def _with(plan: FactorPlan) -> Factors:
    spans = factors_of([plan.office.pk]).by_office.get(plan.office.pk, [])
    return Factors({plan.office.pk: [*spans, Span(plan.first, plan.last, plan.factor)]})


def seal_factor(plan: FactorPlan, found: FactorPreview, *, by: User) -> str:
    """One word for what ``by`` was shown. A booking changes it only where it changes a number."""
    asked = [plan.office.pk, plan.first, plan.last, plan.factor.normalize(), str(plan.reason), plan.note]
    return salted_hmac("consulates.planning.capacity", repr([asked, asdict(found), by.pk])).hexdigest()
