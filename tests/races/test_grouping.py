"""A booking in flight comes before a group of accounts, or after it and knows it."""

import pytest
from django.db import transaction

from antifraud.live.grouping import cap_together
from appointments.errors import LockFull
from appointments.services import hold_seats
from appointments.services.hold import Wish
from tests.antifraud.portal_history import booked
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered
from tests.factories.blocks import reviewer
from tests.factories.ledger import assert_books_balance
from tests.races.together import Aside, errors, together


def holders(*counts):
    accounts = [make.account() for _ in counts]
    for account, count in zip(accounts, counts, strict=True):
        for _ in range(count):
            booked(account, make.slot(), make.entry())
    return accounts


def takes(account):
    at = make.slot()
    return lambda: hold_seats(account=account, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=NOW)


def caps(accounts, who):
    ids = [account.pk for account in accounts]
    return lambda: cap_together(account_ids=ids, cap=5, by=who, reason="Una sola persona.", now=NOW)


def test_a_booking_waits_for_the_group_and_is_refused(live_db):
    accounts = holders(3, 2)
    tap, who = takes(accounts[1]), reviewer()
    with transaction.atomic():
        caps(accounts, who)()
        waiting = Aside(tap)
        assert waiting.waits_for_a_lock()
    assert isinstance(waiting.end(), LockFull)
    assert_books_balance(now=NOW)


@pytest.mark.usefixtures("many_parties")
def test_many_taps_and_a_group_at_once_leave_no_permit_astray(live_db):
    accounts = holders(1, 1, 1)
    who = reviewer()
    taps = [takes(account) for account in accounts for _ in range(3)]
    results = together([caps(accounts, who), caps(accounts[1:], who), *taps])
    assert {type(error) for error in errors(results)} <= {LockFull}
    assert_books_balance(now=NOW)
