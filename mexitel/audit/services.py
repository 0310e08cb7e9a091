"""The one way to write the audit trail: in the caller's transaction, so that the line and the fact stand or
fall together."""

import json
from datetime import datetime
from typing import Any

from django.db import connection, models

SYSTEM = "system"


def record(
    *,
    actor: Any,
    action: str,
    target: Any,
    now: datetime,
    reason: str = "",
    office_id: int | None = None,
    detail: dict | None = None,
) -> int:
    """Append one line and return its id.

    ``actor`` is a user (its ``role`` or "user" becomes the kind), a plain word for something without an
    account ("relay"), or None for the system itself. ``action`` is a stable word like "appointment.cancel";
    ``target`` a model instance or a pair (type, id). ``reason`` is what the actor gave in plain words;
    ``detail`` holds ids and codes, never names, contacts or document numbers.
    """
    actor_id, actor_kind = _actor(actor)
    object_type, object_id = _target(target)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_line"
            " (at, actor_id, actor_kind, action, object_type, object_id, office_id, reason, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [
                now,
                actor_id,
                actor_kind,
                action,
                object_type,
                object_id,
                office_id,
                reason,
                json.dumps(detail or {}),
            ],
        )
        return cursor.fetchone()[0]


def _actor(actor: Any) -> tuple[int | None, str]:
    if actor is None:
        return None, SYSTEM
    if isinstance(actor, str):
        return None, actor
    if actor.pk is None:
        return None, "anonymous"
    return actor.pk, str(getattr(actor, "role", "") or "user")


def _target(target: Any) -> tuple[str, str]:
    if isinstance(target, models.Model):
        return target._meta.label_lower, str(target.pk)
    kind, key = target
    return str(kind), str(key)
