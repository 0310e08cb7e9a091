"""Cancellations for tests: ``cancelled(people=2)`` is what a reviewer's decision did to an open case's appointments."""

from dataclasses import dataclass
from datetime import datetime

from antifraud.models import Act, Case, CaseState, Decision, DecisionReason, PriorityToken, Verdict
from antifraud.redress.cancelling import cancel_for
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.blocks import reviewer
from tests.factories.cases import suspected

PHONE = "+12135550142"


@dataclass
class Cancelled:
    case: Case
    decision: Decision
    tokens: list[PriorityToken]

    @property
    def token(self) -> PriorityToken:
        return self.tokens[0]

    @property
    def account(self) -> User:
        return self.token.account


def decided(
    case: Case,
    *,
    author: User | None = None,
    act: Act = Act.CANCEL,
    reason: DecisionReason = DecisionReason.HOARDED,
    now: datetime = NOW,
    **columns: object,
) -> Decision:
    """About all appointments of ``case``, done at ``now``, as the case desk writes it."""
    return Decision.objects.create(
        case=case, act=act, reason=reason, note="Veinte cuentas con un solo buzón.", author=author or reviewer(),
        appointment_ids=list(case.appointments.values_list("appointment_id", flat=True)), decided_at=now,
        effective_at=now, done_at=now, **columns,
    )  # fmt: skip


def closed(case: Case, *, by: User, verdict: Verdict = Verdict.BROKER, now: datetime = NOW) -> Case:
    case.state, case.verdict, case.closed_by, case.closed_at = CaseState.CLOSED, verdict, by, now
    case.save()
    return case


def cancelled(*, people: int = 1, now: datetime = NOW, author: User | None = None, **session: object) -> Cancelled:
    """The case is closed: a broker."""
    case = suspected(people=people, now=now, **session)
    decision = decided(case, author=author, now=now)
    cancel_for(decision, now=now)
    closed(case, by=decision.author, now=now)
    tokens = PriorityToken.objects.filter(decision=decision).select_related("account", "appointment")
    return Cancelled(case, decision, list(tokens.order_by("account_id")))


def applicant(phone: str = PHONE) -> User:
    """Who attends, with an account of their own."""
    return make.account(phone=phone)
