"""An appeal: asked by who is blocked, decided by another reviewer within 72 hours."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from antifraud.errors import AnotherPersonNeeded, AppealOpen, DecidedAlready, NotBlocked
from antifraud.models import Appeal, AppealState, Block, BlockState
from antifraud.models.appeal import ANSWERED_WITHIN
from antifraud.services.blocks import lift_block
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations


def file_appeal(*, block_id: UUID, person: bytes, words: str, by: User | None, now: datetime) -> Appeal:
    """``person`` is a hash of antifraud.selectors; ``by`` is None for a proven contact without an account.

    Raises NotBlocked when the block is not in force, AppealOpen when this person has asked already.
    """
    with named_violations({"appeal_one_open_for_a_person": AppealOpen}):
        block = Block.objects.select_for_update(no_key=True).filter(pk=block_id).first()
        if block is None or block.author is None or not block.is_in_force(now=now):
            raise NotBlocked
        appeal = Appeal.objects.create(
            block=block, person=person, words=words, asked_at=now, answer_by=now + ANSWERED_WITHIN,
            against_author=block.author, against_approver=block.approver,
        )  # fmt: skip
        record(actor=by or "citizen", action="appeal.file", target=appeal, now=now, detail={"block": str(block.pk)})
    return appeal


@transaction.atomic
def decide_appeal(*, appeal_id: UUID, reviewer: User, overturn: bool, answer: str, now: datetime) -> Appeal:
    """Of an appeal against a block. ``answer`` is what the person reads. Overturning lifts the block, if it stands, for
    everybody under it.

    Raises DecidedAlready, or AnotherPersonNeeded for those who decided the block.
    """
    [block_id] = Appeal.objects.filter(pk=appeal_id, block__isnull=False).values_list("block_id", flat=True)
    block = Block.objects.select_for_update().get(pk=block_id)  # the order of file_appeal: block, then appeal
    state = AppealState.OVERTURNED if overturn else AppealState.UPHELD
    appeal = answer_appeal(appeal_id, reviewer, state, answer, now=now, detail={"block": str(block.pk)})
    if overturn and block.state == BlockState.CONFIRMED:
        lift_block(
            block_id=block.pk, reviewer=reviewer, why="appeal", now=now, state=BlockState.OVERTURNED
        )  # fmt: skip
    return appeal


def answer_appeal(
    appeal_id: UUID, reviewer: User, state: AppealState, answer: str, *, now: datetime, detail: dict
) -> Appeal:
    """Once, by another person than who decided; whoever calls has locked what it is against. Raises as above."""
    appeal = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal_id)
    if appeal.state != AppealState.OPEN:
        raise DecidedAlready
    if reviewer.pk in {appeal.against_author_id, appeal.against_approver_id}:
        raise AnotherPersonNeeded
    appeal.state, appeal.decided_by, appeal.decided_at, appeal.answer = state, reviewer, now, answer
    appeal.save()
    action = "appeal.overturn" if state == AppealState.OVERTURNED else "appeal.uphold"
    record(actor=reviewer, action=action, target=appeal, now=now, detail=detail)
    return appeal
