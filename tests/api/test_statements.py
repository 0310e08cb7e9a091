"""How many statements the minute of an opening asks of PostgreSQL: each is a round trip that everybody waits for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment
from tests.api.conftest import person, take_hold


@pytest.mark.parametrize("seats", [1, 2])
def test_a_hold_asks_four(api, supply, seats):
    """Who it is, the procedure, the claim, and the times for the answer. A fifth would have to be worth a tenth of what
    an opening can carry.
    """
    with CaptureQueriesContext(connection) as statements:
        take_hold(api, supply, seats=seats)
    assert len(statements) <= 4, told(statements)


@pytest.mark.parametrize("party", [[person()], [person(), person("Ana")]])
def test_a_confirmation_asks_five_however_many_people(api, supply, party):
    """Who it is, the hold, its times, the guards together, and the claim, which saves the people too. What was written
    is answered without reading it again.
    """
    held = take_hold(api, supply, seats=len(party))
    with CaptureQueriesContext(connection) as statements:
        api.post(f"/holds/{held['id']}/confirm", {"people": party})
    assert Appointment.objects.count() == len(party)
    assert len(statements) <= 5, told(statements)


def test_what_was_written_is_answered_as_it_stands(api, supply):
    held = take_hold(api, supply, seats=2)
    assert api.get(f"/holds/{held['id']}").json() == held
    booked = api.post(f"/holds/{held['id']}/confirm", {"people": [person(), person("Ana", wheelchair=True)]}).json()
    assert [api.get(f"/appointments/{one['id']}").json() for one in booked["appointments"]] == booked["appointments"]


def told(statements):
    return "\n".join(one["sql"][:200] for one in statements.captured_queries)
