"""A seat is given once, a group is never split, and nobody is told "full" while a seat may still come back."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from appointments.models import Appointment, Hold
from consulates.models import Seat
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, number
from tests.races import guards
from tests.races.together import Aside, codes, errors, together

CROWD = 200
LATER = NOW + timedelta(minutes=20)


def hold_and_confirm(booker, at, attending, *, seats=1, now=NOW):
    held = make.hold(booker, at, seats, now=now)
    return make.confirm(booker, held, attending, now=now) if held.ok else held


def race_for_the_last_seat(size):
    at = make.slot()
    bookers = [make.account() for _ in range(size)]
    people = [make.people(booker, 1) for booker in bookers]
    return together(
        [
            lambda who=who, attending=attending: hold_and_confirm(who, at, attending)
            for who, attending in zip(bookers, people, strict=True)
        ]
    )


def doubles():
    """Seats that more than one appointment believes to be its own."""
    return number(
        "SELECT count(*) FROM (SELECT seat_id FROM appointments_appointment GROUP BY 1 HAVING count(*) > 1) d"
    )


def test_two_hundred_at_once_on_the_last_seat(live_db, crowd):
    results = race_for_the_last_seat(CROWD)
    answers = Counter(codes(results))
    assert answers.pop("ok") == 1
    assert set(answers) <= {"full", "busy"}
    assert Appointment.objects.count() == 1
    assert_books_balance(now=NOW)


def test_seat_locks_alone_give_a_seat_once(live_db, crowd, take_away):
    take_away("seat_index")
    assert codes(race_for_the_last_seat(40)).count("ok") == 1


def test_unique_index_alone_gives_a_seat_once(live_db, crowd, take_away):
    take_away("seat_locks")
    results = race_for_the_last_seat(40)
    assert codes(results).count("ok") == 1
    assert "IntegrityError" in codes(results)
    assert doubles() == 0


def test_control_without_both_guards_a_seat_is_given_twice(live_db, crowd, take_away):
    take_away("seat_locks", "seat_index")
    assert codes(race_for_the_last_seat(40)).count("ok") > 1
    assert doubles() == 1


@pytest.mark.parametrize("round_", range(5))
def test_groups_of_three_for_four_seats_never_split(live_db, round_):
    at = make.slot(seats=4)
    bookers = [make.account() for _ in range(24)]
    results = together([lambda who=who: make.hold(who, at, 3) for who in bookers])
    answers = Counter(codes(results))
    assert answers["ok"] == 1
    assert answers["full"] + answers["busy"] == 23
    assert [len(hold.seat_ids) for hold in Hold.objects.all()] == [3]
    assert Seat.objects.free(now=NOW).count() == 1


def test_control_groups_that_take_what_they_get_are_split(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        guards.rewrite(
            cursor, "claim_hold", "IF cardinality(picked) < wanted.n THEN", "IF cardinality(picked) = 0 THEN"
        )
    at = make.slot(seats=4)
    bookers = [make.account() for _ in range(8)]
    together([lambda who=who: make.hold(who, at, 3) for who in bookers])
    assert sorted(len(hold.seat_ids) for hold in Hold.objects.all()) != [3]


def test_seat_in_flight_is_busy_and_not_full(live_db):
    at, first, second = make.slot(), make.account(), make.account()
    with transaction.atomic():
        assert make.hold(first, at).ok
        assert Aside(lambda: make.hold(second, at)).end().code == "busy"
        transaction.set_rollback(True)
    assert make.hold(second, at).ok
    assert Aside(lambda: make.hold(first, at)).end().code == "full"


def test_busy_is_not_kept_under_a_key(live_db):
    at, first, second = make.slot(), make.account(), make.account()
    with transaction.atomic():
        assert make.hold(first, at).ok
        assert Aside(lambda: make.hold(second, at, idempotency=make.key())).end().code == "busy"
        transaction.set_rollback(True)
    assert make.hold(second, at, idempotency=make.key()).ok


def test_own_freed_seat_does_not_make_a_seat_in_flight_look_full(live_db):
    at, freer, other = make.slot(seats=2), make.account(), make.account()
    booked = make.book(freer, at)
    make.cancel(freer, *booked, now=NOW - timedelta(hours=5))
    Seat.objects.update(visible_at=NOW)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM consulates_seat WHERE id NOT IN (SELECT seat_id FROM appointments_freedseat) FOR UPDATE"
            )
        assert Aside(lambda: make.hold(freer, at)).end().code == "busy"
    assert make.hold(other, at).ok


def expiry_against_confirmation(rounds):
    """One whose clock says that the hold stands confirms it; another's clock is past its rest and takes the seat."""
    outcomes = Counter()
    for _ in range(rounds):
        at, owner, taker = make.slot(), make.account(), make.account()
        held = make.hold(owner, at)
        own, theirs = make.people(owner, 1), make.people(taker, 1)
        results = together(
            [
                lambda o=owner, h=held, p=own: make.confirm(o, h, p, now=NOW + timedelta(minutes=9)),
                lambda t=taker, a=at, p=theirs: hold_and_confirm(t, a, p, now=LATER),
            ]
        )
        assert not errors(results)
        outcomes[tuple(result.code for result in results)] += 1
    return outcomes


def test_hold_that_expires_while_it_is_confirmed_has_one_winner(live_db):
    outcomes = expiry_against_confirmation(20)
    assert set(outcomes) <= {("ok", "full"), ("ok", "busy"), ("hold_expired", "ok")}
    assert doubles() == 0
    assert_books_balance(now=NOW)


def test_confirmation_first_then_the_taker_finds_it_full(live_db):
    at, owner, taker = make.slot(), make.account(), make.account()
    held = make.hold(owner, at)
    attending = make.people(owner, 1)
    with transaction.atomic():
        assert make.confirm(owner, held, attending, now=NOW + timedelta(minutes=9)).ok
        assert Aside(lambda: make.hold(taker, at, now=LATER)).end().code == "busy"
    assert make.hold(taker, at, now=LATER).code == "full"


def test_taker_first_then_the_confirmation_waits_and_finds_it_expired(live_db):
    at, owner, taker = make.slot(), make.account(), make.account()
    held = make.hold(owner, at)
    attending = make.people(owner, 1)
    with transaction.atomic():
        assert make.hold(taker, at, now=LATER).ok
        confirming = Aside(lambda: make.confirm(owner, held, attending, now=NOW + timedelta(minutes=9)))
        assert confirming.waits_for_a_lock()
    assert confirming.end().code == "hold_expired"


def test_control_unlocked_own_seats_are_confirmed_though_taken(live_db, take_away):
    take_away("own_seat_locks", "seat_index")
    outcomes = expiry_against_confirmation(5)
    assert ("ok", "ok") in outcomes
    assert doubles() > 0
