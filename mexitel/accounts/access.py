"""Who is here and how they proved it. Views of other rooms use ``staff_required``; templates get ``landing``."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mexitel.accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in. Raises PermissionDenied for a stranger; views ask for a sign-in before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this very session was opened with password and second factor."""
    methods = {record.get("method") for record in get_authentication_records(request, request.user)}
    return {"password", "mfa"} <= methods


def staff_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Strangers are sent to the staff sign-in, citizens get 403. (The second factor is the middleware's part.)"""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("staff_sign_in"))
        if not request.user.needs_second_factor:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go, if it is a page of ours; else ""."""
    url = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    return url if is_ours(request, url) else ""


def is_ours(request: HttpRequest, url: str) -> bool:
    if not url.startswith("/") or len(url) > 2000 or not url.isprintable():
        return False
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())


def landing(user: User | AnonymousUser) -> str:
    """The first page after signing in."""
    for name in ("staff_home", "admin:index") if getattr(user, "needs_second_factor", False) else ("my_appointments",):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return reverse("account")
