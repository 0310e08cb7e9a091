"""Citizens: an address or a phone, then the code that was sent there."""

import uuid
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mexitel.accounts import codes, languages, services, sessions
from mexitel.accounts.access import is_ours, landing, person, safe_next
from mexitel.accounts.codes import CodeError, CodeExpired, CodeLimited, CodeTooSoon, CodeWrong
from mexitel.accounts.devices import knows, remember
from mexitel.accounts.forms import CodeForm, SignInForm, SignInPhoneForm
from mexitel.accounts.guards import SignupRefused
from mexitel.accounts.hints import meant
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Channel, CodePurpose, CodeRequest
from mexitel.utils.browsers import new_mark, seen_of
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now

PENDING = "pending_sign_in"


def language_here() -> str:
    return "en" if (get_language() or "es").startswith("en") else "es"


def say(error: CodeError) -> str:
    """The sentence for the person; the same for known and unknown addresses."""
    if isinstance(error, CodeWrong):
        return _("The code is not right. Check it and try again.") + " " + ngettext(
            "You have %(left)s try left.", "You have %(left)s tries left.", error.attempts_left
        ) % {"left": error.attempts_left}  # fmt: skip
    if isinstance(error, CodeTooSoon):
        return _("We have just sent it. You can ask for it again in %(seconds)s seconds.") % {
            "seconds": error.wait_seconds
        }
    if isinstance(error, CodeLimited):
        return _("Many codes were asked for. Use the last one you received, or wait an hour and try again.")
    return _("That code is no longer valid. Ask for a new one.")


@method_decorator([never_cache, sensitive_post_parameters(), limited("sign_in", methods=("POST",))], name="dispatch")
class SignIn(View):
    form_class: type[Form] = SignInForm
    template_name = "accounts/sign_in.html"
    field, channel = "email", Channel.EMAIL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect(safe_next(request) or landing(request.user))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        pending = request.session.get(PENDING, {})
        typed = pending.get("typed", "") if pending.get("channel") == self.channel else ""
        return self.page(request, self.form_class(initial={self.field: typed}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        address, typed = form.cleaned_data[self.field], request.POST[self.field].strip()
        try:
            asked = codes.ask(
                purpose=CodePurpose.SIGN_IN, channel=self.channel, address=address, user=None,
                language=language_here(), origin=Origin.of(request), now=now(), known_device=knows(request, address),
            )  # fmt: skip
        except CodeLimited as error:
            form.add_error(self.field, say(error))
            return self.page(request, form, status=429)
        request.session[PENDING] = {
            "id": str(asked.pk), "channel": str(self.channel), "typed": typed, "next": safe_next(request),
            "shared": form.cleaned_data["shared"],
        }  # fmt: skip
        return redirect("sign_in_code")

    def page(self, request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
        seen_of(request)  # its mark comes back with the next step, and so the booking's browser is known
        context = {"form": form, "next": safe_next(request), "by_phone": self.channel == Channel.SMS}
        return render(request, self.template_name, context, status=status)


class SignInPhone(SignIn):
    form_class = SignInPhoneForm
    field, channel = "phone", Channel.SMS


@method_decorator(
    [never_cache, sensitive_post_parameters(), limited("sign_in_code", methods=("POST",))], name="dispatch"
)
class SignInCode(View):
    pending: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect(safe_next(request) or landing(request.user))
        if PENDING not in request.session:
            return redirect("sign_in")
        self.pending = request.session[PENDING]
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        moment = now()
        if "again" in request.POST:
            return self.send_again(request, moment)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            proved = codes.check(
                request_id=uuid.UUID(self.pending["id"]), purpose=CodePurpose.SIGN_IN,
                typed=form.cleaned_data["code"], now=moment,
            )  # fmt: skip
            return self.enter(request, proved, moment)
        except CodeWrong as error:
            form.add_error("code", say(error))
            return self.page(request, form)
        except (CodeExpired, CodeLimited) as error:
            return self.start_over(request, say(error))
        except SignupRefused as refusal:
            if refusal.link:
                del request.session[PENDING]
                return redirect(refusal.link)
            return self.start_over(request, refusal.message or _("We cannot open an account now. Try again later."))

    def send_again(self, request: HttpRequest, moment: datetime) -> HttpResponse:
        try:
            codes.send_again(
                request_id=uuid.UUID(self.pending["id"]), origin=Origin.of(request), now=moment,
                known_device=knows(request, self.pending["typed"]),
            )  # fmt: skip
        except CodeExpired as error:
            return self.start_over(request, say(error))
        except CodeError as error:
            return self.page(request, CodeForm(), notice=say(error), status=429)
        return self.page(request, CodeForm(), notice=_("We sent the code again."))

    def enter(self, request: HttpRequest, proved: CodeRequest, moment: datetime) -> HttpResponse:
        shared = self.pending["shared"]
        seen = new_mark(request, lasts=False) if shared else seen_of(request)
        user, created = services.open_account(proved=proved, origin=Origin.of(request), seen=seen, now=moment)
        pending = request.session.pop(PENDING)
        record_authentication(request, user, method="code")
        target = pending["next"] if is_ours(request, pending["next"]) else landing(user)
        response = perform_login(request, Login(user=user, redirect_url=target, signup=created))
        sessions.opened(request.session, shared=shared, now=moment)
        services.saw(user=user, now=moment)
        if not shared:
            remember(request, response, proved.address)
        languages.arrive(request, response, user=user, here=language_here())
        if created and proved.channel == Channel.SMS:
            self.tell_other_account(request, proved.address)
        return response

    def tell_other_account(self, request: HttpRequest, phone: str) -> None:
        """The number also stands on an account with e-mail: say so to whoever proved the number."""
        if services.others_with_phone(phone):
            messages.info(
                request,
                _("This phone is also on an account with e-mail. To see those appointments, sign in with that e-mail."),
            )

    def start_over(self, request: HttpRequest, sentence: str) -> HttpResponse:
        pending = request.session.pop(PENDING)
        messages.error(request, sentence)
        url = reverse("sign_in_phone" if pending["channel"] == Channel.SMS else "sign_in")
        query = urlencode({"next": pending["next"]}) if pending["next"] else ""
        return redirect(f"{url}?{query}" if query else url)

    def page(self, request: HttpRequest, form: Form, *, notice: str = "", status: int = 200) -> HttpResponse:
        by_phone = self.pending["channel"] == Channel.SMS
        context = {
            "form": form, "typed": self.pending["typed"], "by_phone": by_phone, "notice": notice,
            "next": self.pending["next"], "shared": self.pending["shared"],
            "meant": "" if by_phone else meant(self.pending["typed"]),
            "change_url": reverse("sign_in_phone" if by_phone else "sign_in"),
        }  # fmt: skip
        return render(request, "accounts/sign_in_code.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You signed out."))
    return redirect("home")


@never_cache
@require_POST
def keep_alive(request: HttpRequest) -> HttpResponse:
    """A sign of life from the idle warning. The middleware has noted it already, if the session was still open."""
    if not request.user.is_authenticated:
        return JsonResponse({"open": False}, status=401)
    request.session[sessions.SEEN] = now().timestamp()
    return JsonResponse({"open": True})


@never_cache
@login_required
def kept_answers(request: HttpRequest) -> HttpResponse:
    """After an idle sign-out: the form that came too late, ready to be sent again with one tap."""
    kept = sessions.kept_answers(request.session, person(request), now())
    request.session.pop(sessions.KEPT, None)
    if kept is None or not is_ours(request, kept.path):
        return redirect(landing(request.user))
    return render(request, "accounts/kept_answers.html", {"kept": kept})
