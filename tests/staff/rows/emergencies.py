"""Urgent requests: the public's pages, the officers', the agents', and those who look again afterwards."""

from appointments.emergencies import deciding
from appointments.emergencies.samples import draw_month
from appointments.models import EmergencyProof, GrantRule, SampledRequest
from consulates.models import Role
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import NOW, Emergency, emergency
from tests.staff.matrix import AGENTS, COORDINATORS, MANAGERS, Open, Staff, World, in_office

AUDITORS = frozenset({Role.OFFICE_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR})
SIGNERS = frozenset({Role.OFFICE_MANAGER, Role.NETWORK_COORDINATOR, Role.SENIOR_REVIEWER})


def scene(world: World) -> Emergency:
    return emergency(office=world.office)


def asked(world: World) -> dict:
    return {"request_id": scene(world).asked().pk}


def to_sign(world: World) -> dict:
    found = scene(world)
    GrantRule.objects.create(consulate=found.office, daily_grants=0)
    return {"request_id": found.grant(found.taken()).pk}


def proof(world: World) -> dict:
    """Nobody of the matrix has taken the request: they are sent to it, never shown the file (test_emergencies.py)."""
    request = scene(world).asked()
    return {"request_id": request.pk, "proof_id": EmergencyProof.objects.get(request=request).pk}


def caller(world: World) -> dict:
    return {"account_id": UserFactory().pk}


def sampled(world: World) -> dict:
    found = scene(world)
    request = found.taken()
    deciding.refuse_request(request_id=request.pk, officer=found.officer, why="no_seat", answer="-", now=NOW)
    request.refresh_from_db()
    draw_month(consulate=found.office, month=request.decided_on.replace(day=1), now=NOW)
    return {"sampled_id": SampledRequest.objects.get().pk}


ROWS = {
    **{
        name: Open()
        for name in [
            "emergencies",
            "emergency",
            "emergency_ask",
            "emergency_check",
            "emergency_people",
            "emergency_proof_remove",
            "emergency_proofs",
            "emergency_withdraw",
        ]
    },
    "staff_emergencies": Staff(get=MANAGERS),
    "staff_emergency": Staff(get=MANAGERS, post=MANAGERS, kwargs=asked),
    "staff_emergency_proof": Staff(get=MANAGERS, kwargs=proof),
    "staff_emergencies_to_sign": Staff(get=SIGNERS),
    "staff_emergency_sign": Staff(get=SIGNERS, post=SIGNERS, kwargs=to_sign),
    # An account belongs to no office: whoever answers calls anywhere may ask for it, in offices of their own.
    "staff_emergency_caller": Staff(get=AGENTS, post=AGENTS),
    "staff_emergency_ask": Staff(get=AGENTS, post=AGENTS, kwargs=caller, of_office=False),
    "staff_grants": Staff(get=AUDITORS, kwargs=in_office),
    "staff_grant_rule": Staff(get=COORDINATORS, post=COORDINATORS, kwargs=in_office),
    "staff_emergency_samples": Staff(get=AUDITORS),
    "staff_emergency_sample": Staff(get=AUDITORS, post=AUDITORS, kwargs=sampled),
}
