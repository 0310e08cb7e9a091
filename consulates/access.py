"""Who of the staff may do what in which offices, asked once a request and held where rows are read.

A page of staff stands behind ``@staff_page(May.…)``. Inside it ``Model.staff`` (a scoped manager) sees the rows of
the offices in which this person may do that, and outside it refuses to answer: a forgotten filter shows nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_scopes import scope

from mexitel.accounts.access import person, staff_required
from mexitel.accounts.models import User
from mexitel.utils.time import now

from .models import Assignment, Consulate
from .roles import PERMISSIONS, May

LAST_OFFICE = "last_office"


@dataclass(frozen=True)
class Access:
    """What ``user`` may do now: offices by permission, None for the whole network."""

    user: User
    where: Mapping[May, frozenset[int] | None]

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


def access_of(user: User, *, now: datetime) -> Access:
    """One query. Whoever has left, and whoever's roles have all ended, may nothing."""
    found: dict[May, set[int] | None] = defaultdict(set)
    for role, office in Assignment.objects.in_force(now=now).filter(user=user).values_list("role", "consulate_id"):
        for permission in PERMISSIONS[role]:
            offices = found[permission]
            if office is None:
                found[permission] = None
            elif offices is not None:
                offices.add(office)
    return Access(user, {may: None if ids is None else frozenset(ids) for may, ids in found.items()})


def staff_page(permission: May, *, fresh: bool = False) -> Callable[[Callable], Callable]:
    """Strangers are sent to sign in; who may not ``permission`` anywhere, or not in the office that the address names,
    gets 403. The view gets ``request.access``, and ``office`` (a Consulate) in place of the address's ``code``.

    ``fresh``: password or second factor was given in the last minutes, else it is asked for again.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, code: str = "", **kwargs: Any) -> HttpResponseBase:
            access = access_of(person(request), now=now())
            if not access.may(permission):
                raise PermissionDenied
            if code:
                office = kwargs["office"] = get_object_or_404(Consulate, code=code)
                if not access.may(permission, office.id):
                    raise PermissionDenied
                request.session[LAST_OFFICE] = office.code
            if fresh and is_reauthentication_required(request, app="consulates"):
                raise ReauthenticationRequired  # the library asks, and comes back here
            request.access = access  # type: ignore[attr-defined]
            ids = access.where[permission]
            with scope(consulate=None if ids is None else sorted(ids)):
                return view(request, *args, **kwargs)

        return staff_required(guarded)

    return decorate


def office_at_hand(request: HttpRequest, access: Access) -> Consulate | None:
    """The office of the last page, or the only or first one of this person's."""
    offices = access.offices(May.SEE).order_by("state", "city")
    return offices.filter(code=request.session.get(LAST_OFFICE, "")).first() or offices.first()
