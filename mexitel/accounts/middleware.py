"""Two rules about every request of a signed-in person. Both act after the CSRF check and before the view."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from mexitel.accounts import services, sessions
from mexitel.accounts.access import has_second_factor, person
from mexitel.accounts.models import User
from mexitel.utils.time import now

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ENROLMENT = {"mfa_activate_totp", "sign_out", "set_language"}
NEVER_KEPT = {
    "sign_out",
    "sign_in",
    "sign_in_phone",
    "sign_in_code",
    "staff_sign_in",
    "staff_link",
    "keep_alive",
    "set_language",
}
MACHINES = "/api/"


class _Middleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


def is_stranger(request: HttpRequest) -> bool:
    """Without a session cookie nothing is looked up, so public pages can be cached."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated


class IdleSignOut(_Middleware):
    """Ends sessions that were idle or open too long. A form sent too late is kept for after the next sign-in."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if is_stranger(request):
            return None
        user, moment = person(request), now()
        if not sessions.is_over(request.session, user, moment):
            sessions.touch(request.session, moment)
            services.saw(user=user, now=moment)
            return None
        return self._end(request, user)

    def _end(self, request: HttpRequest, user: User) -> HttpResponse | None:
        route = request.resolver_match.url_name if request.resolver_match else ""
        keepable = request.method == "POST" and route not in NEVER_KEPT and not user.needs_second_factor
        sealed = sessions.keep_answers(request, user.pk) if keepable else ""
        sign_in = "staff_sign_in" if user.needs_second_factor else "sign_in"
        logout(request)
        if request.path.startswith(MACHINES) or route in NEVER_KEPT:
            return None
        messages.info(request, _("We closed your session because there was no activity. Sign in again to go on."))
        target = request.get_full_path() if request.method == "GET" else ""
        if sealed:
            request.session[sessions.KEPT] = {"sealed": sealed, "at": now().timestamp()}
            target = resolve_url("kept_answers")
        elif request.method == "GET":
            return None  # a page that anybody may see is shown; the others ask for a sign-in themselves
        url = f"{resolve_url(sign_in)}?{urlencode({'next': target})}" if target else resolve_url(sign_in)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return redirect(url)


class StaffSecondFactor(_Middleware):
    """A session of staff goes nowhere until this very session was opened with password and second factor."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if is_stranger(request):
            return None
        user = person(request)
        if not user.needs_second_factor or has_second_factor(request):
            return None
        if request.path.startswith(MACHINES):
            return HttpResponseForbidden("second factor required", content_type="text/plain")
        if is_mfa_enabled(user):
            logout(request)
            return redirect("staff_sign_in")
        if request.resolver_match and request.resolver_match.url_name in ENROLMENT:
            return None
        return redirect("mfa_activate_totp")
