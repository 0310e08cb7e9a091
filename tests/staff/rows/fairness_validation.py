"""What is asked of people who attend, and the calls in which agents ask."""

from tests.factories.validation import asked_by_call
from tests.staff.matrix import AGENTS, Open, Staff


def a_call(world):
    """Of an appointment in ``world.office`` whose booker gave a phone in a call."""
    case = asked_by_call(consulate=world.office)
    return {"request_id": case.requests.get().pk}


ROWS = {
    "identity_answer": Open(lambda world: {"token": "A" * 22}),
    "staff_identity_calls": Staff(get=AGENTS, post=AGENTS),
    "staff_identity_call": Staff(get=AGENTS, post=AGENTS, kwargs=a_call),
}
