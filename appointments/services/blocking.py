"""Blocks as the claim sees them: a cap of 0 on scopes, and marks. Who decides about them stands in antifraud."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from appointments.models import BlockedMark, Scope
from appointments.scopes import MarkKey, ScopeKey

Name = ScopeKey | MarkKey


def lock_names(names: Iterable[Name]) -> None:
    """Until the transaction ends no claim decides about a booker with one of these names; waits for those that are
    deciding now. Scopes that nobody has booked in are made, so that they are born under this lock.

    Locks as the claim does: marks, then new scopes, then scopes, each sorted.
    """
    marks = {name for name in names if isinstance(name, MarkKey)}
    scopes = sorted({name for name in names if isinstance(name, ScopeKey)})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(id) FROM ("
            " SELECT DISTINCT mark_lock(kind, key) AS id FROM unnest(%s::int[], %s::text[]) AS marks (kind, key)"
            " ORDER BY id) AS sorted",
            [[int(mark.kind) for mark in marks], [mark.key.hex() for mark in marks]],
        )
    Scope.objects.bulk_create(
        [Scope(kind=scope.kind, key=scope.key, cap=scope.cap) for scope in scopes], ignore_conflicts=True
    )
    list(_rows(scopes).order_by("kind", "key").select_for_update().values_list("pk"))


def set_blocked(until: Mapping[Name, datetime | None]) -> None:
    """Each name is blocked until its moment; None ends it now. The caller holds ``lock_names`` of them all."""
    for name, moment in until.items():
        if isinstance(name, ScopeKey):
            Scope.objects.filter(kind=name.kind, key=name.key).update(blocked_until=moment)
        elif moment is None:
            BlockedMark.objects.filter(kind=name.kind, key=name.key).delete()
        else:
            BlockedMark.objects.bulk_create(
                [BlockedMark(kind=name.kind, key=name.key, until=moment)],
                update_conflicts=True, unique_fields=["kind", "key"], update_fields=["until"],
            )  # fmt: skip


def _rows(scopes: list[ScopeKey]) -> QuerySet[Scope]:
    keys: dict[int, list[bytes]] = {}
    for scope in scopes:
        keys.setdefault(scope.kind, []).append(scope.key)
    found = Scope.objects.none()
    for kind, of_kind in keys.items():
        found = found | Scope.objects.filter(kind=kind, key__in=of_kind)
    return found
