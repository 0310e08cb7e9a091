"""What accounts tell after a commit, kept for the engine. What is lost between is noted by night (live/sign_ups.py)."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from antifraud.identities import phone_key
from antifraud.live.sign_ups import sign_up_of
from antifraud.services.sightings import note
from mexitel.accounts.models import User
from mexitel.accounts.signals import account_opened, contact_verified
from mexitel.utils.browsers import Seen


@receiver(account_opened)
def note_sign_up(*, user_id: int, agent_id: int | None, seen: Seen, at: datetime, **kwargs: Any) -> None:
    account = User.objects.get(pk=user_id)
    note("register", now=at, account_id=user_id, **sign_up_of(account, agent_id=agent_id, seen=seen))


@receiver(contact_verified)
def note_proven_phone(*, user_id: int, contact: str, address: str, at: datetime, **kwargs: Any) -> None:
    if contact == "phone":
        note("verify_phone", now=at, account_id=user_id, phone=phone_key(address).hex())
