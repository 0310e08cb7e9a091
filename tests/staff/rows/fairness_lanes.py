"""Steps before a booking, helpers, and devices that many people share."""

from antifraud.lanes.devices import open_terminal
from antifraud.lanes.helping import ask
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.staff.matrix import PLANNERS, Open, Staff

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})


def a_helper(world):
    account = UserFactory(phone="+12135550100", phone_hash=b"h" * 32, phone_verified_at=now())
    return {"helper_id": ask(account=account, name="-", organisation="", place="-", now=now()).pk}


def a_lane(world):
    return {"lane_id": open_terminal(office=world.office, place="-", organisation="", by=UserFactory(), now=now()).pk}


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
}
