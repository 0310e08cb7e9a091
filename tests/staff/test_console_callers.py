"""Callers without e-mail and without verified phone: who they are, what they may hold, and that nobody is them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from appointments.identities import identity_hash
from appointments.models import Caller
from appointments.personal_data import forget, own_data
from appointments.services.callers import PhoneUnclear, ReasonMissing, register_caller
from appointments.services.links import adopt_scopes
from consulates.models import Role
from mexitel.accounts.models import CodeRequest, User
from mexitel.audit.models import AuditLine
from mexitel.utils import retention
from mexitel.utils.crypto import keyed_hash
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
PHONE = "+12135550177"


@pytest.fixture
def agent():
    return staff_with(Role.PHONE_AGENT)


def test_caller_with_a_stated_phone_may_hold_two(agent):
    caller, at = register_caller(phone="213 555 0177", agent=agent, now=NOW), make.slot(seats=5)
    make.book(caller, at, 2)

    assert make.hold(caller, at).facts == {"scope": 4, "cap": 2, "active": 2}
    assert permits_in_use(caller, now=NOW) == {"account": 2, "stated_phone": 2}
    assert_books_balance(now=NOW)


def test_callers_who_state_one_phone_share_its_two_places(agent):
    first, second, at = *(register_caller(phone=PHONE, agent=agent, now=NOW) for _ in range(2)), make.slot(seats=5)
    make.book(first, at)
    make.book(second, at)

    assert first != second
    assert make.hold(second, at).facts == {"scope": 4, "cap": 2, "active": 2}
    assert make.hold(register_caller(phone="+12135550178", agent=agent, now=NOW), at).ok


def test_caller_with_neither_has_one_place_and_so_has_the_same_person_registered_again(agent):
    who = identity_hash(given_names="María", surname_1="López", surname_2="", birth_date=make.entry("x").birth_date)
    first, again = (register_caller(reason="no phone", person=who, agent=agent, now=NOW) for _ in range(2))
    other, at = register_caller(reason="no phone", agent=agent, now=NOW), make.slot(seats=5)
    make.book(first, at)

    assert make.hold(first, at).facts == {"scope": 5, "cap": 1, "active": 1}
    assert make.hold(again, at).facts == {"scope": 5, "cap": 1, "active": 1}
    make.book(other, at)
    assert make.hold(other, at).facts == {"scope": 5, "cap": 1, "active": 1}


def test_verified_phone_brings_five_and_what_the_caller_has_counts_in_it(agent):
    caller, at = register_caller(phone=PHONE, agent=agent, now=NOW), make.slot(seats=9)
    make.book(caller, at, 2)
    User.objects.filter(pk=caller.pk).update(phone=PHONE, phone_hash=keyed_hash("phone", PHONE), phone_verified_at=NOW)
    caller.refresh_from_db()
    adopt_scopes(account=caller, now=NOW)
    make.book(caller, at, 3)

    assert permits_in_use(caller, now=NOW) == {"account": 5, "phone": 5}
    assert make.hold(caller, at).facts == {"scope": 1, "cap": 5, "active": 5}
    assert_books_balance(now=NOW)


def test_caller_needs_a_phone_or_a_reason(agent):
    with pytest.raises(ReasonMissing):
        register_caller(reason="  ", agent=agent, now=NOW)
    with pytest.raises(PhoneUnclear):
        register_caller(phone="12", agent=agent, now=NOW)
    assert not Caller.objects.exists()


def test_database_holds_that_only_an_agent_opens_an_account_without_contact(agent):
    with pytest.raises(IntegrityError, match="accounts_user_has_contact"), transaction.atomic():
        User.objects.create_user()
    with pytest.raises(IntegrityError, match="accounts_user_registered_is_a_citizen"), transaction.atomic():
        User.objects.create_user("x@example.com", registered_by=agent, is_staff=True)
    caller = register_caller(reason="no phone", agent=agent, now=NOW)
    with pytest.raises(IntegrityError, match="caller_without_phone_has_a_reason"), transaction.atomic():
        Caller.objects.filter(pk=caller.pk).update(reason="")
    with pytest.raises(IntegrityError, match="caller_phone_is_whole"), transaction.atomic():
        Caller.objects.filter(pk=caller.pk).update(phone=PHONE)


def test_nobody_signs_in_to_a_caller_with_the_number_that_was_stated(agent, client):
    caller = register_caller(phone=PHONE, agent=agent, now=NOW)
    client.post(reverse("sign_in_phone"), {"phone": PHONE})
    client.post(reverse("sign_in_code"), {"code": CodeRequest.objects.get().code})

    assert client.session["_auth_user_id"] != str(caller.pk)
    assert not User.objects.by_phone_alone(PHONE).filter(pk=caller.pk).exists()


def test_registering_leaves_a_line_without_the_number(agent):
    caller = register_caller(phone=PHONE, reason="", agent=agent, now=NOW, call_reference="LL-1")

    line = AuditLine.objects.get(action="caller.register")
    assert (line.actor_id, line.object_id, line.detail) == (
        agent.pk,
        str(caller.pk),
        {"call": "LL-1", "stated_phone": True},
    )


def test_what_is_kept_of_a_caller_can_be_downloaded_and_goes_with_time_or_on_demand(agent):
    caller = register_caller(phone=PHONE, agent=agent, now=NOW)

    assert own_data(caller)["registered_by_telephone"] == {
        "stated_phone": PHONE,
        "reason": "",
        "at": NOW.isoformat(),
    }
    retention.apply(now=NOW + timedelta(days=179))
    assert Caller.objects.filter(pk=caller.pk).exists()
    retention.apply(now=NOW + timedelta(days=181))
    assert not Caller.objects.filter(pk=caller.pk).exists()
    other = register_caller(phone=PHONE, agent=agent, now=NOW)
    forget(other, NOW)
    assert not Caller.objects.filter(pk=other.pk).exists()


def test_account_whose_caller_was_forgotten_still_has_one_place_only(agent):
    caller, at = register_caller(phone=PHONE, agent=agent, now=NOW), make.slot(seats=3)
    forget(caller, NOW)

    assert make.hold(caller, at, 2).facts == {"scope": 5, "cap": 1, "active": 0}
