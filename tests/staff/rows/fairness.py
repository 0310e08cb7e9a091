"""Reviewers' pages, and what a blocked person reads. Blocks are of no office: whoever reviews sees them all."""

from antifraud.lanes.devices import open_terminal
from antifraud.lanes.helping import ask
from antifraud.services.appeals import file_appeal
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.factories.blocks import blocked, proposed
from tests.staff.matrix import Open, Staff

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
PLANNERS = frozenset({Role.PLANNER, Role.OFFICE_MANAGER, Role.NETWORK_COORDINATOR})


def a_proposal(world):
    return {"block_id": proposed("account", str(UserFactory().pk)).pk}


def a_helper(world):
    account = UserFactory(phone="+12135550100", phone_hash=b"h" * 32, phone_verified_at=now())
    return {"helper_id": ask(account=account, name="-", organisation="", place="-", now=now()).pk}


def a_lane(world):
    return {"lane_id": open_terminal(office=world.office, place="-", organisation="", by=UserFactory(), now=now()).pk}


def an_appeal(world):
    block = blocked("account", str(UserFactory().pk))
    return {"appeal_id": file_appeal(block_id=block.pk, person=b"p" * 32, words="-", by=None, now=now()).pk}


ROWS = {
    "step_work": Open(),
    "helpers": Open(),
    "helper_own": Open(),
    "helper_leave": Open(),
    "device_join": Open(),
    "staff_helpers": Staff(get=REVIEWERS),
    "staff_helper": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_helper, of_office=False),
    "staff_lanes": Staff(get=PLANNERS),
    "staff_lane_new": Staff(get=PLANNERS, post=PLANNERS),
    "staff_lane": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_lane),
    "own_block": Open(),
    "block_by_link": Open(),
    "staff_blocks": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block_new": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_proposal, of_office=False),
    "staff_blocks_confirm": Staff(post=REVIEWERS),
    "staff_appeals": Staff(get=REVIEWERS),
    "staff_appeal": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=an_appeal, of_office=False),
}
