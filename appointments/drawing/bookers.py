"""Whether somebody may take part, asked under the locks of all their scopes: linked accounts ask one by one."""

from collections.abc import Iterable
from datetime import datetime

from appointments.claim import is_blocked, lock_scopes
from appointments.models import ApplicantClaim, DrawApplication, DrawPerson, Scope
from appointments.scopes import account_scope, booker_scopes
from appointments.services.hold import request_for
from mexitel.accounts.models import User


def locked_out(account: User, *, now: datetime) -> bool:
    """Locks the account's scopes and its group's until the transaction ends; whether it is blocked in one of them."""
    request = request_for(account, "join", channel="")
    return is_blocked(request, lock_scopes(request), now=now)


def booked_already(applicant_ids: Iterable[int], group: str, *, now: datetime) -> set[int]:
    """Those of the saved people who have an appointment of that group of procedures."""
    found = ApplicantClaim.objects.filter(applicant__in=applicant_ids, procedure_group=group, until__gt=now)
    return set(found.values_list("applicant_id", flat=True))


def in_linked_application(account: User, identities: Iterable[bytes], *, release_id: int, group: str) -> bytes | None:
    """The first of ``identities`` that is in an application of an account linked with this one."""
    same = DrawPerson.objects.filter(
        release=release_id, procedure_group=group, identity_hash__in=list(identities), application__withdrawn_at=None
    ).exclude(application__account=account)
    others = list(same.select_related("application"))
    if not others:
        return None
    linked = accounts_linked_with(account.pk, {other.application.account_id for other in others})
    return next((bytes(other.identity_hash) for other in others if other.application.account_id in linked), None)


def accounts_linked_with(account_id: int, candidates: Iterable[int]) -> set[int]:
    """Those of ``candidates`` whose group is the account's. Homonyms of strangers are nobody's business."""
    keys = {account_scope(pk).key: pk for pk in {account_id, *candidates}}
    rows = Scope.objects.filter(key__in=list(keys), group__isnull=False, kind=account_scope(account_id).kind)
    groups = {keys[bytes(row.key)]: row.group_id for row in rows}
    return {pk for pk, group in groups.items() if pk != account_id and group == groups.get(account_id)}


def contact_keys(account: User) -> dict[str, bytes | None]:
    """The columns in which one mailbox and one phone have one application: a caller's is the phone that they state, or
    who they are.
    """
    by_kind = {scope.kind.name: scope.key for scope in booker_scopes(account)}
    phone = by_kind.get("PHONE") or by_kind.get("STATED_PHONE") or by_kind.get("PERSON")
    return {"email_key": by_kind.get("EMAIL"), "phone_key": phone}


def own_application(account: User, release_id: int) -> DrawApplication | None:
    return DrawApplication.objects.standing().filter(account=account, release=release_id).first()
