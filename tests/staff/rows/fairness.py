"""Reviewers' pages, and what a blocked person reads. Blocks are of no office: whoever reviews sees them all."""

from antifraud.services.appeals import file_appeal
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.factories.blocks import blocked, proposed
from tests.factories.validation import asked_by_call
from tests.staff.matrix import AGENTS, Open, Staff

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})


def a_proposal(world):
    return {"block_id": proposed("account", str(UserFactory().pk)).pk}


def an_appeal(world):
    block = blocked("account", str(UserFactory().pk))
    return {"appeal_id": file_appeal(block_id=block.pk, person=b"p" * 32, words="-", by=None, now=now()).pk}


def a_call(world):
    """Of an appointment in ``world.office`` whose booker gave a phone in a call."""
    case = asked_by_call(consulate=world.office)
    return {"request_id": case.requests.get().pk}


ROWS = {
    "own_block": Open(),
    "block_by_link": Open(),
    "staff_blocks": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block_new": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_proposal, of_office=False),
    "staff_blocks_confirm": Staff(post=REVIEWERS),
    "staff_appeals": Staff(get=REVIEWERS),
    "identity_answer": Open(lambda world: {"token": "A" * 22}),
    "staff_identity_calls": Staff(get=AGENTS, post=AGENTS),
    "staff_identity_call": Staff(get=AGENTS, post=AGENTS, kwargs=a_call),
    "staff_appeal": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=an_appeal, of_office=False),
}
