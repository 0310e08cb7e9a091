"""Facts about accounts that change in which scopes their appointments count."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from appointments.models import CapOverride
from appointments.services.links import adopt_scopes
from appointments.services.overrides import apply_overrides
from mexitel.accounts.models import User
from mexitel.accounts.signals import contact_changed, contact_verified


@receiver([contact_verified, contact_changed])
def count_in_new_scopes(*, user_id: int, at: datetime, **kwargs: Any) -> None:
    """What the account holds counts under its new mailbox or phone as well; the old scope keeps counting it."""
    account = User.objects.get(pk=user_id)
    if CapOverride.objects.filter(account=account, until__gt=at).exists():
        apply_overrides(account=account, now=at)
    adopt_scopes(account=account, now=at)
