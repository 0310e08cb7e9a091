"""What carrying out a decision does to people: the one place where the desk calls its neighbours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from antifraud.errors import EverybodysDomain, StandsAlready
from antifraud.live.grouping import cap_together
from antifraud.models import BlockKind, Decision
from antifraud.names import Target
from antifraud.redress.cancelling import cancel_for
from antifraud.services.blocks import propose_block
from antifraud.validation.asking import ask_people
from appointments.enums import BASE_CAPS, ScopeKind
from appointments.models import Appointment
from mexitel.accounts.models import User

LONGEST_NOTE = 500


@dataclass(frozen=True)
class Effects:
    """``cancel(decision, now=)`` takes back its appointments and tells their people why, how to appeal, and how to book
    first; ``ask(case=, appointment_ids=, by=, now=)`` asks people to confirm; ``cap(account_ids=, cap=, by=, reason=,
    now=, case=)`` counts accounts together; ``block`` is ``services.blocks.propose_block``.
    """

    cancel: Callable[..., Any] = cancel_for
    ask: Callable[..., Any] = ask_people
    cap: Callable[..., Any] = cap_together
    block: Callable[..., Any] = propose_block


def accounts_concerned(decision: Decision) -> list[int]:
    """Who booked the appointments that it is about; of a decision about none, all bookers of the case."""
    chosen = Appointment.objects.filter(pk__in=decision.appointment_ids).values_list("account_id", flat=True)
    every = decision.case.accounts.values_list("account_id", flat=True)
    return sorted({*(chosen if decision.appointment_ids else every)})


def cancel(decision: Decision, effects: Effects, *, now: datetime) -> None:
    effects.cancel(decision, now=now)


def ask(decision: Decision, effects: Effects, *, now: datetime) -> None:
    effects.ask(case=decision.case, appointment_ids=list(decision.appointment_ids), by=decision.author, now=now)


def cap(decision: Decision, effects: Effects, *, now: datetime) -> None:
    """One account alone is counted already."""
    accounts = accounts_concerned(decision)
    if len(accounts) > 1:
        effects.cap(
            account_ids=accounts, cap=BASE_CAPS[ScopeKind.GROUP], by=decision.author, reason=decision.note, now=now,
            case=decision.case,
        )  # fmt: skip


def block(decision: Decision, effects: Effects, *, now: datetime) -> None:
    """A proposal for each mailbox and phone, or else the account; a colleague confirms them. What has one is left."""
    note = f"#{decision.case_id}: {decision.note}"[:LONGEST_NOTE]
    for target in contacts_of(User.objects.filter(pk__in=accounts_concerned(decision)).order_by("pk")):
        try:
            effects.block(target=target, reason=decision.reason, note=note, by=decision.author, now=now)
        except (StandsAlready, EverybodysDomain):
            continue


def contacts_of(accounts: Sequence[User] | Any) -> list[Target]:
    """Each mailbox, phone and account without either, once."""
    found: dict[tuple[str, bytes], Target] = {}
    for account in accounts:
        targets = [Target(BlockKind.MAILBOX, account.email)] if account.email else []
        targets += [Target(BlockKind.PHONE, account.phone)] if account.phone else []
        for target in targets or [Target(BlockKind.ACCOUNT, str(account.pk))]:
            found.setdefault((target.kind, target.key), target)
    return list(found.values())
