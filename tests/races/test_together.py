"""Claims that wait at the same moment in one process go together; each is judged as if it had come alone."""

from appointments.claim import claim_one, going_together
from appointments.models import Appointment, Hold
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.races.together import codes, together


def ask(request):
    with going_together():
        return claim_one(request, now=NOW)


def test_twelve_at_once_who_want_one_time_and_one_who_repeats_a_key(live_db):
    at, one, other = make.slot(seats=5), make.account(), make.slot()
    same = make.hold_request(one, other, idempotency=make.key())
    requests = [make.hold_request(make.account(), at, idempotency=make.key()) for _ in range(8)]

    told = together([lambda request=request: ask(request) for request in [*requests, *[same] * 4]])

    assert codes(told[:8]) == ["full"] * 3 + ["ok"] * 5
    assert Hold.objects.count() == 6
    assert len({answer.facts["hold"] for answer in told[8:]}) == 1
    assert sum("replayed" in answer.facts for answer in told[8:]) == 3


def test_a_request_that_breaks_takes_nobody_along(live_db):
    at, bookers = make.slot(seats=4), [make.account() for _ in range(4)]
    holds = [make.hold(booker, at).facts["hold"] for booker in bookers]
    people = [make.people(booker, 1) for booker in bookers]
    people[0] = people[1]  # a stranger's
    requests = [make.confirm_request(*one) for one in zip(bookers, holds, people, strict=True)]
    told = together([lambda request=request: ask(request) for request in requests])
    assert codes(told) == ["InternalError"] + ["ok"] * 3
    assert Appointment.objects.count() == 3
