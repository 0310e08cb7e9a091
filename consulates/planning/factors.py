"""Which share of its windows an office may use on a day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from consulates.models import CapacityFactor, Session


@dataclass(frozen=True)
class Span:
    """Only ``factor`` of the windows, from ``first`` to ``last`` day."""

    first: date
    last: date
    factor: Decimal


def lowest(own: Decimal, day: date, spans: Iterable[Span]) -> Decimal:
    """Reasons do not multiply: half the staff under a rule of nine tenths is half."""
    return min([own, *(span.factor for span in spans if span.first <= day <= span.last)])


@dataclass(frozen=True)
class Factors:
    by_office: dict[int, list[Span]]

    def lowest(self, session: Session) -> Decimal:
        return self.on(session.consulate_id, session.date, own=session.capacity_factor)

    def on(self, office_id: int, day: date, *, own: Decimal = Decimal(1)) -> Decimal:
        return lowest(own, day, self.by_office.get(office_id, ()))


def factors_of(office_ids: Collection[int]) -> Factors:
    """The factors in force of some offices. One query."""
    found: dict[int, list[Span]] = {}
    rows = CapacityFactor.objects.in_force().filter(consulate__in=office_ids)
    for office_id, *span in rows.values_list("consulate_id", "first", "last", "factor"):
        found.setdefault(office_id, []).append(Span(*span))
    return Factors(found)


def hold_still(session_ids: Collection[int]) -> None:
    """Until this transaction is over nobody sets or ends a factor in the offices of these sessions, so that what is
    published meanwhile is missed by neither. Locks offices before sessions, as acts of planners do.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM consulates_consulate
            WHERE id IN (SELECT consulate_id FROM consulates_session WHERE id = ANY (%s)) ORDER BY id FOR SHARE
            """,
            [list(session_ids)],
        )
