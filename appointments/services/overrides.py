"""What raises a cap for a while: signed CapOverride rows, and what they do to the scopes of their booker, each under
its own lock and in the claim's order. The family of eight is the claim's own matter (appointments/sql/03_verbs.sql).
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from appointments.enums import ScopeKind
from appointments.models import CapOverride, Scope
from appointments.scopes import booker_scopes
from appointments.services.blocking import lock_names
from mexitel.accounts.models import User

# Whoever only states a phone, or nothing, is not raised by what they say; nor is what a reviewer capped together.
RAISED = (ScopeKind.ACCOUNT, ScopeKind.EMAIL, ScopeKind.PHONE)


@transaction.atomic
def raise_cap(
    *, account: User, kind: str, cap: int, reason: str, author: User, until: datetime, now: datetime, name: str = ""
) -> CapOverride:
    """``account`` may hold ``cap`` at a time, in all its scopes, until ``until``. ``author`` answers for it."""
    override = CapOverride.objects.create(
        kind=kind, account=account, cap=cap, reason=reason, author=author, created_at=now, until=until, shown_name=name
    )
    apply_overrides(account=account, now=now)
    return override


@transaction.atomic
def end_override(override: CapOverride, *, now: datetime) -> None:
    """From ``now`` on; what was booked stays and counts, so that nothing new fits until it is less than five."""
    if override.until > now:
        override.until = max(now, override.created_at + timedelta(microseconds=1))
        override.save(update_fields=["until"])
    apply_overrides(account=override.account, now=now)


@transaction.atomic
def apply_overrides(*, account: User, now: datetime) -> None:
    """Every scope of ``account`` has the highest signed cap that stands for it, or none; also one that is new."""
    scopes = _lock(account)
    standing = CapOverride.objects.filter(account=account, until__gt=now).exclude(
        kind__in=[CapOverride.Kind.FAMILY, CapOverride.Kind.EMERGENCY]  # each for one claim
    )
    best = standing.order_by("-cap", "-until").first()
    for scope in scopes:
        if scope.kind in RAISED:
            cap, until = (best.cap, best.until) if best else (None, None)
            Scope.objects.filter(pk=scope.pk).update(override_cap=cap, override_until=until)


def _lock(account: User) -> list[Scope]:
    """The scopes of ``account``, made where they are missing, under the claim's locks."""
    keys = booker_scopes(account)
    lock_names(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM appointments_scope s"
            " JOIN unnest(%s::smallint[], %s::bytea[]) AS named (kind, key) USING (kind, key)",
            [[int(scope.kind) for scope in keys], [scope.key for scope in keys]],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Scope.objects.filter(pk__in=ids).order_by("kind", "key"))
