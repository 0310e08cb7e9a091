"""What a sign-up tells the engine; and those of which no sighting tells: older ones, or lost with a process."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from antifraud.identities import mailbox_of, phone_key
from antifraud.live.keyed import as_detail
from antifraud.services.sightings import note
from appointments.models import Caller
from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING, Seen
from mexitel.utils.networks import kind_of

# A sighting comes within milliseconds of its account; older than two years it is gone by retention.
JUST_NOW, FORGOTTEN = timedelta(minutes=5), timedelta(days=2 * 365)
BATCH = 1000

UNHEARD = """
SELECT id FROM accounts_user person
WHERE date_joined BETWEEN %(oldest)s AND %(latest)s AND deleted_at IS NULL AND NOT is_staff AND NOT is_superuser
  AND NOT EXISTS (SELECT FROM antifraud_sighting s WHERE s.account_id = person.id AND s.kind = 'register')
ORDER BY id LIMIT %(batch)s
"""
UNPROVEN = """
SELECT id FROM accounts_user person
WHERE phone_verified_at BETWEEN %(oldest)s AND %(latest)s AND deleted_at IS NULL AND NOT is_staff AND NOT is_superuser
  AND NOT EXISTS (SELECT FROM antifraud_sighting s WHERE s.account_id = person.id AND s.kind = 'verify_phone'
                  AND s.at >= person.phone_verified_at)
ORDER BY id LIMIT %(batch)s
"""


def sign_up_of(account: User, *, agent_id: int | None, seen: Seen) -> dict[str, Any]:
    """The detail of a ``register``: keys of the mailbox and of the phone that a caller states, and what was seen."""
    detail: dict[str, Any] = {"channel": "phone" if agent_id else "web"}
    if account.email:
        detail |= as_detail(mailbox_of(account.email))
    if agent_id:
        detail["agent"] = agent_id
        caller = Caller.objects.filter(account=account).exclude(phone_hash=None).first()
        if caller is not None:
            detail["phone"] = phone_key(caller.phone).hex()
    if seen.prefix:
        detail |= {"prefix": seen.prefix, "asn_kind": kind_of(seen.prefix)}
    if seen.device:
        detail["device"] = seen.device
    return detail


def note_missing(*, now: datetime) -> int:
    """How many were noted, each at its own moment. Run again it adds nothing."""
    noted = 0
    while found := _accounts(UNHEARD, now):
        for account in found:
            detail = sign_up_of(account, agent_id=account.registered_by_id, seen=NOTHING)
            note("register", now=account.date_joined, account_id=account.pk, **detail)
        noted += len(found)
    while found := _accounts(UNPROVEN, now):
        for account in found:
            proven = account.phone_verified_at
            assert proven is not None  # noqa: S101 - the query asks for it
            note("verify_phone", now=proven, account_id=account.pk, phone=phone_key(account.phone).hex())
        noted += len(found)
    return noted


def _accounts(query: str, now: datetime) -> list[User]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"oldest": now - FORGOTTEN, "latest": now - JUST_NOW, "batch": BATCH})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(User.objects.filter(pk__in=ids).order_by("pk"))
