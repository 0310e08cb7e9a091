"""Blocks for tests: ``blocked(kind, typed)`` is in force, decided by two reviewers who are somebody's colleagues."""

from datetime import datetime

from antifraud.models import Block, BlockKind, BlockReason
from antifraud.names import target_of
from antifraud.services.blocks import confirm_block, propose_block
from consulates.models import Role
from mexitel.accounts.models import User
from tests.factories.appointments import NOW
from tests.factories.staff import staff_with

NOTE = "Veinte cuentas con un solo buzón."


def reviewer() -> User:
    return staff_with(Role.REVIEWER)


def proposed(kind: str, typed: str, *, by: User | None = None, now: datetime = NOW) -> Block:
    """By a machine unless ``by`` says who; a domain always by a person."""
    by = by or (reviewer() if kind == BlockKind.DOMAIN else None)
    target = target_of(BlockKind(kind), typed)
    return propose_block(target=target, reason=BlockReason.HOARDED, note=NOTE, by=by, now=now)


def blocked(kind: str, typed: str, *, by: User | None = None, now: datetime = NOW) -> Block:
    return confirm_block(block_id=proposed(kind, typed, now=now).pk, reviewer=by or reviewer(), now=now)
