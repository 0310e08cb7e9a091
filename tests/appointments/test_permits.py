"""The lock of five, one request at a time: caps, overrides, blocks, scopes that come later."""

from datetime import timedelta

import pytest

from appointments.models import Hold, Permit, Scope
from appointments.services.links import adopt_scopes
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use

pytestmark = pytest.mark.django_db


def override(booker, cap, *, until=NOW + timedelta(days=30)):
    """What a CapOverride does: the same cap in all scopes of the booker."""
    adopt_scopes(account=booker, now=NOW)
    for kind, key in make.scope_keys(booker):
        Scope.objects.filter(kind=kind, key=key).update(override_cap=cap, override_until=until)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ana.maria@gmail.com", "anamaria+2@googlemail.com"),
        ("ana@outlook.com", "ana+x@outlook.com"),
        ("ana@yahoo.com", "ana-consulado@yahoo.com"),
    ],
)
def test_aliases_of_a_mailbox_share_five(first, second):
    at = make.slot(seats=10)
    ana, alias = make.account(first), make.account(second)
    make.book(ana, at, 3)
    make.book(alias, at, 2)
    refused = make.hold(alias, at)
    assert (refused.code, refused.facts) == ("lock_full", {"scope": 2, "cap": 5, "active": 5})
    assert make.hold(make.account("ana@example.org"), at).ok


def test_accounts_with_one_verified_phone_share_five():
    at = make.slot(seats=10)
    make.book(make.account(phone="+12135550010"), at, 5)
    assert make.hold(make.account(phone="+12135550010"), at).facts == {"scope": 3, "cap": 5, "active": 5}


def test_cap_of_eight_that_fell_back_to_five_lets_two_in_after_five_are_cancelled():
    booker, at = make.account(), make.slot(seats=20)
    override(booker, 8)
    booked = make.book(booker, at, 8)
    assert make.hold(booker, at).facts == {"scope": 1, "cap": 8, "active": 8}
    Scope.objects.update(override_cap=None, override_until=None)
    assert make.hold(booker, at).facts == {"scope": 1, "cap": 5, "active": 8}
    first_five = Permit.objects.filter(scope__kind=1, ordinal__lte=5).values_list("holder", flat=True)
    assert {str(holder) for holder in first_five} == set(booked[:5])
    make.cancel(booker, *first_five)
    for _ in range(2):
        make.book(booker, at)
    assert make.hold(booker, at).code == "lock_full"
    assert permits_in_use(booker, now=NOW) == {"account": 5, "email": 5}
    assert_books_balance(now=NOW)


def test_override_ends_by_the_clock():
    booker, at = make.account(), make.slot(seats=20)
    override(booker, 8, until=NOW + timedelta(hours=1))
    assert make.hold(booker, at, 8, now=NOW + timedelta(minutes=59)).ok
    assert make.hold(make.account(), at, 6, now=NOW + timedelta(hours=1)).code == "lock_full"
    assert make.hold(booker, at, 6, now=NOW + timedelta(hours=2)).facts["cap"] == 5


def test_block_ends_by_the_clock():
    booker, at = make.account(), make.slot(seats=20)
    adopt_scopes(account=booker, now=NOW)
    Scope.objects.filter(kind=2).update(blocked_until=NOW + timedelta(hours=1))
    assert make.hold(booker, at).facts == {"scope": 2, "cap": 0, "active": 0}
    assert make.hold(booker, at, now=NOW + timedelta(hours=1)).ok


def test_blocked_booker_may_cancel_and_let_go():
    booker, at = make.account(), make.slot(seats=20)
    booked = make.book(booker, at)
    held = make.hold(booker, at)
    Scope.objects.update(blocked_until=NOW + timedelta(days=1))
    assert make.claim_one(make.hold_only_request(booker, "release", held.facts["hold"]), now=NOW).ok
    assert make.cancel(booker, *booked).ok


def test_block_of_the_mailbox_that_a_hold_was_made_with_holds_after_the_mailbox_changed():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    Scope.objects.filter(kind=2).update(blocked_until=NOW + timedelta(days=1))
    booker.email = "fresh@example.com"
    assert make.confirm(booker, held).code == "blocked"


def test_expired_permits_are_overwritten_in_place():
    booker, at = make.account(), make.slot(seats=20)
    for minutes in (0, 11, 23, 37, 55, 81):  # each a little longer after the last one was left
        assert make.hold(booker, at, 5, now=NOW + timedelta(minutes=minutes)).ok
    assert Permit.objects.count() == 10
    assert set(Permit.objects.values_list("ordinal", flat=True)) == {1, 2, 3, 4, 5}


def test_past_appointments_free_their_permits_though_nobody_noted_an_outcome():
    booker, at = make.account(), make.slot(seats=5)
    make.book(booker, at, 5)
    ended = at.session.ends_at
    later = make.slot(starts_at=ended + timedelta(days=1))
    assert make.hold(booker, later, now=ended - timedelta(seconds=1)).code == "lock_full"
    assert make.hold(booker, later, now=ended).ok


def test_phone_verified_between_hold_and_confirmation_pays_too():
    booker, at = make.account(), make.slot(seats=5)
    held = make.hold(booker, at, 2)
    booker.phone_hash, booker.phone_verified_at = b"p" * 32, NOW
    assert make.confirm(booker, held, n=2).ok
    assert permits_in_use(booker, now=NOW) == {"account": 2, "email": 2, "phone": 2}
    assert_books_balance(now=NOW)


def test_changed_mailbox_frees_nothing():
    booker, at = make.account(), make.slot(seats=20)
    make.book(booker, at, 5)
    old = booker.email
    booker.email = "new@example.com"
    assert make.hold(booker, at).code == "lock_full"
    assert make.hold(make.account(old.replace("@", "@x.")), at).ok
    booker.email = old
    assert permits_in_use(booker, now=NOW)["email"] == 5


def test_adopted_scope_counts_what_is_in_use_and_lets_nothing_new_in():
    neighbour, booker, at = make.account(phone="+12135550011"), make.account(), make.slot(seats=20)
    make.book(neighbour, at, 3)
    booked, held = make.book(booker, at, 2), make.hold(booker, at, 2)
    booker.phone_hash, booker.phone_verified_at = neighbour.phone_hash, NOW
    assert adopt_scopes(account=booker, now=NOW) == 4
    assert adopt_scopes(account=booker, now=NOW) == 0
    brought = Permit.objects.filter(scope__kind=3, grandfathered=True)
    assert sorted(brought.values_list("ordinal", flat=True)) == [16, 17, 18, 19]
    assert permits_in_use(neighbour, now=NOW)["phone"] == 7
    assert make.hold(neighbour, at).facts == {"scope": 3, "cap": 5, "active": 7}
    assert make.confirm(booker, held, n=2).ok
    assert make.cancel(booker, *booked).ok
    assert make.hold(neighbour, at).facts["active"] == 5
    assert_books_balance(now=NOW)


def test_group_linked_to_accounts_is_one_more_scope():
    one, two, at = make.account(), make.account(), make.slot(seats=20)
    make.book(one, at, 3)
    adopt_scopes(account=two, now=NOW)
    group = Scope.objects.create(kind=6, key=b"g" * 32, cap=5)
    for booker in (one, two):
        Scope.objects.filter(kind=1, key=dict(make.scope_keys(booker))[1]).update(group=group)
        adopt_scopes(account=booker, now=NOW)
    assert make.hold(two, at, 3).facts == {"scope": 6, "cap": 5, "active": 3}
    make.book(two, at, 2)
    assert make.hold(one, at).facts == {"scope": 6, "cap": 5, "active": 5}
    assert_books_balance(now=NOW)


def test_account_that_never_booked_adopts_nothing():
    booker = make.account(phone="+12135550012")
    assert adopt_scopes(account=booker, now=NOW) == 0
    assert Hold.objects.count() == 0
