"""What an answer, or none, does to its case: it goes back to a person, who decides. Nothing here closes or cancels."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from antifraud.models import Case, CaseEvent, CaseState, IdentityRequest, RequestState, Standing
from appointments.enums import AppointmentStatus
from mexitel.accounts.models import User

# How soon a reviewer should look at a case that came back.
URGENT, USUAL = timedelta(hours=4), timedelta(hours=24)


def tell(case: Case, kind: str, *, now: datetime, actor: User | None = None, **detail: Any) -> None:
    CaseEvent.objects.create(case=case, at=now, kind=kind, actor=actor, detail=detail)


def set_standing(case: Case, appointment_id: UUID, standing: Standing) -> None:
    case.appointments.filter(appointment=appointment_id).update(standing=standing)


def back_to_a_person(case: Case, *, now: datetime, within: timedelta = USUAL) -> None:
    """The caller has locked the case. One that waits in the queue only comes sooner; a closed one stays closed."""
    if case.is_closed:
        return
    soon = now + within
    if case.state == CaseState.ASKED:
        case.state, case.act_by, case.taken_by, case.taken_until = CaseState.OPEN, soon, None, None
    else:
        case.act_by = min(case.act_by, soon)
    case.changed_at = now
    case.save(update_fields=["state", "act_by", "taken_by", "taken_until", "changed_at"])


def back_when_answered(case: Case, *, now: datetime) -> None:
    """Once nobody is waited for, a case of which people were asked goes back: a person closes it."""
    if case.state != CaseState.ASKED:
        return
    if IdentityRequest.objects.filter(case=case, state=RequestState.OPEN).exists():
        return
    tell(case, "all_confirmed" if _all_confirmed(case, now=now) else "answers_in", now=now)
    back_to_a_person(case, now=now)


def _all_confirmed(case: Case, *, now: datetime) -> bool:
    to_come = case.appointments.filter(appointment__status=AppointmentStatus.BOOKED, appointment__starts_at__gt=now)
    return not to_come.exclude(standing__in=[Standing.VALIDATED, Standing.KEPT]).exists()
