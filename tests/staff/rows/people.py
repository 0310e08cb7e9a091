from consulates.models import Recovery, Role
from mexitel.utils.time import now
from tests.factories.staff import staff_with
from tests.staff.matrix import EVERYBODY, OfLibrary, Open, Staff

KEEPERS = frozenset({Role.OFFICE_MANAGER, Role.ADMINISTRATOR})
READERS = frozenset({Role.OFFICE_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR})
SIGNERS = frozenset({Role.OFFICE_MANAGER, Role.ADMINISTRATOR, Role.NETWORK_COORDINATOR, Role.SENIOR_REVIEWER})


def clerk(world):
    return {"user_id": staff_with(Role.DESK_CLERK, world.office).pk}


def role_of_a_clerk(world):
    return {"assignment_id": staff_with(Role.DESK_CLERK, world.office).assignments.get().pk}


def recovery(world):
    user, opener = staff_with(Role.DESK_CLERK, world.office), staff_with(Role.OFFICE_MANAGER, world.office)
    moment = now()
    opened = Recovery.objects.create(
        user=user, opened_by=opener, reason="x", opened_at=moment, expires_at=moment.replace(year=moment.year + 1)
    )
    return {"recovery_id": opened.pk}


ROWS = {
    "admin:": OfLibrary("tests/staff/test_people_admin.py"),
    "staff_audit": Staff(get=READERS),
    "staff_audit_csv": Staff(get=READERS),
    "staff_help": Staff(get=EVERYBODY),
    "staff_help_role": Staff(get=EVERYBODY, kwargs=lambda world: {"role": "planner"}, of_office=False),
    "staff_invite": Staff(get=KEEPERS, post=KEEPERS),
    "staff_invite_again": Staff(post=KEEPERS, kwargs=clerk),
    "staff_leave": Staff(get=KEEPERS, post=KEEPERS, kwargs=clerk),
    "staff_link": Open(),
    "staff_people": Staff(get=KEEPERS),
    "staff_person": Staff(get=KEEPERS, kwargs=clerk),
    "staff_recoveries": Staff(get=SIGNERS),
    "staff_recovery": Staff(get=SIGNERS, post=SIGNERS, kwargs=recovery),
    "staff_recovery_open": Staff(get=KEEPERS, post=KEEPERS, kwargs=clerk),
    "staff_role_end": Staff(get=KEEPERS, post=KEEPERS, kwargs=role_of_a_clerk),
    "staff_role_give": Staff(get=KEEPERS, post=KEEPERS, kwargs=clerk),
}
