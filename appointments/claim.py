"""The thin Python face of the database function ``claim`` (appointments/sql): the one door to seats and
permits.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from mexitel.utils.batches import Batches

# "busy" means that every free seat is in somebody's open transaction: those last milliseconds.
BUSY_TRIES = 6
BUSY_PAUSE_SECONDS = 0.02
# Of one process: above it whoever asks is told to come again, before the wait is longer than anybody's patience.
MOST_WAITING = 256


@dataclass(frozen=True)
class Answer:
    """What one request got: "ok" or a refusal code, with what the function says about it."""

    code: str
    facts: dict = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.code == "ok"


def claim_batch(requests: Sequence[dict], *, now: datetime) -> list[Answer]:
    """One round trip, one transaction, one answer per request in their order.

    ``now`` is timezone-aware. Expected refusals are answers, never exceptions. Raises IntegrityError when a
    constraint behind the function speaks: that is a bug, and nothing of the batch was written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM claim(%s, %s) ORDER BY place", [_json(requests), now])
        rows = cursor.fetchall()
    return [_answer(row[0]) for row in rows]


def _claim_together(asked: Sequence[tuple[dict, datetime]]) -> list[Answer]:
    """At the latest of their moments: all of them are past."""
    return claim_batch([request for request, _now in asked], now=max(now for _request, now in asked))


_together = Batches[tuple[dict, datetime], Answer](_claim_together, most_waiting=MOST_WAITING)
_goes_together = ContextVar("whether single requests go together", default=False)


@contextmanager
def going_together() -> Iterator[None]:
    """Inside, single requests of this process that wait at the same moment are one statement and one commit. The claim
    judges each as ever; one that fails takes nobody along. Raises Crowded where too many wait.
    """
    before = _goes_together.set(True)
    try:
        yield
    finally:
        _goes_together.reset(before)


def claim_one(request: dict, *, now: datetime) -> Answer:
    """A single request; tried again for a moment while the only free seats are in somebody's transaction."""
    together = _goes_together.get() and not connection.in_atomic_block
    for attempt in range(BUSY_TRIES):
        answer = _together.ask((request, now)) if together else claim_batch([request], now=now)[0]
        if answer.code != "busy" or connection.in_atomic_block:
            break
        time.sleep(random.uniform(0, BUSY_PAUSE_SECONDS * (attempt + 1)))  # noqa: S311 - spreads, keeps no secret
    return answer


def adopt_scopes(request: dict, *, now: datetime) -> int:
    """What the request's account has in use counts in each of the request's scopes; how many permits that added."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT adopt_scopes(%s, %s)", [_json(request), now])
        return cursor.fetchone()[0]


def lock_scopes(request: dict) -> list[int]:
    """Makes and locks the scopes of the request's booker, the group's too, in the claim's order; their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock_scopes(%s)", [_json([request])])
        [locked] = cursor.fetchone()
    return (json.loads(locked) if isinstance(locked, str) else locked)[0]["own"]


def is_blocked(request: dict, scope_ids: Sequence[int], *, now: datetime) -> bool:
    """Whether the request's booker is blocked in one of the scopes, or by a mark of theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(marks_refused(%s, %s), permits_refused(%s::bigint[], 0, NULL, %s)) IS NOT NULL",
            [_json(request["marks"]), now, list(scope_ids), now],
        )
        return cursor.fetchone()[0]


def link_accounts(requests: Sequence[dict], *, key: bytes, cap: int, now: datetime) -> tuple[int, int]:
    """The group scope that the requests' accounts share from now on, and how many permits came into it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT target, brought FROM link_accounts(%s, %s, %s, %s)", [_json(requests), key, cap, now])
        return cursor.fetchone()


def unlink_accounts(requests: Sequence[dict], *, scope_id: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unlink_accounts(%s, %s, %s)", [_json(requests), scope_id, now])


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)


def _answer(row: dict | str) -> Answer:
    facts = json.loads(row) if isinstance(row, str) else dict(row)
    return Answer(code=facts.pop("code"), facts=facts)
