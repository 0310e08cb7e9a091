"""Roles are given and ended, people come and leave. Each act is one transaction with its line in the audit trail.

Whoever acts may do so only with roles of their own (consulates/roles.py, GIVES), never on themselves. Every act locks
the person's account first, so that acts on one person follow each other; ``is_staff`` and ``is_superuser`` follow the
roles in the same transaction (``settle``).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Greatest

from consulates.models import Assignment, Consulate, Recovery, Role
from consulates.roles import GIVES
from mexitel.accounts import invitations, limits
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import LinkPurpose, User
from mexitel.api import tokens
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

NOWHERE = Origin("", "", counted=False)


class PeopleError(Exception):
    """Nothing was changed; ``code`` is stable."""

    code = "people"


class MayNotGive(PeopleError):
    """The actor's own roles do not reach this role in this office."""

    code = "may_not_give"


class OwnRoles(PeopleError):
    """Nobody changes their own roles."""

    code = "own_roles"


class RoleHeld(PeopleError):
    """This person has that role there already."""

    code = "role_held"


class RoleOver(PeopleError):
    """The role had ended before."""

    code = "role_over"


class LastAdministrator(PeopleError):
    """Without this one nobody could ever give a role again."""

    code = "last_administrator"


class WrongTimes(PeopleError):
    """It ends before it starts, or is over already."""

    code = "wrong_times"


class TooManyInvitations(PeopleError):
    """The actor sent many invitations in the last hours."""

    code = "too_many_invitations"


class HasArrived(PeopleError):
    """The person has a password already; a link would be of no use."""

    code = "has_arrived"


class Left(NamedTuple):
    """What ended, and how many roles remain in offices that the actor has no say in."""

    ended: int
    remaining: int


Reach = Mapping[Role, frozenset[int] | None]


def reach(actor: User, *, now: datetime) -> Reach:
    """The roles that ``actor`` may give and end, with the offices (None: everywhere, and in the network)."""
    found: dict[Role, set[int] | None] = {}
    for role, office in Assignment.objects.in_force(now=now).filter(user=actor).values_list("role", "consulate_id"):
        for given in GIVES.get(Role(role), ()):
            if office is None or found.get(given, ()) is None:
                found[given] = None
            else:
                found.setdefault(given, set()).add(office)  # type: ignore[union-attr]
    return {role: None if ids is None else frozenset(ids) for role, ids in found.items()}


def reaches(given: Reach, role: str, office_id: int | None) -> bool:
    """Whether that reach holds this role in this office (None: the network)."""
    if Role(role) not in given:
        return False
    ids = given[Role(role)]
    return ids is None or (office_id is not None and office_id in ids)


def invite(
    *,
    actor: User,
    email: str,
    role: Role,
    office: Consulate | None,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    language: str = "es",
    now: datetime,
) -> tuple[User, bool]:
    """Give ``role`` to whoever ``email`` names, and whether a link was mailed: to who is new, came back, or has not
    used an earlier one.

    Raises ValidationError (no address), NotStaff (a citizen's account), TooManyInvitations, and what give_role raises.
    """
    if not limits.take("invitation", {"account": str(actor.pk)}, NOWHERE, now):
        raise TooManyInvitations
    with transaction.atomic():
        user, created = invitations.staff_account(email=email, language=language, was_staff=_was_staff, now=now)
        if created:
            record(actor=actor, action="staff.invite", target=user, now=now, office_id=_id(office), reason=reason)
        give_role(
            actor=actor, user=user, role=role, office=office, starts_at=starts_at, ends_at=ends_at, reason=reason,
            now=now,
        )  # fmt: skip
        user.refresh_from_db()
        if arrived := invitations.has_arrived(user):
            return user, not arrived
        invitations.send_link(user=user, purpose=LinkPurpose.INVITATION, now=now)
    return user, True


def invite_again(*, actor: User, user: User, now: datetime) -> None:
    """The link once more, with 48 new hours. Raises HasArrived, TooManyInvitations, MayNotGive, OwnRoles."""
    if not limits.take("invitation", {"account": str(actor.pk)}, NOWHERE, now):
        raise TooManyInvitations
    with transaction.atomic():
        user = _lock(user, actor)
        roles = list(Assignment.objects.not_over(now=now).filter(user=user))
        may = reach(actor, now=now)
        if not any(reaches(may, one.role, one.consulate_id) for one in roles):
            raise MayNotGive
        if invitations.has_arrived(user):
            raise HasArrived
        invitations.send_link(user=user, purpose=LinkPurpose.INVITATION, now=now)
        record(actor=actor, action="staff.invite_again", target=user, now=now)


def give_role(
    *,
    actor: User,
    user: User,
    role: Role,
    office: Consulate | None,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    now: datetime,
) -> Assignment:
    """``role`` in ``office``, in the whole network without one. Raises OwnRoles, MayNotGive, RoleHeld, WrongTimes."""
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise WrongTimes
    with transaction.atomic():
        user = _lock(user, actor)
        if not reaches(reach(actor, now=now), role, _id(office)) or (office is not None and office.is_practice):
            raise MayNotGive
        if not user.needs_second_factor and not _was_staff(user):
            raise invitations.NotStaff
        held = Assignment.objects.not_over(now=now).filter(user=user, role=role, consulate=office)
        if held.exists():
            raise RoleHeld
        with named_violations({"consulates_assignment_once_in_force": RoleHeld}):
            given = Assignment.objects.create(
                user=user, role=role, consulate=office, starts_at=starts_at, ends_at=ends_at, granted_by=actor,
                reason=reason,
            )  # fmt: skip
        settle(user, now=now)
        record(
            actor=actor, action="role.give", target=user, now=now, office_id=_id(office), reason=reason,
            detail={"assignment": given.pk, "role": str(role)},
        )  # fmt: skip
    return given


def end_role(*, actor: User, assignment: Assignment, reason: str, now: datetime) -> None:
    """Now. Raises OwnRoles, MayNotGive, RoleOver and LastAdministrator."""
    with transaction.atomic():
        user = _lock(assignment.user, actor)
        found = Assignment.objects.not_over(now=now).filter(pk=assignment.pk).first()
        if found is None:
            raise RoleOver
        if not reaches(reach(actor, now=now), found.role, found.consulate_id):
            raise MayNotGive
        _end([found], actor=actor, reason=reason, now=now)
        settle(user, now=now)


def leave(*, actor: User, user: User, reason: str, now: datetime) -> Left:
    """Every role that the actor may end, at once. With none left the account is closed: suspended, no password, no
    second factor, every session and token over. Raises OwnRoles, MayNotGive (none of them) and LastAdministrator.
    """
    with transaction.atomic():
        user = _lock(user, actor)
        roles = list(Assignment.objects.not_over(now=now).filter(user=user).order_by("pk"))
        may = reach(actor, now=now)
        mine = [one for one in roles if reaches(may, one.role, one.consulate_id)]
        if not mine:
            raise MayNotGive
        _end(mine, actor=actor, reason=reason, now=now)
        record(actor=actor, action="staff.leave", target=user, now=now, reason=reason, detail={"ended": len(mine)})
        settle(user, now=now)
    return Left(len(mine), len(roles) - len(mine))


def settle(user: User, *, now: datetime) -> None:
    """Make the account what its roles say. In a transaction that has locked it, as ``user`` was then.

    Who comes back is active again; who was suspended with roles in force stays so.
    """
    roles = Assignment.objects.not_over(now=now).filter(user=user)
    if roles.exists():
        rules = roles.filter(role=Role.ADMINISTRATOR, starts_at__lte=now).exists()
        active = user.is_active or not user.is_staff
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=rules, is_active=active)
        return
    record(actor=None, action="staff.close", target=user, now=now)
    invitations.lock_out(user=user)
    tokens.forget(user, now)
    Recovery.objects.filter(user=user, signed_at=None, withdrawn_at=None).update(withdrawn_at=now)
    User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False, is_active=False)


def settle_all(*, now: datetime) -> int:
    """Roles begin and end by the clock: bring accounts after them; returns how many were closed. Who has never had a
    role is left alone."""
    moved = Q(assignments__ends_at__lte=now) | Q(assignments__role=Role.ADMINISTRATOR)
    found = User.objects.filter(moved, is_staff=True).order_by("pk").distinct().values_list("pk", flat=True)
    closed = 0
    for pk in list(found):
        with transaction.atomic():
            settle(User.objects.select_for_update(no_key=True).get(pk=pk), now=now)
            closed += User.objects.filter(pk=pk, is_staff=False).count()
    return closed


def made_administrator(user: User, now: datetime) -> None:
    """The command that makes the first administrator gives the role too; nobody there could (settings)."""
    role = {"user": user, "role": Role.ADMINISTRATOR, "consulate": None}
    if not Assignment.objects.in_force(now=now).filter(**role).exists():
        given = Assignment.objects.create(**role, starts_at=now, reason="staff_account")
        detail = {"assignment": given.pk, "role": str(Role.ADMINISTRATOR)}
        record(actor="staff_account", action="role.give", target=user, now=now, detail=detail)


def _end(roles: Iterable[Assignment], *, actor: User, reason: str, now: datetime) -> None:
    for one in roles:
        if one.role == Role.ADMINISTRATOR:
            _keep_one_administrator(without=one, now=now)
        # What has not begun ends where it would have started, so that it never holds.
        end = Greatest(Value(now, output_field=DateTimeField()), "starts_at")
        Assignment.objects.filter(pk=one.pk).update(ends_at=end, ended_by=actor)
        record(
            actor=actor, action="role.end", target=("accounts.user", one.user_id), now=now,
            office_id=one.consulate_id, reason=reason, detail={"assignment": one.pk, "role": one.role},
        )  # fmt: skip


def _keep_one_administrator(*, without: Assignment, now: datetime) -> None:
    """Two who end each other at the same moment meet at these locks, taken in one order; the second finds one left."""
    lasting = (
        Assignment.objects.filter(role=Role.ADMINISTRATOR, ends_at=None).order_by("pk").select_for_update(no_key=True)
    )
    active = {pk: user for pk, user in lasting.values_list("pk", "user_id")}
    others = User.objects.filter(pk__in=[user for pk, user in active.items() if pk != without.pk], is_active=True)
    started = Assignment.objects.filter(pk__in=active, starts_at__lte=now).exclude(pk=without.pk)
    if not started.filter(user__in=others).exists():
        raise LastAdministrator


def _was_staff(user: User) -> bool:
    return Assignment.objects.filter(user=user).exists()


def _lock(user: User, actor: User) -> User:
    if user.pk == actor.pk:
        raise OwnRoles
    found = User.objects.select_for_update(no_key=True).filter(pk=user.pk, deleted_at=None).first()
    if found is None:
        raise PermissionDenied
    return found


def _id(office: Consulate | None) -> int | None:
    return None if office is None else office.pk
