"""The lock of five over identities that were linked later: what stands above a cap because of a link is asked about.

A machine cancels nothing: people confirm that they asked for it, and who does not answer is a reviewer's.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count

from antifraud.models import Case, CaseAppointment, CaseKind, Standing
from antifraud.rulesets import EIGHTH, in_force
from antifraud.services.cases import Found, add_to_case, open_case
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Attendee, Permit

# Whoever was asked, or has answered, is not asked again.
DEALT_WITH = (Standing.ASKED, Standing.VALIDATED, Standing.WINDOW, Standing.KEPT, Standing.RESTORED)
ABOVE = """
SELECT s.id, scope_cap(s, %(now)s), count(*), count(*) FILTER (WHERE p.grandfathered)
FROM appointments_scope s JOIN appointments_permit p ON p.scope_id = s.id AND p.until > %(now)s
WHERE s.id IN (SELECT scope_id FROM appointments_permit WHERE grandfathered AND until > %(now)s)
  AND scope_cap(s, %(now)s) > 0
GROUP BY s.id HAVING count(*) > scope_cap(s, %(now)s)
ORDER BY s.kind DESC, s.id
"""


class Above(NamedTuple):
    """A scope with more permits in use than its cap; ``excess`` counts those that a link brought."""

    scope_id: int
    cap: int
    active: int
    excess: int


def scopes_above(*, now: datetime) -> list[Above]:
    """Groups first. A blocked scope is another matter: its appointments are decided in a case."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, {"now": now})
        return [Above(pk, cap, active, min(active - cap, brought)) for pk, cap, active, brought in cursor.fetchall()]


def ask_excess(*, ask: Callable[..., Any], now: datetime) -> int:
    """Ask about the excess of every scope: the youngest bookings first, families last; how many were asked about.

    ``ask`` is antifraud.validation.asking.ask_people. Run again it asks nobody twice.
    """
    return sum(_ask_in(above, ask=ask, now=now) for above in scopes_above(now=now))


@transaction.atomic
def _ask_in(above: Above, *, ask: Callable[..., Any], now: datetime) -> int:
    held = _upcoming(above.scope_id, now=now)
    dealt = set(
        CaseAppointment.objects.filter(appointment__in=held, standing__in=DEALT_WITH).values_list(
            "appointment_id", flat=True
        )
    )
    missing = above.excess - len(dealt)
    chosen = [one for one in _in_order(held) if one.pk not in dealt][: max(missing, 0)]
    if not chosen:
        return 0
    case = _case_for(chosen, above, now=now)
    ask(case=case, appointment_ids=[one.pk for one in chosen], by=None, now=now)
    return len(chosen)


def _upcoming(scope_id: int, *, now: datetime) -> list[Appointment]:
    holders = Permit.objects.filter(scope=scope_id, until__gt=now).values("holder")
    return list(Appointment.objects.filter(pk__in=holders, status=AppointmentStatus.BOOKED, starts_at__gt=now))


def _in_order(held: Sequence[Appointment]) -> list[Appointment]:
    """Who came alone before families, and of either the youngest booking first."""
    parties = dict(
        Appointment.objects.filter(party_id__in={one.party_id for one in held})
        .values_list("party_id").annotate(Count("pk"))
    )  # fmt: skip
    minors = set(Attendee.objects.filter(appointment__in=held, is_minor=True).values_list("appointment_id", flat=True))
    family = {one.pk: parties[one.party_id] > 1 or one.pk in minors for one in held}
    return sorted(held, key=lambda one: (family[one.pk], -one.created_at.timestamp(), one.pk))


def _case_for(chosen: Sequence[Appointment], above: Above, *, now: datetime) -> Case:
    """The standing case of these bookers, else a new one that says why."""
    accounts = {one.account_id for one in chosen}
    ids: list[UUID] = [one.pk for one in chosen]
    standing = Case.objects.standing().filter(kind=CaseKind.BROKER, accounts__account__in=accounts)
    case = standing.order_by("opened_at", "pk").first()
    if case is None:
        return open_case(found=_found(above, now=now), account_ids=accounts, appointment_ids=ids, now=now)
    add_to_case(case=case, account_ids=accounts, appointment_ids=ids, now=now)
    return case


def _found(above: Above, *, now: datetime) -> Found:
    """The one reason: more at once than the lock lets one person hold."""
    rules = in_force(now)
    rule = rules["D4"]
    points = min(rule["bits"] + (above.active - above.cap - 1) * rule["each"], rule["cap"]) // EIGHTH * EIGHTH
    reason = {
        "code": "D4", "group": "inventory", "points": points, "evidence": {"count": above.active, "limit": above.cap},
    }  # fmt: skip
    return Found(ruleset=rules.number, score=points, reasons=[reason], facts={"active": above.active})
