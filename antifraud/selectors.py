"""What somebody is under, for their own pages and for the doors."""

from datetime import datetime

from antifraud.models import Block, BlockKind
from antifraud.models.block import UNDECIDED
from antifraud.names import account_names, contact_names, of_account, one_of
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash


def person_of(account: User) -> bytes:
    """Who appeals, as an Appeal keeps it."""
    return keyed_hash("appeal", f"account:{account.pk}")


def person_of_contact(address: str) -> bytes:
    return keyed_hash("appeal", address)


def blocks_of(account: User, *, now: datetime) -> list[Block]:
    """In force for ``account``, the one that lasts longest first."""
    return list(Block.objects.in_force(now=now).filter(of_account(account)).order_by("-ends_at"))


def block_of_contact(address: str, *, now: datetime) -> Block | None:
    """In force for an exact e-mail or an E.164 number that may have no account."""
    return Block.objects.in_force(now=now).filter(one_of(contact_names(address))).order_by("-ends_at").first()


def must_finish_by_phone(account: User, *, now: datetime) -> bool:
    """Whether somebody proposed to block ``account`` less than 24 hours ago and nobody has decided: it can book, and
    finishes by phone. For the step-up that will ask.
    """
    waiting = Block.objects.waiting().exclude(kind=BlockKind.DOMAIN).filter(proposed_at__gt=now - UNDECIDED)
    return waiting.filter(one_of(account_names(account))).exists()
