"""Propose, confirm, reject, lift, and tidy what has run out. Each is one transaction and leaves a line of audit.

A machine may propose; a person decides (DESIGN 4.13). What is decided is written under the locks of the claim, so that
a booking and a block of the same name have one winner.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from antifraud.errors import DecidedAlready, EverybodysDomain, SecondPersonNeeded, StandsAlready
from antifraud.models import Block, BlockKind, BlockState
from antifraud.models.block import FIRST_TIME, NEXT_TIME
from antifraud.names import Target, claim_names, one_of
from antifraud.providers import is_everybodys
from antifraud.reach import MOST_ATTENDED, accounts_of, reach_of
from appointments.scopes import account_scope
from appointments.services.blocking import Name, lock_names, set_blocked
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations


def propose_block(*, target: Target, reason: str, note: str, by: User | None, now: datetime) -> Block:
    """A proposal, with the accounts that have the name now; ``by`` is None for a machine. Blocks nobody.

    ``reason`` is a BlockReason, ``note`` says why to colleagues, without names or contacts. Raises StandsAlready or
    EverybodysDomain.
    """
    with named_violations({"block_one_standing_for_a_name": StandsAlready}):
        _tidy(Block.objects.filter(kind=target.kind, key=target.key), now=now)
        accounts = accounts_of(target)
        _refuse_everybodys(target.kind, target.text, accounts, now=now)
        block = Block.objects.create(
            kind=target.kind, key=target.key, mask=target.mask, reason=reason, note=note, account_ids=accounts,
            proposed_by=by, proposed_at=now, starts_at=now, ends_at=now + _length(target.kind, target.key),
        )  # fmt: skip
        detail = {"kind": str(target.kind), "reason": reason, "accounts": len(accounts)}
        record(actor=by, action="block.propose", target=block, now=now, reason=note, detail=detail)
    return block


@transaction.atomic
def confirm_block(*, block_id: UUID, reviewer: User, now: datetime) -> Block:
    """In force from ``now`` on all channels: 180 days the first time, then 365.

    A domain needs ``reviewer`` to be another person than who proposed it; whether they may sign is asked in the
    view. Raises DecidedAlready, SecondPersonNeeded or EverybodysDomain.
    """
    block = _locked(block_id, BlockState.PROPOSED)
    block.author = reviewer
    if block.kind == BlockKind.DOMAIN:
        if block.proposed_by == reviewer:
            raise SecondPersonNeeded
        block.account_ids = accounts_of(Target(BlockKind.DOMAIN, block.mask))
        _refuse_everybodys(block.kind, block.mask, block.account_ids, now=now)
        block.author, block.approver = block.proposed_by, reviewer
    block.state, block.starts_at = BlockState.CONFIRMED, now
    block.ends_at = now + _length(block.kind, bytes(block.key))
    block.save()
    _settle(block, now=now)
    detail = {"kind": block.kind, "until": block.ends_at.isoformat(), "accounts": len(block.account_ids)}
    record(actor=reviewer, action="block.confirm", target=block, now=now, reason=block.note, detail=detail)
    return block


@transaction.atomic
def reject_block(*, block_id: UUID, reviewer: User, why: str, now: datetime) -> None:
    """Nobody is blocked. Raises DecidedAlready."""
    block = _locked(block_id, BlockState.PROPOSED)
    _close(block, BlockState.REJECTED, reviewer, why, now=now)
    record(actor=reviewer, action="block.reject", target=block, now=now, reason=why)


@transaction.atomic
def lift_block(
    *, block_id: UUID, reviewer: User, why: str, now: datetime, state: BlockState = BlockState.LIFTED
) -> None:
    """Everybody under it can book again at once, unless another block holds them. Raises DecidedAlready."""
    block = _locked(block_id, BlockState.CONFIRMED)
    _close(block, state, reviewer, why, now=now)
    _settle(block, now=now)
    record(actor=reviewer, action="block.lift", target=block, now=now, reason=why, detail={"state": str(state)})


def end_run_out(*, now: datetime, limit: int = 500) -> int:
    """Blocks whose end has come are put away; how many. Nobody waits for it: the clock is judged when read."""
    with transaction.atomic():
        ids = list(Block.objects.run_out(now=now).order_by("ends_at").values_list("pk", flat=True)[:limit])
        return _tidy(Block.objects.filter(pk__in=ids), now=now)


def _tidy(blocks, *, now: datetime) -> int:
    over = list(blocks.run_out(now=now).order_by("pk").select_for_update(skip_locked=True))
    for block in over:
        block.state, block.closed_at = BlockState.ENDED, now
        block.save()
        record(actor=None, action="block.end", target=block, now=now)
    return len(over)


def _locked(block_id: UUID, state: BlockState) -> Block:
    block = Block.objects.select_for_update().get(pk=block_id)
    if block.state != state:
        raise DecidedAlready
    return block


def _close(block: Block, state: BlockState, reviewer: User, why: str, *, now: datetime) -> None:
    block.state, block.closed_at, block.closed_by, block.closed_why = state, now, reviewer, why
    block.save()


def _length(kind: str, key: bytes):
    """What was overturned on appeal, or never confirmed, is no first time."""
    before = Block.objects.filter(kind=kind, key=key, state__in=[BlockState.ENDED, BlockState.LIFTED])
    return NEXT_TIME if before.exists() else FIRST_TIME


def _refuse_everybodys(kind: str, domain: str, accounts: Sequence[int], *, now: datetime) -> None:
    if kind != BlockKind.DOMAIN:
        return
    if is_everybodys(domain) or reach_of(accounts, now=now).attended > MOST_ATTENDED:
        raise EverybodysDomain


def _settle(block: Block, *, now: datetime) -> None:
    """Write what is in force for every name that ``block`` touches, under the claim's locks of them all. What other
    blocks say is read after the locks were taken, so that two who lift at once do not restore each other's.
    """
    own = claim_names(block.kind, bytes(block.key))
    accounts = {account_scope(pk): pk for pk in block.account_ids}
    lock_names({*own, *accounts})
    of_accounts = one_of([(BlockKind.ACCOUNT, scope.key) for scope in accounts])
    same = Q(kind=block.kind, key=block.key) | of_accounts | Q(account_ids__overlap=list(accounts.values()))
    until: dict[Name, datetime | None] = dict.fromkeys([*own, *accounts])
    for one in Block.objects.in_force(now=now).filter(same):
        hit = {*claim_names(one.kind, bytes(one.key)), *(account_scope(pk) for pk in one.account_ids)}
        for name in hit & until.keys():
            until[name] = max(one.ends_at, until[name] or one.ends_at)
    set_blocked(until)
