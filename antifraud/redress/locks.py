"""Locks of several bookers at once, in the claim's own order."""

from collections.abc import Iterable

from appointments.enums import ScopeKind
from appointments.models import Scope
from appointments.scopes import ScopeKey, booker_scopes
from appointments.services.blocking import lock_names
from mexitel.accounts.models import User


def lock_bookers(accounts: Iterable[User], *, paid: Iterable[int] = ()) -> None:
    """Until the transaction ends nobody else books, moves or cancels for them: their rows, then every scope of theirs
    and those of ``paid`` (ids), each sorted. One account after the other could meet a booking under a shared mailbox.
    """
    found = sorted(set(accounts), key=lambda one: one.pk)
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in found]).order_by("pk").only("pk"))
    rows = Scope.objects.filter(pk__in=set(paid)).values_list("kind", "key")
    names = {scope for one in found for scope in booker_scopes(one)}
    lock_names(names | {ScopeKey(ScopeKind(kind), bytes(key)) for kind, key in rows})
