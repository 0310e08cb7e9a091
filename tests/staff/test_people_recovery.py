"""A lost second factor comes back by two people, and the second factor is asked for again before what matters."""

import time
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from consulates.access import access_of
from consulates.models import Assignment, Recovery, Role
from consulates.services import people, recoveries
from mexitel.accounts import middleware
from mexitel.accounts.models import StaffLink, User
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in, totp_code
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import LONG_AGO, staff_with
from tests.races.together import codes, together

NOW = clock()


@pytest.fixture
def office(db):
    return ConsulateFactory()


@pytest.fixture
def clerk(office):
    user = UserFactory(staff=True)
    Assignment.objects.create(user=user, role=Role.DESK_CLERK, consulate=office, starts_at=LONG_AGO)
    return user


@pytest.fixture
def first(office):
    user = UserFactory(staff=True)
    Assignment.objects.create(user=user, role=Role.OFFICE_MANAGER, consulate=office, starts_at=LONG_AGO)
    return user


@pytest.fixture
def second(office):
    return staff_with(Role.OFFICE_MANAGER, office)


def opened(by, user, now=None):
    now = now or clock()
    return recoveries.open_recovery(access=access_of(by, now=now), user=user, reason="perdió el teléfono", now=now)


def signed(by, recovery, now=None):
    now = now or clock()
    recoveries.sign_recovery(access=access_of(by, now=now), recovery=recovery, now=now)


def test_only_the_second_signature_removes_the_second_factor(client, clerk, first, second):
    sign_in(client, clerk)
    recovery = opened(first, clerk)
    assert Authenticator.objects.filter(user=clerk).exists()
    assert client.get(reverse("staff_home")).status_code == 200

    signed(second, recovery)

    assert not Authenticator.objects.filter(user=clerk).exists()
    assert client.get(reverse("staff_home")).status_code == 302
    assert not User.objects.get(pk=clerk.pk).has_usable_password()
    link = StaffLink.objects.get(user=clerk)
    assert (link.purpose, link.expires_at - link.created_at) == ("recovery", timedelta(hours=1))
    assert OutgoingMessage.objects.get().recipient == clerk.email
    line = AuditLine.objects.get(action="recovery.sign")
    assert (line.detail["opened_by"], line.detail["signed_by"]) == (first.pk, second.pk)
    assert line.reason == "perdió el teléfono"


def test_one_person_alone_cannot(clerk, first):
    recovery = opened(first, clerk)
    with pytest.raises(recoveries.OneAlone):
        signed(first, recovery)
    assert Authenticator.objects.filter(user=clerk).exists()
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("constraint", ["consulates_recovery_two_people"])
def test_control_without_the_constraint_one_person_could(live_db, owner_connection, constraint):
    office = ConsulateFactory()
    clerk, manager = staff_with(Role.DESK_CLERK, office), staff_with(Role.OFFICE_MANAGER, office)
    recovery = opened(manager, clerk)
    owner_connection.cursor().execute(f"ALTER TABLE consulates_recovery DROP CONSTRAINT {constraint}")
    signed(manager, recovery)
    recovery.refresh_from_db()
    assert recovery.signed_by == recovery.opened_by


def test_nobody_recovers_themselves(first, second):
    with pytest.raises(recoveries.OneAlone):
        opened(first, first)
    recovery = opened(first, second) if recoveries.is_over(access_of(first, now=NOW), second, (), now=NOW) else None
    assert recovery is None
    Recovery.objects.create(
        user=second, opened_by=first, reason="x", opened_at=NOW, expires_at=clock() + timedelta(hours=1)
    )
    with pytest.raises(recoveries.OneAlone):
        signed(second, Recovery.objects.get())
    with pytest.raises(IntegrityError, match="consulates_recovery_by_colleagues"), transaction.atomic():
        Recovery.objects.update(opened_by=second)


@pytest.mark.parametrize(
    ("role", "may_open", "may_sign"),
    [
        (Role.PLANNER, False, False),
        (Role.DESK_CLERK, False, False),
        (Role.PHONE_AGENT, False, False),
        (Role.OFFICE_MANAGER, True, True),
        (Role.NETWORK_COORDINATOR, False, True),
        (Role.REVIEWER, False, False),
        (Role.SENIOR_REVIEWER, False, True),
        (Role.AUDITOR, False, False),
        (Role.ADMINISTRATOR, True, True),
    ],
)
def test_who_may_open_and_who_may_sign(office, clerk, first, role, may_open, may_sign):
    actor = staff_with(role, None if role in Role.of_the_network() else office)
    if may_open:
        opened(actor, clerk)
        Recovery.objects.all().delete()
    else:
        with pytest.raises(PermissionDenied):
            opened(actor, clerk)
    recovery = opened(first, clerk)
    if may_sign:
        signed(actor, recovery)
    else:
        with pytest.raises(PermissionDenied):
            signed(actor, recovery)
    assert Authenticator.objects.filter(user=clerk).exists() is not may_sign


def test_manager_of_another_office_neither_opens_nor_signs(clerk, first):
    other = staff_with(Role.OFFICE_MANAGER, ConsulateFactory(city="Reno"))
    with pytest.raises(PermissionDenied):
        opened(other, clerk)
    with pytest.raises(PermissionDenied):
        signed(other, opened(first, clerk))


def test_somebody_of_the_network_is_recovered_by_the_network(clerk, first):
    Assignment.objects.create(user=clerk, role=Role.ADMINISTRATOR, starts_at=LONG_AGO)
    with pytest.raises(PermissionDenied):
        opened(first, clerk)
    assert opened(staff_with(Role.ADMINISTRATOR), clerk).pk


def test_recovery_is_over_after_a_day_and_can_be_opened_again(clerk, first, second):
    old = opened(first, clerk, clock() - timedelta(hours=25))
    with pytest.raises(recoveries.RecoveryOver):
        signed(second, old)
    again = opened(first, clerk)
    with pytest.raises(recoveries.RecoveryOpen):
        opened(second, clerk)
    recoveries.withdraw_recovery(access=access_of(second, now=clock()), recovery=again, now=clock())
    with pytest.raises(recoveries.RecoveryOver):
        signed(second, again)
    assert Authenticator.objects.filter(user=clerk).exists()


@pytest.mark.races
def test_of_two_signers_at_once_one_signs(live_db):
    office = ConsulateFactory()
    clerk, opener = staff_with(Role.DESK_CLERK, office), staff_with(Role.OFFICE_MANAGER, office)
    signers = [staff_with(Role.OFFICE_MANAGER, office) for _ in range(4)]
    recovery = opened(opener, clerk)

    results = together([lambda by=by: signed(by, recovery) for by in signers])

    assert codes(results) == ["NoneType", "recovery_over", "recovery_over", "recovery_over"]
    assert OutgoingMessage.objects.count() == 1
    assert AuditLine.objects.filter(action="recovery.sign").count() == 1


@pytest.mark.races
def test_of_two_administrators_who_end_each_other_one_stays(live_db):
    ada, eva = staff_with(Role.ADMINISTRATOR), staff_with(Role.ADMINISTRATOR)

    def end(actor, user):
        people.leave(actor=actor, user=user, reason="x", now=clock())

    results = together([lambda: end(ada, eva), lambda: end(eva, ada)])

    assert sorted(codes(results)) in (["NoneType", "last_administrator"], ["NoneType", "may_not_give"])
    assert Assignment.objects.filter(role=Role.ADMINISTRATOR).in_force(now=clock()).count() == 1


@pytest.mark.races
def test_same_role_given_by_two_at_once_is_given_once(live_db):
    office = ConsulateFactory()
    user, givers = staff_with(Role.REVIEWER), [staff_with(Role.OFFICE_MANAGER, office) for _ in range(3)]

    def give(actor):
        people.give_role(
            actor=actor, user=user, role=Role.PLANNER, office=office, starts_at=NOW, ends_at=None, reason="x",
            now=clock(),
        )  # fmt: skip
        return None

    assert codes(together([lambda by=by: give(by) for by in givers])) == ["NoneType", "role_held", "role_held"]


# The pages.


def test_pages_lead_two_people_through_it(client, clerk, first, second):
    sign_in(client, first)
    answer = client.post(reverse("staff_recovery_open", args=[clerk.pk]), {"reason": "perdió el teléfono"})
    assert "dos personas" in client.get(answer.url).content.decode()
    assert client.post(answer.url, {"sign": "1"}).status_code == 200
    assert Authenticator.objects.filter(user=clerk).exists()
    sign_in(client, second)
    assert clerk.email in client.get(reverse("staff_recoveries")).content.decode()
    assert client.post(answer.url, {}).status_code == 200
    assert client.post(answer.url, {"sign": "1"}).url == reverse("staff_recoveries")
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert client.get(answer.url).status_code == 200


# Asked again, and signed out.


def age_of_second_factor(client, minutes):
    session = client.session
    at = time.time() - minutes * 60
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session.save()


@pytest.mark.parametrize(("minutes", "asks"), [(9, False), (11, True)])
def test_fresh_pages_ask_again_after_ten_minutes(client, clerk, first, minutes, asks):
    sign_in(client, first)
    age_of_second_factor(client, minutes)
    answer = client.get(reverse("staff_leave", args=[clerk.pk]))
    assert (answer.status_code == 302) == asks
    assert client.get(reverse("staff_person", args=[clerk.pk])).status_code == 200


def test_asked_again_one_comes_back_with_what_was_typed(client, clerk, first):
    sign_in(client, first)
    age_of_second_factor(client, 11)
    url = reverse("staff_leave", args=[clerk.pk])
    answer = client.post(url, {"reason": "se va"})
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    clerk.refresh_from_db()
    assert clerk.is_active
    assert client.post(answer.url, {"code": "000000"}).status_code == 200
    done = client.post(answer.url, {"code": totp_code(first)})
    assert done.url == reverse("staff_people")
    clerk.refresh_from_db()
    assert not clerk.is_active


def test_control_a_page_that_is_not_fresh_does_not_ask(client, clerk, first):
    sign_in(client, first)
    age_of_second_factor(client, 600)
    assert client.get(reverse("staff_people")).status_code == 200


@pytest.mark.parametrize(("step", "hours", "stays"), [(14, 7.9, True), (16, 0.5, False), (14, 8.3, False)])
def test_pages_of_staff_sign_out_when_idle_and_after_eight_hours(client, first, monkeypatch, step, hours, stays):
    sign_in(client, first)
    moment, end = timedelta(), timedelta(hours=hours)
    while moment <= end:
        monkeypatch.setattr(middleware, "now", lambda moment=moment: clock() + moment)
        answer = client.get(reverse("staff_people"))
        moment += timedelta(minutes=step)
    assert (answer.status_code == 200) == stays
