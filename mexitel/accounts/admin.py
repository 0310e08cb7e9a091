from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from mexitel.accounts.access import landing, safe_next


def sign_in(request: HttpRequest, extra_context: dict | None = None) -> HttpResponseBase:
    """The admin has no door of its own: strangers go to the staff sign-in, citizens are refused."""
    target = safe_next(request)
    if not request.user.is_authenticated:
        return redirect(f"{reverse('staff_sign_in')}?{urlencode({'next': target})}")
    if not request.user.needs_second_factor:
        raise PermissionDenied
    return redirect(target or landing(request.user))


admin.site.login = sign_in  # type: ignore[method-assign,assignment]
