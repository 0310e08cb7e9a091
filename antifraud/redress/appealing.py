"""An appeal against a decision that cancelled appointments: from the link, signed in or by telephone; decided by
another reviewer within 72 hours, within 24 when the appointment was less than a week away.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from antifraud.errors import AppealOpen
from antifraud.models import Appeal, AppealState, Decision, PriorityToken
from antifraud.models.appeal import ANSWERED_SOON, ANSWERED_WITHIN, SOON
from antifraud.redress.errors import TooLate, UndoneAlready
from antifraud.redress.restoring import restore_some, undo_decision
from antifraud.selectors import person_of
from antifraud.services.appeals import answer_appeal
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.db import named_violations

ANSWERED = "appointment.review_answered"


class Found(StrEnum):
    """What the reviewer of an appeal finds."""

    MISTAKE = "mistake"
    THIS_ONE = "this_one"
    RIGHT = "right"


def booker_of(token: PriorityToken) -> bytes:
    """Who appeals, as an Appeal keeps it: the account that had booked."""
    return person_of(token.account)


def attending(token: PriorityToken) -> bytes:
    """Who attends the appointment and asks without the booker."""
    return keyed_hash("appeal", f"appointment:{token.appointment_id}")


def appeal_decision(
    *,
    tokens: Sequence[PriorityToken],
    person: bytes,
    words: str,
    by: User | str,
    now: datetime,
    agent_id: int | None = None,
) -> Appeal:
    """``tokens`` are of one decision: what ``person`` lost by it. ``by`` is who writes, or "link" for a stranger with
    one; ``agent_id`` says who wrote it down in a call.

    Raises TooLate after 30 days, UndoneAlready, or AppealOpen when this person has asked already.
    """
    first = tokens[0]
    with named_violations({"appeal_one_open_for_a_decision": AppealOpen}):
        found = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("author", "approver")
        decision = found.get(pk=first.decision_id)
        if decision.overturned_at is not None:
            raise UndoneAlready
        if first.appeal_until <= now:
            raise TooLate
        appeal = Appeal.objects.create(
            decision=decision, appointment_ids=[token.appointment_id for token in tokens], person=person, words=words,
            asked_at=now, answer_by=now + _answered_within(tokens, now=now), agent_id=agent_id,
            against_author=decision.author, against_approver=decision.approver,
        )  # fmt: skip
        record(actor=by, action="appeal.file", target=appeal, now=now, detail={"decision": decision.pk})
    return appeal


@transaction.atomic
def decide_decision_appeal(*, appeal_id: UUID, reviewer: User, found: Found, answer: str, now: datetime) -> Appeal:
    """``answer`` is what the person reads, on the page and in a message. A mistake undoes all of the decision;
    ``THIS_ONE`` gives back what this person lost and leaves the others' as it is.

    Raises DecidedAlready, or AnotherPersonNeeded for who made the decision or agreed to it.
    """
    decision_id = Appeal.objects.values_list("decision_id", flat=True).get(pk=appeal_id)
    held = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("case")
    decision = held.get(pk=decision_id or 0)
    state = AppealState.UPHELD if found == Found.RIGHT else AppealState.OVERTURNED
    detail = {"decision": decision.pk, "found": str(found)}
    appeal = answer_appeal(appeal_id, reviewer, state, answer, now=now, detail=detail)
    if found == Found.MISTAKE:
        undo_decision(decision, reviewer=reviewer, now=now)
    elif found == Found.THIS_ONE:
        mine = tokens_of(appeal)
        to_booker = is_bookers(appeal, mine)
        restore_some(decision, mine, reviewer=reviewer, to_booker=to_booker, now=now)
    publish(kind=ANSWERED, payload={"appeal": str(appeal.pk)}, now=now)
    return appeal


def tokens_of(appeal: Appeal) -> list[PriorityToken]:
    """What the appeal is about, the soonest appointment first."""
    found = PriorityToken.objects.filter(appointment__in=appeal.appointment_ids)
    return list(found.select_related("account").order_by("appointment__starts_at", "pk"))


def is_bookers(appeal: Appeal, tokens: Sequence[PriorityToken]) -> bool:
    """Whether the booker asks, and not who attends on their own."""
    return bool(tokens) and bytes(appeal.person) == booker_of(tokens[0])


def _answered_within(tokens: Sequence[PriorityToken], *, now: datetime) -> timedelta:
    starts = [token.appointment.starts_at for token in tokens]
    return ANSWERED_SOON if any(now < at < now + SOON for at in starts) else ANSWERED_WITHIN
