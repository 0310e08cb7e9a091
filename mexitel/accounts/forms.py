"""The shape of what is typed; whether it is allowed is decided by the services."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mexitel.accounts import limits
from mexitel.accounts.addresses import canonical_phone, clean_email, takes_sms
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Language
from mexitel.accounts.second_factor import use_code
from mexitel.utils.forms import PlainErrors
from mexitel.utils.time import now

CODE_ATTRS = {
    "autocomplete": "one-time-code", "inputmode": "numeric", "class": "govuk-input--width-10",
    "autocapitalize": "none", "spellcheck": "false",
}  # fmt: skip


def _email_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=254,
        error_messages={"required": _("Enter your e-mail.")},
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class SharedComputer(forms.Form):
    shared = forms.BooleanField(
        label=_("This is a shared or public computer"),
        required=False,
    )


class SignInForm(SharedComputer):
    email = _email_field(_("Your e-mail"), _("We will send you a code. You do not need a password."))
    field_order = ["email", "shared"]

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])


class PhoneField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=40,
            error_messages={"required": _("Enter your phone number.")},
            widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        number = canonical_phone(super().clean(value))
        if not takes_sms(number):
            raise ValidationError(
                _("We can only send messages to phones of the United States, Canada and Mexico."), code="country"
            )
        return number


class SignInPhoneForm(SharedComputer):
    phone = PhoneField(label=_("Your mobile phone"), help_text=_("We will send you a code by text message."))
    field_order = ["phone", "shared"]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code of 6 digits"),
        max_length=20,
        error_messages={"required": _("Enter the code that we sent you.")},
        widget=forms.TextInput(attrs=CODE_ATTRS),
    )


class StaffSignInForm(forms.Form):
    email = _email_field(_("Work e-mail"))
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])


class NewPasswordForm(PlainErrors, forms.Form):
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A sentence is easy to remember and hard to guess."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "\x00" in typed.get("password", ""):
            self.add_error("password", _("The password has a character that cannot be typed."))
        elif {"password", "again"} <= typed.keys() and typed["password"] != typed["again"]:
            self.add_error("again", _("The two passwords differ."))
        return typed


class NewEmailForm(forms.Form):
    email = _email_field(_("New e-mail"), _("We will send a code to this address."))

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])


class NewPhoneForm(forms.Form):
    phone = PhoneField(label=_("Mobile phone"), help_text=_("We will send you a code by text message."))


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language of the pages and of our messages"), choices=Language.choices, widget=forms.RadioSelect
    )


class DeleteForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I understand that this cannot be undone"),
        error_messages={"required": _("Check the box if you want to delete your account.")},
    )


class _SecondFactor:
    """A code of the authenticator application, or a recovery code; counted and spent in PostgreSQL.

    The library counts tries and remembers spent codes in the cache, which may be gone.
    """

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        moment = now()
        origin = Origin("", "", counted=False)
        if not limits.take("second factor", {"account": str(self.user.pk)}, origin, moment):
            raise ValidationError(_("Too many attempts. Wait 15 minutes and try again."), code="limited")
        authenticator = use_code(user=self.user, code=code, now=moment)
        if authenticator is None:
            raise ValidationError(_("The code is not right. Check it and try again."), code="incorrect")
        limits.give_back("second factor", {"account": str(self.user.pk)}, origin, moment)
        self.authenticator = authenticator
        return code


class _CodeLook:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.widget.attrs = dict(CODE_ATTRS)
        field.max_length = 20
        field.error_messages = {"required": _("Enter the code.")}


class SecondFactorForm(_SecondFactor, _CodeLook, AuthenticateForm):
    pass


class ConfirmAgainForm(_SecondFactor, _CodeLook, ReauthenticateForm):
    pass


class EnrolForm(_CodeLook, ActivateTOTPForm):
    pass
