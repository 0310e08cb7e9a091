"""The room of a queue is everybody's; what is personal in it asks for a sign-in of its own."""

from tests.factories.queues import queue
from tests.staff.matrix import Open, World


def any_queue(world: World) -> dict:
    return {"release_id": queue().pk}


PAGES = ["queue_enter", "queue_file", "queue_join", "queue_leave", "queue_room", "queue_times"]
MACHINES = ["api_queue", "api_queue_slots", "api_queue_turn"]
ROWS = {name: Open(kwargs=any_queue) for name in [*PAGES, *MACHINES]}
