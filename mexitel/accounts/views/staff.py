"""Staff and administrators: password, then second factor, always."""

from allauth.account.internal.flows.login import perform_password_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mexitel.accounts import limits, sessions
from mexitel.accounts.access import has_second_factor, landing, safe_next
from mexitel.accounts.devices import knows, remember
from mexitel.accounts.forms import NewPasswordForm, StaffSignInForm
from mexitel.accounts.invitations import LinkOver, find_link, use_link
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import StaffLink
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now


@method_decorator(
    [never_cache, sensitive_post_parameters(), limited("staff_sign_in", methods=("POST",))], name="dispatch"
)
class StaffSignIn(View):
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.needs_second_factor and has_second_factor(request):
            return redirect(safe_next(request) or landing(request.user))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, StaffSignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StaffSignInForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        email, moment, origin = form.cleaned_data["email"], now(), Origin.of(request)
        # Two counts, never one combined: the account from anywhere, and the client on any account.
        counted = {"account on a known device" if knows(request, email) else "account": email}
        if not limits.take("password", counted, origin, moment):
            form.add_error(None, _("Too many attempts. Wait 15 minutes and try again."))
            return self.page(request, form, status=429)
        user = authenticate(request, staff_email=email, password=form.cleaned_data["password"])
        if user is None:
            form.add_error(None, _("The e-mail or the password is not right."))
            return self.page(request, form)
        limits.give_back("password", counted, origin, moment)
        login = Login(user=user, email=email, redirect_url=safe_next(request) or landing(user))
        return perform_password_login(request, {"email": email}, login)

    def page(self, request: HttpRequest, form: StaffSignInForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": safe_next(request)}
        return render(request, "accounts/staff_sign_in.html", context, status=status)


@method_decorator([never_cache, sensitive_post_parameters(), limited("staff_link")], name="dispatch")
class StaffLinkPage(View):
    """Behind the link of an invitation, or of a second factor that was lost: the person chooses a password."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not limits.take("staff link", {}, Origin.of(request), now()):
            return render(request, "429.html", status=429)
        try:
            return super().dispatch(request, *args, **kwargs)
        except LinkOver:
            return render(request, "accounts/staff_link_over.html", status=410)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(request, find_link(token, now=now()), NewPasswordForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        moment = now()
        link, form = find_link(token, now=moment), NewPasswordForm(request.POST)
        if not form.is_valid():
            return self.page(request, link, form)
        try:
            user = use_link(token=token, password=form.cleaned_data["password"], now=moment)
        except ValidationError as error:
            form.add_error("password", error)
            return self.page(request, link, form)
        logout(request)  # whoever else was signed in on this computer
        login = Login(user=user, email=user.email, redirect_url=reverse("mfa_activate_totp"))
        user.backend = settings.AUTHENTICATION_BACKENDS[0]
        return perform_password_login(request, {"email": user.email}, login)

    def page(self, request: HttpRequest, link: StaffLink, form: NewPasswordForm) -> HttpResponse:
        return render(request, "accounts/staff_link.html", {"form": form, "link": link})


@method_decorator([sensitive_post_parameters(), limited("second_factor", methods=("POST",))], name="dispatch")
class SecondFactor(AuthenticateView):
    def form_valid(self, form: object) -> HttpResponse:
        email = self.stage.login.user.email
        response = super().form_valid(form)
        sessions.opened(self.request.session, shared=True, now=now())
        remember(self.request, response, email)
        return response


class Enrol(ActivateTOTPView):
    def form_valid(self, form: object) -> HttpResponse:
        """Setting up the application took one of its codes, so this session has its second factor."""
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type=Authenticator.Type.TOTP)
        sessions.opened(self.request.session, shared=True, now=now())
        return response
