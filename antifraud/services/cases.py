"""What the machine does with cases: open one, and add to it what its actor books. People decide (services/desk)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from antifraud.models import (
    Case,
    CaseAccount,
    CaseAppointment,
    CaseAssessment,
    CaseEvent,
    CaseKind,
    CaseState,
    Standing,
)
from antifraud.models.case import ANSWERED_WITHIN, BEFORE_APPOINTMENT
from appointments.enums import AppointmentStatus
from appointments.models import Appointment


@dataclass(frozen=True)
class Found:
    """An assessment as a case keeps it. ``reasons``: {code, group, points, evidence} as shown; ``facts``: counts."""

    ruleset: int
    score: float
    reasons: Sequence[dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def open_case(
    *,
    found: Found,
    account_ids: Iterable[int],
    appointment_ids: Iterable[UUID],
    now: datetime,
    group_number: int | None = None,
    kind: CaseKind = CaseKind.BROKER,
    agent_id: int | None = None,
) -> Case:
    """A new case with its bookers and appointments. The caller sees to it that the group has no other standing."""
    case = Case.objects.create(
        kind=kind, group_number=group_number, agent_id=agent_id, ruleset=found.ruleset, score=found.score,
        reasons=list(found.reasons), facts=found.facts, opened_at=now, changed_at=now, act_by=now + ANSWERED_WITHIN,
    )  # fmt: skip
    CaseEvent.objects.create(case=case, at=now, kind="opened", detail={"score": found.score})
    _assessed(case, found, now)
    add_to_case(case=case, account_ids=account_ids, appointment_ids=appointment_ids, now=now)
    return case


@transaction.atomic
def add_to_case(*, case: Case, account_ids: Iterable[int], appointment_ids: Iterable[UUID], now: datetime) -> int:
    """Take in bookers and appointments; those that it has already change nothing. How many appointments were new.

    New ones bring a case whose people are being asked back to a person.
    """
    CaseAccount.objects.bulk_create(
        [CaseAccount(case=case, account_id=pk, added_at=now) for pk in sorted(set(account_ids))], ignore_conflicts=True
    )
    wanted = set(appointment_ids)
    known = set(case.appointments.filter(appointment__in=wanted).values_list("appointment_id", flat=True))
    CaseAppointment.objects.bulk_create(
        [CaseAppointment(case=case, appointment_id=pk, flagged_at=now) for pk in sorted(wanted - known)],
        ignore_conflicts=True,
    )
    new = len(wanted - known)
    if new:
        CaseEvent.objects.create(case=case, at=now, kind="grew", detail={"appointments": new})
        if case.state == CaseState.ASKED:
            case.state = CaseState.OPEN
    _recount(case, now)
    return new


@transaction.atomic
def reassess(*, case: Case, found: Found, now: datetime) -> None:
    """A higher score takes the place of the one shown; each is kept for the line over time."""
    _assessed(case, found, now)
    if found.score > case.score:
        case.ruleset, case.score, case.reasons, case.facts = (
            found.ruleset, found.score, list(found.reasons), found.facts,
        )  # fmt: skip
        case.changed_at = now
        case.save(update_fields=["ruleset", "score", "reasons", "facts", "changed_at"])


@transaction.atomic
def merge_cases(*, kept: Case, other: Case, now: datetime) -> None:
    """Two actors turned out to be one: ``kept``, the older, takes in ``other``, which is then part of it.

    Bookers, appointments and decisions that still wait go over as they stand; what is done stays where it was done.
    Nobody decided anything: whoever had the younger in hand finds the older in the queue.
    """
    known = kept.appointments.values("appointment_id")
    other.appointments.exclude(appointment__in=known).update(case=kept)
    other.appointments.all().delete()
    CaseAccount.objects.bulk_create(
        [CaseAccount(case=kept, account_id=one.account_id, added_at=now) for one in other.accounts.all()],
        ignore_conflicts=True,
    )
    other.decisions.filter(done_at=None, withdrawn_at=None).update(case=kept)
    for case, detail in ((kept, {"took_in": other.pk}), (other, {"into": kept.pk})):
        CaseEvent.objects.create(case=case, at=now, kind="merged", detail=detail)
    other.state, other.merged_into, other.group_number, other.seats = CaseState.MERGED, kept, None, 0
    other.taken_by = other.taken_until = None
    other.changed_at = now
    other.save()
    if kept.appointments.filter(standing=Standing.FLAGGED).exists():
        kept.state = CaseState.OPEN
    _recount(kept, now)


def _assessed(case: Case, found: Found, now: datetime) -> None:
    CaseAssessment.objects.create(
        case=case, at=now, ruleset=found.ruleset, score=found.score, reasons=list(found.reasons), facts=found.facts
    )


def _recount(case: Case, now: datetime) -> None:
    """Seats at stake, the office that has most of them, and the moment after which an answer helps nobody."""
    upcoming = list(
        Appointment.objects.filter(
            pk__in=case.appointments.values("appointment_id"), status=AppointmentStatus.BOOKED, starts_at__gt=now
        ).values_list("starts_at", "consulate_id")
    )
    offices = [office for _, office in upcoming]
    case.seats = len(upcoming)
    case.consulate_id = max(sorted(set(offices)), key=offices.count) if offices else case.consulate_id
    soonest = min((starts_at for starts_at, _ in upcoming), default=None)
    late = case.opened_at + ANSWERED_WITHIN
    case.act_by = late if soonest is None else min(late, max(soonest - BEFORE_APPOINTMENT, case.opened_at))
    case.changed_at = now
    case.save(update_fields=["seats", "consulate", "act_by", "changed_at", "state"])
