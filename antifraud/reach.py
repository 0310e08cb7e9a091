"""Who a block would hit, before anybody decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from antifraud.models import BlockKind
from antifraud.names import Target
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Caller
from mexitel.accounts.addresses import masked
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import PROVIDERS, canonical_email, domain_of

# A domain with more people than this who came to their appointments is somebody's employer or school.
MOST_ATTENDED = 20
SHOWN = 200


@dataclass(frozen=True)
class Reach:
    """``contacts`` are masked, the first two hundred of ``accounts``. ``upcoming`` counts their appointments to come,
    ``attended`` the people of theirs who came to one.
    """

    accounts: int
    contacts: list[str]
    upcoming: int
    attended: int


def accounts_of(target: Target) -> list[int]:
    """Ids of the accounts that have that name now, in order."""
    if target.kind == BlockKind.PHONE:
        key = keyed_hash("phone", target.text)
        stated = Caller.objects.filter(phone_hash=key).values("account_id")
        found = User.objects.filter(phone_hash=key) | User.objects.filter(pk__in=stated)
    elif target.kind == BlockKind.ACCOUNT:
        found = User.objects.filter(pk=int(target.text))
    elif target.kind == BlockKind.ADDRESS:
        found = User.objects.by_email(target.text)
    elif target.kind == BlockKind.DOMAIN:
        found = User.objects.filter(email__endswith=f"@{target.text}")
    else:
        return _of_mailbox(target.text)
    return sorted(_citizens(found).values_list("pk", flat=True))


def reach_of(account_ids: Sequence[int], *, now: datetime) -> Reach:
    accounts = User.objects.filter(pk__in=account_ids).only("email", "phone").order_by("pk")[:SHOWN]
    theirs = Appointment.objects.filter(account__in=account_ids)
    came = theirs.filter(status=AppointmentStatus.ATTENDED)
    return Reach(
        accounts=len(account_ids),
        contacts=[masked(one.email or one.phone) if one.email or one.phone else f"#{one.pk}" for one in accounts],
        upcoming=theirs.filter(status=AppointmentStatus.BOOKED, starts_at__gt=now).count(),
        attended=came.values("applicant_id").distinct().count(),
    )


def _citizens(found: QuerySet[User]) -> QuerySet[User]:
    return found.filter(is_staff=False, is_superuser=False)


def _of_mailbox(address: str) -> list[int]:
    """Spellings are many: the database narrows them to a few, the provider table decides."""
    wanted = canonical_email(address)
    local, _, domain = wanted.rpartition("@")
    family = {one for one, provider in PROVIDERS.items() if provider.name == domain} | {domain, domain_of(address)}
    letters = r"\.?".join(re.escape(letter) for letter in local)
    domains = "|".join(re.escape(one) for one in sorted(family))
    candidates = _citizens(User.objects.filter(email__regex=rf"^{letters}\.?([+-][^@]*)?@({domains})$"))
    return sorted(pk for pk, email in candidates.values_list("pk", "email") if canonical_email(email or "") == wanted)
