"""Two reach for what only one may have; and what keeps the gate shut."""

import pytest

from consulates.models import Gate
from tests.appointments.test_gates import freed_seat, offer
from tests.factories import appointments as make
from tests.factories.releases import release, times_of
from tests.races import guards
from tests.races.together import together


def test_of_ten_who_are_offered_one_seat_at_once_one_holds_it(live_db):
    at, seats, _ = freed_seat()
    bookers = [make.account() for _ in range(10)]

    answers = together([lambda booker=booker: offer(booker, at, seats) for booker in bookers])

    assert sorted(answer.code for answer in answers) == ["full"] * 9 + ["ok"]


@pytest.mark.parametrize("mode", [Gate.QUEUE, Gate.DRAW])
def test_control_without_the_gate_anybody_would_hold(live_db, owner_connection, mode):
    at = times_of(release(mode=mode))[0]
    with owner_connection.cursor() as cursor:
        guards.rewrite(cursor, "is_let_in", "p_gate = 'open'", "true")
    assert make.hold(make.account(), at).ok
