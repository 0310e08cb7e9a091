"""Who of the staff may do what in which offices, asked once a request and held where rows are read.

A page of staff stands behind ``@staff_page(May.…)``. Inside it ``Model.staff`` (a scoped manager) sees the rows of
the offices in which this person may do that, and outside it refuses to answer: a forgotten filter shows nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_scopes import scope

from mexitel.accounts.access import person, staff_required
from mexitel.accounts.models import User
from mexitel.utils.time import now

from .models import Assignment, Consulate, Role
from .roles import NEVER_PRACTISED, PERMISSIONS, May

LAST_OFFICE = "last_office"


@dataclass(frozen=True)
class Access:
    """What ``user`` may do now: offices by permission, None for the whole network."""

    user: User
    where: Mapping[May, frozenset[int] | None]
    roles: frozenset[Role] = frozenset()

    def may(self, permission: May, office_id: int | None = None) -> bool:
        """In that office; without one, anywhere at all."""
        if permission not in self.where:
            return False
        offices = self.where[permission]
        return offices is None or office_id is None or office_id in offices

    def everywhere(self, permission: May) -> bool:
        return permission in self.where and self.where[permission] is None

    def offices(self, permission: May) -> QuerySet[Consulate]:
        """Where this person may do that, by state and city."""
        if permission not in self.where:
            return Consulate.objects.none()
        ids = self.where[permission]
        return Consulate.objects.all() if ids is None else Consulate.objects.filter(id__in=ids)


class StaffRequest(HttpRequest):
    """Inside ``@staff_page``: who asks has signed in, and what they may do is known."""

    user: User
    access: Access


def access_of(user: User, *, now: datetime) -> Access:
    """One query. Whoever has left, and whoever's roles have all ended, may nothing.

    In the practice office everybody may do what they may do somewhere (consulates/practice.py).
    """
    found: dict[May, set[int] | None] = defaultdict(set)
    held: set[Role] = set()
    practice = Subquery(Consulate.objects.filter(is_practice=True).values("id")[:1])
    roles = Assignment.objects.in_force(now=now).filter(user=user)
    for role, office, practice_id in roles.values_list("role", "consulate_id", practice):
        held.add(Role(role))
        for permission in PERMISSIONS[role]:
            offices = found[permission]
            if office is None:
                found[permission] = None
            elif offices is not None:
                offices.add(office)
                if practice_id is not None and permission not in NEVER_PRACTISED:
                    offices.add(practice_id)
    where = {may: None if ids is None else frozenset(ids) for may, ids in found.items()}
    return Access(user, where, frozenset(held))


def staff_page(permission: May, *others: May, fresh: bool = False) -> Callable[[Callable], Callable]:
    """Strangers are sent to sign in; who may not ``permission`` anywhere, or not in the office that the address names,
    gets 403. The view gets ``request.access``, and ``office`` (a Consulate) in place of the address's ``code``. With
    ``others``, one of them is enough, and the offices of all count.

    ``fresh``: password or second factor was given in the last minutes, else it is asked for again.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, code: str = "", **kwargs: Any) -> HttpResponseBase:
            access = access_of(person(request), now=now())
            held = [one for one in (permission, *others) if access.may(one)]
            if not held:
                raise PermissionDenied
            if code:
                office = kwargs["office"] = get_object_or_404(Consulate, code=code)
                if not any(access.may(one, office.id) for one in held):
                    raise PermissionDenied
                request.session[LAST_OFFICE] = office.code
            if fresh and is_reauthentication_required(request, app="consulates"):
                raise ReauthenticationRequired  # the library asks, and comes back here
            request.access = access  # type: ignore[attr-defined]
            with scope(consulate=offices_together(access, held)):
                return view(request, *args, **kwargs)

        return staff_required(guarded)

    return decorate


def offices_together(access: Access, held: Iterable[May]) -> list[int] | None:
    """The offices in which one of ``held`` holds, for django_scopes; None for the whole network."""
    found: set[int] = set()
    for permission in held:
        ids = access.where[permission]
        if ids is None:
            return None
        found |= ids
    return sorted(found)


def office_at_hand(request: HttpRequest, access: Access) -> Consulate | None:
    """The office of the last page, or the only or first one of this person's; the practice office only when chosen."""
    offices = access.offices(May.SEE).order_by("is_practice", "state", "city")
    return offices.filter(code=request.session.get(LAST_OFFICE, "")).first() or offices.first()
