"""Who gives which roles to whom, and what becomes of an account with them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from consulates.access import access_of
from consulates.models import Assignment, Role
from consulates.roles import GIVES, May
from consulates.services import people
from mexitel.accounts.invitations import NotStaff
from mexitel.accounts.models import StaffLink, User
from mexitel.api import tokens
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return ConsulateFactory(code="houston")


@pytest.fixture
def elsewhere():
    return ConsulateFactory(code="reno", city="Reno")


@pytest.fixture
def manager(office):
    return staff_with(Role.OFFICE_MANAGER, office)


@pytest.fixture
def administrator():
    return staff_with(Role.ADMINISTRATOR)


def give(actor, user, role=Role.PLANNER, office=None, **changes):
    now = clock()
    terms = {"starts_at": now, "ends_at": None, "reason": "cubre vacaciones", **changes}
    return people.give_role(actor=actor, user=user, role=role, office=office, now=now, **terms)


def invite(actor, email="nueva@example.com", role=Role.PLANNER, office=None):
    now = clock()
    terms = {"starts_at": now, "ends_at": None, "reason": "nueva en la oficina"}
    return people.invite(actor=actor, email=email, role=role, office=office, now=now, **terms)


def actions():
    return list(AuditLine.objects.order_by("id").values_list("action", flat=True))


# Who may give what: every role of the actor x every role to give x (own office, other office, network).


@pytest.mark.parametrize("giver", list(Role))
def test_roles_are_given_by_whom_the_table_says(giver, office, elsewhere):
    scope = None if giver in Role.of_the_network() else office
    actor = staff_with(giver, scope)
    given = []
    for role in Role:
        for where in (office, elsewhere, None):
            if role in Role.of_the_network() and where is not None:
                continue
            try:
                give(actor, staff_with(Role.REVIEWER), role, where)
            except people.MayNotGive:
                continue
            except people.RoleHeld:
                pass  # the reviewer of the network has it; being told so is being let through
            given.append((role, where))
    below = {Role.PLANNER, Role.DESK_CLERK, Role.PHONE_AGENT}
    if giver == Role.ADMINISTRATOR:
        assert {role for role, _where in given} == set(Role)
        assert {where for _role, where in given} == {office, elsewhere, None}
    elif giver == Role.OFFICE_MANAGER:
        assert set(given) == {(role, office) for role in below}
    else:
        assert given == []


def test_control_a_wider_table_lets_more_through(manager, office, monkeypatch):
    monkeypatch.setitem(GIVES, Role.OFFICE_MANAGER, frozenset(Role))

    assert give(manager, staff_with(Role.REVIEWER), Role.AUDITOR, office).pk


def test_nobody_changes_their_own_roles(manager, administrator, office):
    for actor in (manager, administrator):
        with pytest.raises(people.OwnRoles):
            give(actor, actor, Role.PLANNER, office)
        with pytest.raises(people.OwnRoles):
            people.end_role(actor=actor, assignment=actor.assignments.get(), reason="x", now=clock())
        with pytest.raises(people.OwnRoles):
            people.leave(actor=actor, user=actor, reason="x", now=clock())
        with pytest.raises(people.OwnRoles):
            invite(actor, actor.email, Role.PLANNER, office)


@pytest.mark.parametrize("column", ["granted_by", "ended_by"])
def test_database_refuses_a_role_changed_by_its_owner(manager, column):
    with pytest.raises(IntegrityError, match="consulates_assignment_changed_by_another"), transaction.atomic():
        Assignment.objects.update(**{column: manager})


def test_manager_cannot_end_what_they_could_not_give(manager, office, elsewhere):
    for role, where in ((Role.OFFICE_MANAGER, office), (Role.PLANNER, elsewhere), (Role.AUDITOR, None)):
        other = staff_with(role, where).assignments.get()
        with pytest.raises(people.MayNotGive):
            people.end_role(actor=manager, assignment=other, reason="x", now=clock())
        other.refresh_from_db()
        assert other.ends_at is None


def test_role_is_given_from_a_start_to_an_end_with_reason_and_author(manager, office):
    user, now = staff_with(Role.REVIEWER), clock()
    given = give(manager, user, office=office, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=3))

    assert (given.granted_by, given.reason) == (manager, "cubre vacaciones")
    assert not access_of(user, now=now).may(May.PLAN)
    assert access_of(user, now=now + timedelta(days=2)).may(May.PLAN, office.pk)
    assert not access_of(user, now=now + timedelta(days=4)).may(May.PLAN)
    line = AuditLine.objects.get(action="role.give")
    assert (line.actor_id, line.object_id, line.office_id) == (manager.pk, str(user.pk), office.pk)
    assert (line.reason, line.detail) == ("cubre vacaciones", {"assignment": given.pk, "role": "planner"})


@pytest.mark.parametrize("ends", [timedelta(0), timedelta(hours=-1)])
def test_role_that_would_be_over_is_refused(manager, office, ends):
    with pytest.raises(people.WrongTimes):
        give(manager, staff_with(Role.REVIEWER), office=office, ends_at=clock() + ends)


def test_role_is_not_given_twice(manager, office):
    user = staff_with(Role.PLANNER, office)
    with pytest.raises(people.RoleHeld):
        give(manager, user, office=office)


def test_nobody_gets_a_role_of_their_own_in_the_practice_office(administrator):
    with pytest.raises(people.MayNotGive):
        give(administrator, staff_with(Role.REVIEWER), office=ConsulateFactory(code="practica", is_practice=True))


# Inviting.


def test_invitation_makes_an_account_with_the_role_and_mails_a_link(manager, office):
    user, mailed = invite(manager, "Nueva@Example.com ", office=office)

    assert mailed
    assert (user.email, user.is_staff, user.is_superuser) == ("nueva@example.com", True, False)
    assert not user.has_usable_password()
    assert user.assignments.get().consulate == office
    assert OutgoingMessage.objects.get().recipient == "nueva@example.com"
    assert actions() == ["staff.invite", "role.give"]


def test_invitation_that_is_refused_leaves_nothing(manager, elsewhere):
    with pytest.raises(people.MayNotGive):
        invite(manager, office=elsewhere)
    assert not User.objects.filter(email="nueva@example.com").exists()
    assert not OutgoingMessage.objects.exists()


def test_colleague_who_is_there_already_just_gets_the_role(manager, office):
    colleague = UserFactory(staff=True, email="colega@example.com")
    user, mailed = invite(manager, "colega@example.com", office=office)

    assert (user, mailed) == (colleague, False)
    assert not StaffLink.objects.exists()


def test_citizens_account_is_left_as_it_was(manager, office):
    citizen = UserFactory(email="ana@example.com")
    with pytest.raises(NotStaff):
        invite(manager, "ana@example.com", office=office)
    citizen.refresh_from_db()
    assert not citizen.is_staff
    assert not citizen.assignments.exists()


def test_who_left_can_be_invited_back(manager, office):
    user, _mailed = invite(manager, office=office)
    people.leave(actor=manager, user=user, reason="se va", now=clock())
    back, mailed = invite(manager, office=office)

    assert (back, mailed) == (user, True)
    assert (back.is_staff, back.is_active) == (True, True)


def test_invitations_are_counted(manager, office):
    for number in range(60):
        invite(manager, f"n{number}@example.com", office=office)
    with pytest.raises(people.TooManyInvitations):
        invite(manager, office=office)


# Ending and leaving.


def test_is_staff_and_superuser_follow_the_roles(administrator, office):
    user, _mailed = invite(administrator, office=office)
    give(administrator, user, Role.ADMINISTRATOR)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)
    people.end_role(actor=administrator, assignment=user.assignments.get(role="administrator"), reason="x", now=clock())
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, False, True)


def test_leaving_ends_everything_at_once(administrator, office, elsewhere, client):
    user = UserFactory(staff=True)
    for where in (office, elsewhere, None):
        give(administrator, user, Role.PLANNER, where)
    give(administrator, user, Role.DESK_CLERK, office, starts_at=clock() + timedelta(days=5))
    token = tokens.open_token(account=user, now=clock()).token
    sign_in(client, user)
    assert client.get(reverse("staff_home")).status_code == 200

    left = people.leave(actor=administrator, user=user, reason="cambió de puesto", now=clock())

    assert left == (4, 0)
    user.refresh_from_db()
    assert (user.is_active, user.is_staff, user.is_superuser, user.has_usable_password()) == (False,) * 4
    assert not user.authenticator_set.exists()
    assert tokens.find_token(token, now=clock()) is None
    assert not user.api_tokens.exists()
    assert client.get(reverse("staff_home")).url.startswith(reverse("staff_sign_in"))
    User.objects.filter(pk=user.pk).update(is_active=True, is_staff=True)
    assert client.get(reverse("staff_home")).status_code == 302  # the session itself is dead, not only the account
    later = clock() + timedelta(days=6)
    assert not Assignment.objects.filter(user=user).in_force(now=later).exists()
    assert set(user.assignments.values_list("ended_by", flat=True)) == {administrator.pk}
    assert actions().count("role.end") == 4
    assert AuditLine.objects.get(action="staff.leave").reason == "cambió de puesto"


def test_manager_ends_what_is_theirs_and_is_told_what_remains(manager, office, elsewhere):
    user = staff_with(Role.PLANNER, office)
    Assignment.objects.create(user=user, role=Role.PLANNER, consulate=elsewhere, starts_at=clock())

    assert people.leave(actor=manager, user=user, reason="x", now=clock()) == (1, 1)
    user.refresh_from_db()
    assert (user.is_active, user.is_staff) == (True, True)


def test_last_administrator_stays(administrator):
    other = staff_with(Role.ADMINISTRATOR)
    people.leave(actor=administrator, user=other, reason="x", now=clock())
    third = staff_with(Role.ADMINISTRATOR, ends_at=clock() + timedelta(days=1))
    with pytest.raises(people.LastAdministrator):
        people.leave(actor=third, user=administrator, reason="x", now=clock())
    administrator.refresh_from_db()
    assert administrator.is_active


def test_roles_that_end_by_the_clock_close_the_account(manager, office):
    user = staff_with(Role.PLANNER, office, ends_at=clock() + timedelta(hours=1))
    never = UserFactory(staff=True)  # made by a command, with no role yet

    assert people.settle_all(now=clock()) == 0
    assert people.settle_all(now=clock() + timedelta(hours=2)) == 1
    user.refresh_from_db()
    never.refresh_from_db()
    assert (user.is_active, user.is_staff, never.is_staff) == (False, False, True)


def test_suspended_colleague_is_not_let_in_by_a_new_role(manager, office):
    user = staff_with(Role.PLANNER, office)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    give(manager, user, Role.DESK_CLERK, office)
    user.refresh_from_db()
    assert not user.is_active


# The pages.


def terms(place, **changes):
    return {"email": "nueva@example.com", "role": "planner", "office": place.code, "reason": "x", **changes}


def test_page_invites_and_shows_the_person(client, manager, office):
    sign_in(client, manager)
    answer = client.post(reverse("staff_invite"), terms(office))
    user = User.objects.get(email="nueva@example.com")

    assert answer.url == reverse("staff_person", args=[user.pk])
    page = client.get(answer.url).content.decode()
    assert "nueva@example.com" in page
    assert "govuk-tag--yellow" in page
    assert "nueva@example.com" in client.get(reverse("staff_people")).content.decode()
    assert client.post(reverse("staff_invite_again", args=[user.pk])).status_code == 302
    assert OutgoingMessage.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nada"},
        {"email": ""},
        {"email": "a\x00@example.com"},
        {"role": "administrator"},
        {"role": "nothing"},
        {"office": "nowhere"},
        {"reason": ""},
        {"reason": "x" * 300},
        {"ends_day": "31", "ends_month": "2", "ends_year": "2027"},
        {"ends_day": "1", "ends_month": "1", "ends_year": "2020"},
        {"starts_day": "1", "starts_month": "1", "starts_year": "9999"},
    ],
)
def test_page_explains_bad_input_and_keeps_what_was_typed(client, manager, office, changes):
    sign_in(client, manager)
    answer = client.post(reverse("staff_invite"), terms(office, **changes))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "govuk-error-summary" in page
    assert not User.objects.filter(email="nueva@example.com").exists()


def test_page_says_that_a_citizens_account_needs_another_email(client, manager, office):
    UserFactory(email="ana@example.com")
    sign_in(client, manager)
    page = client.post(reverse("staff_invite"), terms(office, email="ana@example.com")).content.decode()

    assert "cuenta de una persona ciudadana" in page


def test_until_includes_the_day_in_the_zone_of_the_office(client, manager, office):
    sign_in(client, manager)
    ends = {"ends_day": "14", "ends_month": "7", "ends_year": str(clock().year + 1)}
    client.post(reverse("staff_invite"), terms(office, **ends))

    [given] = Assignment.objects.filter(user__email="nueva@example.com")
    assert given.ends_at.isoformat() == f"{clock().year + 1}-07-15T05:00:00+00:00"


def test_pages_end_a_role_and_everything(client, manager, office):
    user = staff_with(Role.PLANNER, office)
    Assignment.objects.create(user=user, role=Role.DESK_CLERK, consulate=office, starts_at=clock())
    sign_in(client, manager)
    role = user.assignments.get(role="planner")
    assert client.post(reverse("staff_role_end", args=[role.pk]), {"reason": ""}).status_code == 200
    assert client.post(reverse("staff_role_end", args=[role.pk]), {"reason": "x"}).status_code == 302
    assert client.post(reverse("staff_leave", args=[user.pk]), {"reason": "x"}).url == reverse("staff_people")
    user.refresh_from_db()
    assert not user.is_active


def test_pages_show_colleagues_of_own_offices_only(client, manager, elsewhere):
    stranger = staff_with(Role.PLANNER, elsewhere)
    network = staff_with(Role.AUDITOR)
    sign_in(client, manager)
    page = client.get(reverse("staff_people")).content.decode()

    assert stranger.email not in page
    assert network.email not in page
    assert client.get(reverse("staff_person", args=[stranger.pk])).status_code == 404
    assert client.get(reverse("staff_person", args=[10**30])).status_code == 404


def test_list_costs_the_same_for_one_and_many(client, manager, office, django_assert_max_num_queries):
    for _ in range(12):
        staff_with(Role.PLANNER, office)
    sign_in(client, manager)
    client.get(reverse("staff_people"))
    with django_assert_max_num_queries(16):
        client.get(reverse("staff_people"))


def test_looking_at_colleagues_leaves_lines(client, manager, office):
    user = staff_with(Role.PLANNER, office)
    sign_in(client, manager)
    client.get(reverse("staff_people"))
    client.get(reverse("staff_person", args=[user.pk]))

    assert actions() == ["staff.list", "staff.see"]


def test_role_table_of_the_manual_is_the_table_of_the_code(settings):
    """docs/staff.md is for people; it says what consulates/roles.py does."""
    from consulates.roles import table_of_permissions

    assert table_of_permissions() in (settings.BASE_DIR / "docs" / "staff.md").read_text()


def test_account_of_the_command_is_an_administrator_with_a_role(monkeypatch):
    from django.core.management import call_command

    from mexitel.accounts.management.commands import staff_account

    monkeypatch.setattr(staff_account, "getpass", lambda prompt: "una frase larga y facil")
    call_command("staff_account", "jefa@example.com", "--superuser")
    call_command("staff_account", "jefa@example.com", "--superuser")

    assert User.objects.get().assignments.get().role == Role.ADMINISTRATOR
    assert access_of(User.objects.get(), now=clock()).everywhere(May.ADMIN)


def test_stranger_to_the_session_stays_out(manager):
    assert Client().get(reverse("staff_people")).status_code == 302
