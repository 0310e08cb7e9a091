"""One live entry for each booker and person: keys that are taken by whoever comes first and come free by the clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from appointments.enums import ScopeKind
from appointments.models import Scope, WaitingEntry, WaitingKey
from appointments.scopes import account_scope, booker_scopes
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash

Key = tuple[int, bytes]
TAKE = """
INSERT INTO appointments_waitingkey AS mine (kind, key, procedure_group, entry_id, until)
SELECT kind, key, %(group)s, %(entry)s, %(until)s
FROM unnest(%(kinds)s::smallint[], %(keys)s::bytea[]) AS wanted (kind, key) ORDER BY kind, key
ON CONFLICT (kind, key, procedure_group) DO UPDATE SET entry_id = excluded.entry_id, until = excluded.until
    WHERE mine.until <= %(now)s OR mine.entry_id = excluded.entry_id
"""


def keys_of(account: User, people: Iterable[bytes]) -> list[Key]:
    """The booker's scopes, and each person among the accounts that a reviewer linked: strangers keep nobody out."""
    own = [(int(scope.kind), scope.key) for scope in booker_scopes(account)]
    group = Scope.objects.filter(kind=ScopeKind.ACCOUNT, key=account_scope(account.pk).key).values_list(
        "group", flat=True
    )
    among = f"group {group[0]}" if group and group[0] else f"account {account.pk}"
    mine = [(int(ScopeKind.PERSON), keyed_hash("waiting", f"{among} {bytes(person).hex()}")) for person in people]
    return sorted(own + mine)


def take_keys(entry: WaitingEntry, keys: list[Key], *, now: datetime) -> bool:
    """Whether all of them are the entry's. The caller rolls back when not. Keys that it has already stay its own."""
    facts: dict[str, Any] = {
        "group": entry.procedure_group, "entry": entry.pk, "until": entry.until, "now": now,
        "kinds": [kind for kind, _key in keys], "keys": [key for _kind, key in keys],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TAKE, facts)
        return cursor.rowcount == len(keys)


def give_back(entry: WaitingEntry, *, now: datetime) -> None:
    WaitingKey.objects.filter(entry=entry, until__gt=now).update(until=now)
