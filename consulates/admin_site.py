"""Django's admin: for administrators of the network alone, behind the same sign-in as every page of staff."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from consulates.access import access_of
from consulates.roles import May
from mexitel.accounts.access import staff_required
from mexitel.accounts.models import User
from mexitel.utils.time import now

OURS = {"accounts", "appointments", "audit", "antifraud", "consulates", "outbox"}
# The theme's scripts evaluate the expressions that stand in its templates, and its widgets carry style attributes. Only
# answers of the admin allow that: they are for a handful of people, and show nothing that a citizen typed as HTML.
LOOSER = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class StaffAdminSite(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """The role of this moment, not the flag that follows it; asked once in a request."""
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return False
        if not hasattr(request, "_may_administer"):
            request._may_administer = access_of(user, now=now()).everywhere(May.ADMIN)  # type: ignore[attr-defined]
        return request._may_administer  # type: ignore[attr-defined]

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Callable:
        """Every write asks for the second factor again when it was given more than ten minutes ago."""

        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method == "POST" and is_reauthentication_required(request, app="admin"):
                raise ReauthenticationRequired
            return inner(request, *args, **kwargs)

        return never_cache(staff_required(csp_update(LOOSER)(guarded)))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Tables of libraries stay out: theirs hold secrets of second factors and groups that nobody uses."""
        models: Iterable[type[Model]] = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [
            model_or_iterable
        ]  # fmt: skip
        for model in models:
            if model._meta.app_label in OURS:
                super().register(model, admin_class, **options)
