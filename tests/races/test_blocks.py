"""A block and a booking of the same name: one of them is first, on every channel, and the other knows it."""

import pytest
from django.db import transaction

from antifraud.models import BlockKind
from antifraud.services.blocks import confirm_block, lift_block
from appointments.errors import BookerBlocked
from appointments.models import Hold, Scope
from appointments.services import hold_seats
from appointments.services.callers import register_caller
from appointments.services.hold import Wish
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered
from tests.factories.blocks import blocked, proposed, reviewer
from tests.factories.ledger import assert_books_balance
from tests.races.guards import rewrite
from tests.races.together import Aside, errors, together

PHONE = "+12135550177"


def on_the_web():
    return make.account("n.ueva@gmail.com"), proposed(BlockKind.MAILBOX, "nueva@gmail.com")


def by_telephone():
    return register_caller(phone=PHONE, agent=reviewer(), now=NOW), proposed(BlockKind.PHONE, PHONE)


def in_a_domain():
    block = proposed(BlockKind.DOMAIN, "venta.example")
    return make.account("nueva@venta.example"), block  # opened after the proposal: no reviewer has seen it


def of_one_spelling():
    block = proposed(BlockKind.ADDRESS, "nueva@correo.example")
    return make.account("nueva@correo.example"), block


@pytest.fixture(params=[on_the_web, by_telephone, in_a_domain, of_one_spelling])
def names(request, live_db):
    """A booker without a scope of their own yet, and the proposal to block them."""
    booker, block = request.param()
    assert not Scope.objects.exists()
    return booker, block


def takes(booker, at):
    phone = {"channel": "phone", "agent_id": 1, "call_reference": "LL-7"} if not booker.email else {}
    return lambda: hold_seats(account=booker, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=NOW, **phone)


def confirms(block, who):
    return lambda: confirm_block(block_id=block.pk, reviewer=who, now=NOW)


def test_block_first_then_the_first_booking_ever_waits_and_is_refused(names):
    booker, block = names
    at, who = make.slot(), reviewer()
    with transaction.atomic():
        confirms(block, who)()
        booking = Aside(takes(booker, at))
        assert booking.waits_for_a_lock()
    assert isinstance(booking.end(), BookerBlocked)
    assert not Hold.objects.exists()


def test_booking_first_then_the_block_waits_and_the_next_one_is_refused(names):
    booker, block = names
    at, another, who = make.slot(), make.slot(), reviewer()
    with transaction.atomic():
        takes(booker, at)()
        blocking = Aside(confirms(block, who))
        assert blocking.waits_for_a_lock()
    assert not isinstance(blocking.end(), Exception)
    assert Hold.objects.count() == 1
    with pytest.raises(BookerBlocked):
        takes(booker, another)()
    assert_books_balance(now=NOW)


def opens_an_account_and_takes(email, at):
    """Somebody whom no reviewer can have seen: the account begins while the block is being confirmed."""
    return lambda: takes(make.account(email), at)()


def test_account_that_is_opened_while_its_domain_is_blocked_waits_and_is_refused(live_db):
    block, at, who = proposed(BlockKind.DOMAIN, "venta.example"), make.slot(), reviewer()
    with transaction.atomic():
        confirms(block, who)()
        booking = Aside(opens_an_account_and_takes("nueva@venta.example", at))
        assert booking.waits_for_a_lock()
    assert isinstance(booking.end(), BookerBlocked)
    assert not Hold.objects.exists()


def test_control_without_the_lock_of_marks_it_passes_the_block(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        rewrite(cursor, "lock_marks", "'hold'", "'nothing'")
    block, at, who = proposed(BlockKind.DOMAIN, "venta.example"), make.slot(), reviewer()
    with transaction.atomic():
        confirms(block, who)()
        booking = Aside(opens_an_account_and_takes("nueva@venta.example", at))
        assert not booking.waits_for_a_lock()
    assert not isinstance(booking.end(), Exception)


def test_control_without_scope_locks_a_confirmation_passes_the_block_of_its_mailbox(live_db, take_away):
    take_away("scope_locks")
    booker, block = on_the_web()
    held, attending, who = make.hold(booker, make.slot()), make.people(booker, 1), reviewer()
    with transaction.atomic():
        confirms(block, who)()
        confirming = Aside(lambda: make.confirm(booker, held, attending))
        assert not confirming.waits_for_a_lock()
    assert confirming.end().ok


def test_control_without_the_look_at_marks_the_domain_is_not_blocked(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        rewrite(cursor, "marks_refused", "until > p_now", "false")
    blocked(BlockKind.DOMAIN, "venta.example")
    opens_an_account_and_takes("nueva@venta.example", make.slot())()


@pytest.mark.usefixtures("many_parties")
def test_many_bookers_and_blocks_at_once_never_deadlock(live_db):
    times = list(make.session(seats=60, slots=4).slots.all())
    bookers = [make.account(f"b.{n}@venta{n % 3}.example", phone=f"+1213555020{n % 5}") for n in range(12)]
    kinds = [("domain", f"venta{n}.example") for n in range(3)] + [("phone", f"+1213555020{n}") for n in range(5)]
    kinds += [("mailbox", booker.email) for booker in bookers[:4]] + [("account", bookers[5].email)]
    blocks = [proposed(*kind) for kind in kinds]
    who = reviewer()
    jobs = [takes(booker, times[n % 4]) for n, booker in enumerate(bookers)]
    for n, block in enumerate(blocks):
        jobs.insert(2 * n, confirms(block, who))

    failed = [error for error in errors(together(jobs)) if not isinstance(error, BookerBlocked)]

    assert failed == []
    another = make.slot(seats=60)
    for booker in bookers:
        with pytest.raises(BookerBlocked):
            takes(booker, another)()
    assert_books_balance(now=NOW)


def test_two_who_lift_at_once_do_not_restore_each_others_block(live_db):
    booker = make.account("ana@gmail.com")
    who = reviewer()
    pairs = [blocked("mailbox", booker.email), blocked("account", booker.email)]
    jobs = [lambda block=block: lift_block(block_id=block.pk, reviewer=who, why="x", now=NOW) for block in pairs]

    assert errors(together(jobs)) == []
    assert make.hold(booker, make.slot()).ok
