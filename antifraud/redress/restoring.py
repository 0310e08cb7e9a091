"""What follows when a cancellation was a mistake: the same time again if it can be had, else a token that is good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from antifraud.models import (
    Act,
    CaseAppointment,
    CaseEvent,
    CaseState,
    Decision,
    PriorityToken,
    ReadyWhy,
    Standing,
    Verdict,
)
from antifraud.models.redress import TOKEN_LASTS
from antifraud.redress.locks import lock_bookers
from antifraud.redress.places import take_place
from antifraud.redress.tokens import locked_token, make_ready, spend
from antifraud.services.sightings import note
from appointments.errors import BookingError
from mexitel.accounts.models import User
from mexitel.audit.services import record

# What restricts somebody; closing a case or asking people overturns nothing.
RESTRICTS = (Act.CANCEL, Act.BLOCK, Act.CAP)


@dataclass
class MadeGood:
    """How many people have their time again, and how many may choose one."""

    seats: int = 0
    tokens: int = 0


def undo_decision(decision: Decision, *, reviewer: User, now: datetime) -> MadeGood:
    """All of it was a mistake: everybody in it is given back what they lost, the engine lets the case's accounts rest,
    and the case counts as a false alarm once nothing that it decided stands. The caller has locked ``decision``.
    """
    made = make_good(decision.tokens.select_related("account"), reviewer=reviewer, now=now)
    if decision.overturned_at is not None:
        return made
    decision.overturned_at = now
    decision.save(update_fields=["overturned_at"])
    case = decision.case
    for account_id in case.accounts.order_by("account_id").values_list("account_id", flat=True):
        note("review", verdict="legitimate", account_id=account_id, now=now)
    stands = case.decisions.filter(act__in=RESTRICTS, withdrawn_at=None, overturned_at=None)
    if case.state == CaseState.CLOSED and not stands.exists():
        case.verdict, case.changed_at = Verdict.LEGITIMATE, now
        case.save(update_fields=["verdict", "changed_at"])
    _record("redress.overturned", decision, made, reviewer=reviewer, now=now)
    return made


def make_good(tokens: Iterable[PriorityToken], *, reviewer: User, now: datetime, to_booker: bool = True) -> MadeGood:
    """Each appointment's own time again, in the booker's account; where that cannot be had the token becomes good, so
    that they choose. Who attends and asked without the booker (``to_booker`` false) keeps a token that they take into
    an account of their own. What was made good before stays.
    """
    made = MadeGood()
    tokens = sorted(tokens, key=lambda token: (token.account_id, str(token.pk)))
    lock_bookers({token.account for token in tokens})
    for one in tokens:
        token = locked_token(one.pk)
        if token.used_at is None and to_booker and _give_back(token, reviewer=reviewer, now=now):
            made.seats += 1
        elif token.used_at is None:
            _keep_good(token, to_booker=to_booker, now=now)
            made.tokens += 1
        CaseAppointment.objects.filter(case=token.decision.case_id, appointment=token.appointment_id).update(
            standing=Standing.RESTORED
        )
    return made


def restore_some(
    decision: Decision, tokens: Iterable[PriorityToken], *, reviewer: User, to_booker: bool, now: datetime
) -> MadeGood:
    """Those people were right, and the decision about the others stays."""
    made = make_good(tokens, reviewer=reviewer, now=now, to_booker=to_booker)
    _record("redress.restored", decision, made, reviewer=reviewer, now=now)
    return made


def _give_back(token: PriorityToken, *, reviewer: User, now: datetime) -> bool:
    """Whether the time that was lost could be booked again."""
    try:
        with transaction.atomic():
            slot_id = token.appointment.slot_id
            booked = take_place(token, account=token.account, slot_id=slot_id, now=now, agent=reviewer)
            if token.ready_at is None:
                make_ready(token, token.account, ReadyWhy.APPEAL, now=now)
            spend(token, booked, now=now)
    except BookingError:
        token.refresh_from_db(fields=["holder", "ready_at", "ready_why", "expires_at", "used_at", "used_for"])
        return False
    return True


def _keep_good(token: PriorityToken, *, to_booker: bool, now: datetime) -> None:
    if to_booker and token.ready_at is None:
        make_ready(token, token.account, ReadyWhy.APPEAL, now=now)
        return
    PriorityToken.objects.filter(pk=token.pk).update(expires_at=now + TOKEN_LASTS, tries=0)


def _record(action: str, decision: Decision, made: MadeGood, *, reviewer: User, now: datetime) -> None:
    detail = {"decision": decision.pk, "seats": made.seats, "tokens": made.tokens}
    CaseEvent.objects.create(
        case_id=decision.case_id, at=now, kind=action.partition(".")[2], actor=reviewer, detail=detail
    )
    record(actor=reviewer, action=action, target=decision, now=now, detail=detail)
