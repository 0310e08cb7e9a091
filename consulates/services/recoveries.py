"""A second factor that was lost, regained by two people: one opens with a reason, another signs. Only then does the
old one go, with password and sessions, and a link of one hour is mailed to the person.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, QuerySet

from consulates.access import Access
from consulates.models import Assignment, Recovery
from consulates.roles import May
from mexitel.accounts import invitations
from mexitel.accounts.models import LinkPurpose, User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

LIFETIME = timedelta(hours=24)
MAY_OPEN = (May.PEOPLE,)
MAY_SIGN = (May.PEOPLE, May.SIGN)


class RecoveryError(Exception):
    """Nothing was changed; ``code`` is stable."""

    code = "recovery"


class RecoveryOpen(RecoveryError):
    """A recovery is open for this person already."""

    code = "recovery_open"


class RecoveryOver(RecoveryError):
    """Signed, withdrawn or older than a day."""

    code = "recovery_over"


class OneAlone(RecoveryError):
    """Another person signs, neither the one who opened it nor the one it is for."""

    code = "one_alone"


def is_over(access: Access, user: User, permissions: tuple[May, ...], *, now: datetime) -> bool:
    """Whether ``access`` reaches this colleague: in one of their offices, or in the network when they work there."""
    roles = Assignment.objects.in_force(now=now).filter(user=user)
    return _reaches(access, roles.values_list("consulate_id", flat=True).distinct(), permissions)


def _reaches(access: Access, offices: Collection[int | None], permissions: tuple[May, ...]) -> bool:
    """``offices`` are where the colleague works, None for the network."""
    if None in offices:
        return any(access.everywhere(one) for one in permissions)
    return any(access.may(one, office) for one in permissions for office in offices)


def open_recovery(*, access: Access, user: User, reason: str, now: datetime) -> Recovery:
    """Ask a second colleague to sign. Raises PermissionDenied, OneAlone (for oneself) and RecoveryOpen."""
    if user.pk == access.user.pk:
        raise OneAlone
    if not is_over(access, user, MAY_OPEN, now=now):
        raise PermissionDenied
    with transaction.atomic():
        unsigned().filter(user=user, expires_at__lte=now).update(withdrawn_at=now)
        with named_violations({"consulates_recovery_one_open": RecoveryOpen}):
            opened = Recovery.objects.create(
                user=user, reason=reason, opened_by=access.user, opened_at=now, expires_at=now + LIFETIME
            )
        record(actor=access.user, action="recovery.open", target=user, now=now, reason=reason, detail=_detail(opened))
    return opened


def sign_recovery(*, access: Access, recovery: Recovery, now: datetime) -> None:
    """The second name. Raises PermissionDenied, OneAlone and RecoveryOver (two who sign at once: one of them)."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=recovery.user_id)
        found = unsigned().select_for_update(no_key=True).filter(pk=recovery.pk, expires_at__gt=now).first()
        if found is None:
            raise RecoveryOver
        if not is_over(access, user, MAY_SIGN, now=now):
            raise PermissionDenied
        with named_violations(
            {"consulates_recovery_two_people": OneAlone, "consulates_recovery_by_colleagues": OneAlone}
        ):
            Recovery.objects.filter(pk=found.pk).update(signed_by=access.user, signed_at=now)
        invitations.lock_out(user=user)
        invitations.send_link(user=user, purpose=LinkPurpose.RECOVERY, now=now)
        record(
            actor=access.user, action="recovery.sign", target=user, now=now, reason=found.reason,
            detail={**_detail(found), "opened_by": found.opened_by_id, "signed_by": access.user.pk},
        )  # fmt: skip


def withdraw_recovery(*, access: Access, recovery: Recovery, now: datetime) -> None:
    """It was a mistake; anybody who could sign may say so. Raises PermissionDenied and RecoveryOver."""
    if not is_over(access, recovery.user, MAY_SIGN, now=now):
        raise PermissionDenied
    with transaction.atomic():
        if not unsigned().filter(pk=recovery.pk).update(withdrawn_at=now):
            raise RecoveryOver
        record(actor=access.user, action="recovery.withdraw", target=recovery.user, now=now, detail=_detail(recovery))


def unsigned() -> QuerySet[Recovery]:
    return Recovery.objects.filter(signed_at=None, withdrawn_at=None)


def to_sign(*, access: Access, now: datetime) -> list[Recovery]:
    """Open ones that this person may sign or sees waiting, oldest first. One query."""
    roles = Assignment.objects.in_force(now=now).filter(user=OuterRef("user")).values("consulate_id")
    waiting = unsigned().filter(expires_at__gt=now).select_related("user", "opened_by").order_by("opened_at")
    found = waiting.annotate(offices=ArraySubquery(roles))
    return [one for one in found if _reaches(access, one.offices, MAY_SIGN)]


def _detail(recovery: Recovery) -> dict:
    return {"recovery": recovery.pk}
