"""The one place of this room where appointments are cancelled: by a person's decision, and told in words."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from antifraud.models import Act, CaseAppointment, CaseEvent, Decision, PriorityToken, Standing
from antifraud.models.redress import TOKEN_LASTS
from antifraud.redress.locks import lock_bookers
from appointments.enums import Channel
from appointments.models import Appointment
from appointments.services import cancel_appointments
from mexitel.outbox.services import publish

TOLD = "appointment.cancelled_by_review"
BY = "reviewer"


@transaction.atomic
def cancel_for(decision: Decision, *, now: datetime) -> list[UUID]:
    """Cancel the appointments of ``decision`` that still stand, and tell their people why, in the same transaction.

    Permits are free at once, seats after their rest. Each appointment leaves a PriorityToken. What was cancelled
    meanwhile, or has begun, stays as it is; called again it does nothing. ``decision`` is a person's to cancel. Returns
    what it cancelled.
    """
    found = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("author")
    held = found.get(pk=decision.pk, act=Act.CANCEL)
    standing = _standing_under_lock(held.appointment_ids, now=now)
    for account, theirs in groupby(standing, key=lambda one: one.account):
        lost = list(theirs)
        cancel_appointments(
            account=account, appointment_ids=[one.pk for one in lost], now=now, by=BY, channel=Channel.COUNTER,
            agent_id=held.author.pk,
        )  # fmt: skip
        PriorityToken.objects.bulk_create(_token(held, one, now=now) for one in lost)
        publish(kind=TOLD, payload={"decision": held.pk, "account": account.pk}, now=now)
    done = [one.pk for one in standing]
    if done:
        _note(held, done, now=now)
    return done


def _standing_under_lock(ids: Sequence[UUID], *, now: datetime) -> list[Appointment]:
    """Sorted by account. Read again once their bookers are locked: then they stand still."""
    wanted = Appointment.objects.upcoming(now=now).filter(pk__in=ids).select_related("account")
    first = list(wanted)
    lock_bookers({one.account for one in first}, paid=[scope for one in first for scope in one.scope_ids])
    return list(wanted.order_by("account_id", "starts_at", "pk"))


def _token(decision: Decision, lost: Appointment, *, now: datetime) -> PriorityToken:
    return PriorityToken(
        decision=decision, appointment=lost, account=lost.account, procedure_id=lost.procedure_id, created_at=now,
        expires_at=now + TOKEN_LASTS,
    )  # fmt: skip


def _note(decision: Decision, done: Sequence[UUID], *, now: datetime) -> None:
    CaseAppointment.objects.filter(case=decision.case_id, appointment__in=done).update(standing=Standing.CANCELLED)
    CaseEvent.objects.create(
        case_id=decision.case_id, at=now, kind="cancelled", actor=decision.author,
        detail={"decision": decision.pk, "appointments": len(done)},
    )  # fmt: skip
