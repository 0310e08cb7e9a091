"""One ticket for each account, mailbox and phone, in the minutes in which one can be had."""

import pytest

from appointments.enums import Channel
from appointments.errors import BookerBlocked
from appointments.guards import BookingRefused
from appointments.models import Caller, Drawing, QueueTicket, Scope
from appointments.queueing.joining import QueueClosed, TicketTaken, join, leave
from appointments.scopes import account_scope, booker_scopes
from mexitel.utils.crypto import keyed_hash
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.queues import DRAWN, OPENS, SECOND, joined, queue, run, ticket
from tests.factories.releases import release

pytestmark = pytest.mark.django_db


def test_joining_twice_is_joining_once():
    made, account = queue(), make.account()

    assert join(account=account, release_id=made.pk, now=NOW)
    first = ticket(made, account)
    assert not join(account=account, release_id=made.pk, now=OPENS)

    assert ticket(made, account) == first
    assert ticket(made, account).joined_at == NOW
    assert len(first.code) == 20


def _numbered(phone):
    account = make.account()
    account.phone_hash, account.phone_verified_at = keyed_hash("phone", phone), NOW
    return account


@pytest.mark.parametrize(
    ("make_account", "first", "second"),
    [(make.account, "rosa.lopez@gmail.com", "rosalopez+2@gmail.com"), (_numbered, "+13105550100", "+13105550100")],
    ids=["mailbox", "phone"],
)
def test_one_mailbox_or_phone_has_one_ticket(make_account, first, second):
    made = queue()
    join(account=make_account(first), release_id=made.pk, now=NOW)

    with pytest.raises(TicketTaken) as refusal:
        join(account=make_account(second), release_id=made.pk, now=NOW)
    assert refusal.value.facts == {}
    assert QueueTicket.objects.count() == 1


def test_two_queues_are_two_tickets():
    first, second, account = queue(), queue(), make.account()
    assert join(account=account, release_id=first.pk, now=NOW)
    assert join(account=account, release_id=second.pk, now=NOW)


def test_a_stated_phone_has_one_ticket_and_takes_nobodys_verified_one():
    made, key = queue(), keyed_hash("phone", "+13105550111")
    callers = [make.account() for _ in range(2)]
    for caller in callers:
        caller.email = None  # in the database an account without contacts was deleted, or opened by an agent
        Caller.objects.create(account=caller, phone="x", phone_hash=key, created_at=NOW, last_call_at=NOW)

    assert join(account=callers[0], release_id=made.pk, now=NOW, channel=Channel.PHONE)
    with pytest.raises(TicketTaken):
        join(account=callers[1], release_id=made.pk, now=NOW, channel=Channel.PHONE)
    assert join(account=make.account(phone="+13105550111"), release_id=made.pk, now=NOW)


def test_a_queue_is_joined_from_its_beginning_until_what_is_left_is_anybodys():
    made, drawn_by_lots = queue(), release(mode="draw", opens_at=OPENS)
    for moment in (made.joins_from - SECOND, made.opens_to_all_at):
        with pytest.raises(QueueClosed):
            join(account=make.account(), release_id=made.pk, now=moment)
    with pytest.raises(QueueClosed):
        join(account=make.account(), release_id=drawn_by_lots.pk, now=NOW)
    assert join(account=make.account(), release_id=made.pk, now=made.joins_from)
    assert join(account=make.account(), release_id=made.pk, now=made.opens_to_all_at - SECOND)


def test_nobody_joins_before_the_office_has_made_its_promise():
    made = queue()
    assert not Drawing.objects.exists()
    joined(made, 1)
    assert Drawing.objects.get().committed_at <= QueueTicket.objects.get().joined_at


def test_who_is_blocked_gets_no_ticket():
    made, account = queue(), make.account()
    Scope.objects.create(kind=1, key=account_scope(account.pk).key, cap=0)
    with pytest.raises(BookerBlocked):
        join(account=account, release_id=made.pk, now=NOW)
    assert booker_scopes(account)


def test_the_guards_are_asked(settings):
    settings.BOOKING_GUARDS = [f"{__name__}.refuse_joining"]
    with pytest.raises(BookingRefused):
        join(account=make.account(), release_id=queue().pk, now=NOW)


def refuse_joining(attempt):
    assert attempt.verb == "join"
    raise BookingRefused("no")


def test_leaving_before_the_opening_leaves_nothing_and_afterwards_keeps_the_number():
    made = queue()
    early, late = joined(made, 2)
    leave(account=early, release=made, now=NOW)
    assert not QueueTicket.objects.filter(account=early).exists()

    run(made, OPENS + 3 * SECOND, DRAWN)
    leave(account=late, release=made, now=DRAWN)
    assert ticket(made, late).done == "left"
    assert not join(account=late, release_id=made.pk, now=DRAWN)
    assert (ticket(made, late).done, ticket(made, late).rank) == ("", 1)
