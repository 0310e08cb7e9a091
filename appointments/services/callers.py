"""Accounts for people who telephone or stand at the counter and have no e-mail and no verified phone."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from appointments.models import Caller
from mexitel.accounts.addresses import canonical_phone
from mexitel.accounts.models import User
from mexitel.accounts.services import tell_opened
from mexitel.audit.services import record
from mexitel.utils.crypto import keyed_hash


class CallerError(Exception):
    """Why a caller cannot be registered so; ``code`` is stable."""

    code = "caller"


class PhoneUnclear(CallerError):
    """That is no telephone number."""

    code = "phone_unclear"


class ReasonMissing(CallerError):
    """Whoever books for somebody without e-mail and without phone says why."""

    code = "reason_missing"


def register_caller(
    *,
    phone: str = "",
    reason: str = "",
    agent: User,
    now: datetime,
    person: bytes | None = None,
    call_reference: str = "",
) -> User:
    """An account for a caller who has no e-mail and no verified phone; nobody can sign in to it until one is verified.

    ``phone`` is what the caller states, as typed: cap 2, shared by all who state it. Without it ``reason`` is needed,
    and ``person`` (identity_hash of who attends; without it the account stands for the person): cap 1. ``agent`` is the
    member of staff, who may do so. Raises PhoneUnclear or ReasonMissing. Rule: DESIGN 4.5.
    """
    stated, reason = _stated(phone), reason.strip()
    if not stated and not reason:
        raise ReasonMissing
    with transaction.atomic():
        account = User.objects.create_user(registered_by=agent, date_joined=now)
        Caller.objects.create(
            account=account,
            phone=stated,
            phone_hash=keyed_hash("phone", stated) if stated else None,
            person_hash=person,
            reason=reason[:300],
            created_at=now,
            last_call_at=now,
        )
        detail = {"call": call_reference, "stated_phone": bool(stated)}
        tell_opened(account, agent_id=agent.pk, now=now)
        record(actor=agent, action="caller.register", target=account, now=now, reason=reason, detail=detail)
    return account


def _stated(phone: str) -> str:
    if not phone.strip():
        return ""
    try:
        return canonical_phone(phone)
    except ValidationError as error:
        raise PhoneUnclear from error
