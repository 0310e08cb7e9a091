"""Draws: their proof, which everybody may read, and the public number that two people may enter."""

from datetime import timedelta

from appointments.allocation.drawing import queue_entry, seal
from consulates.models import Role
from tests.factories import appointments as make
from tests.factories import releases
from tests.factories.appointments import NOW
from tests.staff.matrix import Open, Staff, World

SIGNERS = frozenset({Role.OFFICE_MANAGER, Role.NETWORK_COORDINATOR, Role.SENIOR_REVIEWER})


def sealed(world: World) -> dict:
    release = releases.release(make.session(consulate=world.office), opens_at=NOW)
    seal(release, [queue_entry("AAAA", "web")], NOW - timedelta(seconds=1))
    return {"release_id": release.pk}


def one_file(world: World) -> dict:
    return sealed(world) | {"name": "sealed.txt"}


ROWS = {
    "draw_proof": Open(kwargs=sealed),
    "draw_proof_file": Open(kwargs=one_file),
    "api_draw_proof": Open(kwargs=sealed),
    "staff_drawings": Staff(get=SIGNERS),
    "staff_drawing": Staff(get=SIGNERS, post=SIGNERS, kwargs=sealed),
}
