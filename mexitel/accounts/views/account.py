"""What a person can see and change of their own account."""

import json
import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from mexitel.accounts import codes, languages, selectors, services
from mexitel.accounts.access import person
from mexitel.accounts.codes import CodeError, CodeExpired, CodeLimited, CodeWrong
from mexitel.accounts.forms import CodeForm, DeleteForm, LanguageForm, NewEmailForm, NewPhoneForm
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import CodePurpose, CodeRequest
from mexitel.accounts.services import ContactError, LastContact
from mexitel.accounts.views.sign_in import say
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now

PENDING = "pending_account_code"


@method_decorator(never_cache, name="dispatch")
class AccountView(LoginRequiredMixin, View):
    """A page of the signed-in person; staff manage theirs with an administrator."""


class Account(AccountView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, LanguageForm(initial={"language": person(request).language}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LanguageForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        code = form.cleaned_data["language"]
        with translation.override(code):
            messages.success(request, _("We saved your language."))
        response = redirect("account")
        languages.choose(response, code, user=person(request))
        return response

    def page(self, request: HttpRequest, form: LanguageForm) -> HttpResponse:
        context = {
            "form": form, "account": person(request), "came_back": selectors.mail_came_back(person(request), now()),
        }  # fmt: skip
        return render(request, "accounts/account.html", context)


class _AskForCode(AccountView):
    """A form whose answer is a code sent to ``address``."""

    form_class: type[Form]
    template_name: str
    purpose: CodePurpose

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        address = self.address(request, form)
        try:
            asked = services.ask_contact_code(
                user=person(request), purpose=self.purpose, address=address, origin=Origin.of(request), now=now()
            )
        except CodeLimited as error:
            form.add_error(None, say(error))
            return self.page(request, form, status=429)
        request.session[PENDING] = {"id": str(asked.pk), "purpose": str(self.purpose), "address": address}
        return redirect("account_code")

    def page(self, request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
        context = {"form": form, "account": person(request), **self.more(request)}
        return render(request, self.template_name, context, status=status)

    def more(self, request: HttpRequest) -> dict:
        return {}

    def address(self, request: HttpRequest, form: Form) -> str:
        raise NotImplementedError


@method_decorator(limited("account", methods=("POST",)), name="dispatch")
class AccountEmail(_AskForCode):
    form_class, template_name, purpose = NewEmailForm, "accounts/account_email.html", CodePurpose.CHANGE_EMAIL

    def address(self, request: HttpRequest, form: Form) -> str:
        return form.cleaned_data["email"]


@method_decorator(limited("account", methods=("POST",)), name="dispatch")
class AccountPhone(_AskForCode):
    form_class, template_name, purpose = NewPhoneForm, "accounts/account_phone.html", CodePurpose.VERIFY_PHONE

    def post(self, request: HttpRequest) -> HttpResponse:
        if "remove" not in request.POST:
            return super().post(request)
        try:
            services.remove_phone(user=person(request), now=now())
        except LastContact:
            form = NewPhoneForm()
            messages.error(request, _("Add an e-mail first: without one, this phone is how you sign in."))
            return self.page(request, form)
        messages.success(request, _("We removed your phone."))
        return redirect("account")

    def address(self, request: HttpRequest, form: Form) -> str:
        return form.cleaned_data["phone"]


@method_decorator(limited("account", methods=("POST",)), name="dispatch")
class AccountDelete(_AskForCode):
    form_class, template_name, purpose = DeleteForm, "accounts/account_delete.html", CodePurpose.DELETE_ACCOUNT

    def more(self, request: HttpRequest) -> dict:
        return {"sentences": selectors.before_deletion(person(request), now())}

    def address(self, request: HttpRequest, form: Form) -> str:
        return selectors.own_contact(person(request))


@method_decorator(limited("account_code", methods=("POST",)), name="dispatch")
class AccountCode(AccountView):
    """The code that stands between asking for a change and the change."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated and PENDING not in request.session:
            return redirect("account")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        pending, moment = request.session[PENDING], now()
        if "again" in request.POST:
            return self.send_again(request)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            proved = codes.check(
                request_id=uuid.UUID(pending["id"]), purpose=CodePurpose(pending["purpose"]),
                typed=form.cleaned_data["code"], now=moment,
            )  # fmt: skip
        except CodeWrong as error:
            form.add_error("code", say(error))
            return self.page(request, form)
        except CodeError as error:
            return self.start_over(request, say(error))
        if proved.user_id != person(request).pk:
            return self.start_over(request, say(CodeExpired()))
        return self.change(request, proved)

    def send_again(self, request: HttpRequest) -> HttpResponse:
        try:
            codes.send_again(request_id=uuid.UUID(request.session[PENDING]["id"]), origin=Origin.of(request), now=now())
        except CodeExpired as error:
            return self.start_over(request, say(error))
        except CodeError as error:
            return self.page(request, CodeForm(), notice=say(error), status=429)
        return self.page(request, CodeForm(), notice=_("We sent the code again."))

    def change(self, request: HttpRequest, proved: CodeRequest) -> HttpResponse:
        moment, user = now(), person(request)
        del request.session[PENDING]
        if proved.purpose == CodePurpose.DELETE_ACCOUNT:
            services.delete_account(user=user, now=moment)
            logout(request)
            messages.success(request, _("We deleted your account."))
            return redirect("home")
        try:
            if proved.purpose == CodePurpose.CHANGE_EMAIL:
                services.change_email(user=user, proved=proved, now=moment)
                messages.success(request, _("We saved your new e-mail. Use it from now on to sign in."))
            else:
                services.set_phone(user=user, proved=proved, now=moment)
                messages.success(request, _("We saved your phone."))
        except ContactError:
            messages.error(request, _("Another account uses that contact. Sign in with it, or choose another."))
        return redirect("account")

    def start_over(self, request: HttpRequest, sentence: str) -> HttpResponse:
        del request.session[PENDING]
        messages.error(request, sentence)
        return redirect("account")

    def page(self, request: HttpRequest, form: CodeForm, *, notice: str = "", status: int = 200) -> HttpResponse:
        context = {"form": form, "address": request.session[PENDING]["address"], "notice": notice}
        return render(request, "accounts/account_code.html", context, status=status)


class AccountDownload(AccountView):
    def post(self, request: HttpRequest) -> HttpResponse:
        text = json.dumps(selectors.personal_data(person(request), now()), ensure_ascii=False, indent=2, default=str)
        headers = {"Content-Disposition": 'attachment; filename="mexitel.json"'}
        return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
