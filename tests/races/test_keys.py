"""One Idempotency-Key, many times at once: it is done once, and everybody gets that answer."""

from collections import Counter

from appointments.models import Hold
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance
from tests.races.together import errors, together


def race_of_one_key(size):
    """Every request wishes another time, so that nothing but the key makes them one."""
    booker = make.account()
    times = make.session(seats=1, slots=size).slots.all()
    return together([lambda to=to: make.hold(booker, to, idempotency=make.key()) for to in times])


def test_one_key_fifty_times_at_once_is_one_hold(live_db):
    results = race_of_one_key(50)
    assert not errors(results)
    assert Counter("replayed" in answer.facts for answer in results) == {True: 49, False: 1}
    assert len({answer.facts["hold"] for answer in results}) == Hold.objects.count() == 1
    assert_books_balance(now=NOW)


def test_control_without_waiting_for_the_key_there_are_several(live_db, take_away):
    take_away("key_locks")
    race_of_one_key(10)
    assert Hold.objects.count() > 1


def test_one_key_fifty_times_at_once_is_one_booking(live_db):
    booker, at = make.account(), make.slot(seats=5)
    held, attending = make.hold(booker, at), make.people(booker, 1)
    request = make.confirm_request(booker, held.facts["hold"], attending, idempotency=make.key())
    results = together([lambda: make.claim_one(request, now=NOW)] * 50)
    assert not errors(results)
    assert len({tuple(answer.facts["appointments"]) for answer in results}) == 1
    assert_books_balance(now=NOW)


def test_other_bodies_under_one_key_are_refused_at_once(live_db):
    booker = make.account()
    times = make.session(seats=1, slots=20).slots.all()
    results = together([lambda to=to: make.hold(booker, to, idempotency=make.key(body=str(to.pk))) for to in times])
    assert Counter(answer.code for answer in results) == {"ok": 1, "key_reused": 19}
    assert Hold.objects.count() == 1
