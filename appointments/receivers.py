"""Facts about accounts that change in which scopes their appointments count."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.dispatch import receiver

from appointments.enums import ScopeKind
from appointments.scopes import account_scope, booker_scopes
from mexitel.accounts.models import User
from mexitel.accounts.signals import contact_changed, contact_verified


@receiver([contact_verified, contact_changed])
def count_in_new_scopes(*, user_id: int, at: datetime, **kwargs: Any) -> None:
    """What the account holds counts under its new mailbox or phone as well; the old scope keeps counting it."""
    account = User.objects.get(pk=user_id)
    for scope in booker_scopes(account):
        if scope.kind != ScopeKind.ACCOUNT:
            adopt_scope(account_id=user_id, scope_kind=scope.kind, key=scope.key, cap=scope.cap, now=at)


def adopt_scope(*, account_id: int, scope_kind: ScopeKind, key: bytes, cap: int, now: datetime) -> int:
    """Bring the account's permits in use into another scope, grandfathered; returns how many were not there yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT adopt_scope(%s, %s::smallint, %s, %s::smallint, %s)",
            [account_scope(account_id).key, int(scope_kind), key, cap, now],
        )
        return cursor.fetchone()[0]
