"""Roles, where they hold, and the scope in which pages of staff read rows."""

import ast
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from appointments.models import Appointment
from consulates.access import access_of
from consulates.models import Assignment, Consulate, Role, Session
from consulates.roles import PERMISSIONS, May
from tests.factories.consulates import NOW, ConsulateFactory, published_session
from tests.factories.staff import LONG_AGO, staff_with

pytestmark = pytest.mark.django_db
SCOPED = {
    "Appointment",
    "Assignment",
    "Attendance",
    "AttendanceStep",
    "CampaignOffice",
    "CapacityFactor",
    "Closure",
    "DayClosed",
    "EmergencyRequest",
    "Grant",
    "GrantRule",
    "HolidayDecision",
    "Notice",
    "OfficeLine",
    "Orphan",
    "PlanBatch",
    "PlanTemplate",
    "SampleDraw",
    "SampledRequest",
    "Seat",
    "Session",
    "Slot",
    "Stop",
    "Suspension",
    "Tour",
    "Upload",
}


def test_every_role_may_something():
    assert {role for role in Role if not PERMISSIONS[role]} == set()


def test_role_holds_in_its_office_only():
    here, there = ConsulateFactory(), ConsulateFactory(city="Reno")
    access = access_of(staff_with(Role.PLANNER, here), now=NOW)

    assert access.may(May.PLAN, here.id)
    assert not access.may(May.PLAN, there.id)
    assert not access.may(May.DESK, here.id)
    assert not access.everywhere(May.PLAN)
    assert list(access.offices(May.PLAN)) == [here]


def test_role_of_the_network_holds_everywhere():
    office = ConsulateFactory()
    access = access_of(staff_with(Role.NETWORK_COORDINATOR), now=NOW)

    assert access.may(May.CAMPAIGN, office.id)
    assert access.everywhere(May.CAMPAIGN)


@pytest.mark.parametrize(
    "changes",
    [{"ends_at": NOW}, {"starts_at": NOW + timedelta(seconds=1)}],
    ids=["ended", "not begun"],
)
def test_role_holds_from_its_start_to_its_end(changes):
    office = ConsulateFactory()

    assert not access_of(staff_with(Role.PLANNER, office, **changes), now=NOW).may(May.SEE)


def test_who_was_suspended_may_nothing():
    user = staff_with(Role.PLANNER, ConsulateFactory())
    type(user).objects.filter(pk=user.pk).update(is_active=False)

    assert access_of(user, now=NOW).where == {}


def test_same_role_in_the_same_place_is_given_once():
    user = staff_with(Role.AUDITOR)

    with pytest.raises(IntegrityError, match="consulates_assignment_once_in_force"), transaction.atomic():
        Assignment.objects.create(user=user, role=Role.AUDITOR, starts_at=LONG_AGO)


def test_rows_of_staff_are_those_of_the_offices_in_scope():
    here, there = ConsulateFactory(), ConsulateFactory(city="Reno")
    session = published_session(here)
    published_session(there)

    with scope(consulate=[here.id]):
        assert list(Session.staff.all()) == [session]
    with scope(consulate=[]):
        assert list(Session.staff.all()) == []


def test_without_a_scope_nothing_is_shown():
    for model in (Session, Appointment, Assignment):
        with pytest.raises(ScopeError):
            model.staff.count()


def test_pages_of_staff_read_scoped_rows_only():
    """``.objects`` of these models would show every office."""
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for room in ("consulates", "appointments", "antifraud")
        for path in (settings.BASE_DIR / room / "views" / "staff").glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id in SCOPED
    ]

    assert found == []


def test_practice_office_serves_nobody(db):
    ConsulateFactory(is_practice=True)

    assert list(Consulate.objects.working_on(NOW.date())) == []
