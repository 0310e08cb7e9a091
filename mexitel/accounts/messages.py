"""What an account's owner is told, by mail or SMS. Everything is kept in the outbox; nothing is sent from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mexitel.accounts.models import CodePurpose, User
from mexitel.outbox import services as outbox


@dataclass(frozen=True)
class Words:
    """A mail: subject, the code in large type if there is one, and paragraphs around it."""

    subject: str
    before: Sequence[str]
    code: str = ""
    after: Sequence[str] = ()


CODE_SUBJECTS = {
    CodePurpose.SIGN_IN: gettext_lazy("%(code)s is your code to sign in to Mexitel"),
    CodePurpose.CHANGE_EMAIL: gettext_lazy("%(code)s is your code to change your e-mail in Mexitel"),
    CodePurpose.DELETE_ACCOUNT: gettext_lazy("%(code)s is your code to delete your Mexitel account"),
    CodePurpose.STEP_UP: gettext_lazy("%(code)s is your code to go on in Mexitel"),
    CodePurpose.CALL: gettext_lazy("%(code)s is the code of your call to Mexitel"),
}
# GSM-7 has é and ñ but not á, í, ó, ú: one letter outside it halves what fits one part.
CODE_SMS = gettext_lazy(
    "%(code)s is your Mexitel code. It ends in 10 minutes. The appointment is free: never give this code to anyone."
)
_BEFORE_CODE = gettext_lazy("This is your code. Type it on the page where you asked for it.")
_AFTER_CODE = (
    gettext_lazy("The code ends in 10 minutes and works once."),
    gettext_lazy("If you did not ask for it, do nothing: without the code nobody can get in."),
    gettext_lazy("Never give this code to anyone. Our staff will not ask you for it."),
)
_BEFORE_CALL = gettext_lazy("You are on the telephone with Mexitel. Say this code to the person who helps you.")
_AFTER_CALL = (
    gettext_lazy("The code ends in 10 minutes and works once. It opens nothing on the pages."),
    gettext_lazy("If you did not call us, say it to nobody and hang up: we never call you to ask for a code."),
)
CALL_SMS = gettext_lazy(
    "%(code)s is the code of your call to Mexitel. Say it only if you are the one who called us. It ends in 10 minutes."
)
STOP_SMS = gettext_lazy(
    "Mexitel: the contact of your account changes in 24 h. If it was not you, stop it here: %(url)s"
)


def send_code(
    *, purpose: str, to: str, by_sms: bool, code: str, language: str, now: datetime, expires_at: datetime
) -> None:
    """The code itself. Raises outbox.limits.SmsLimited when the number or its block had its share."""
    with translation.override(language):
        if by_sms:
            text = str(CALL_SMS if purpose == CodePurpose.CALL else CODE_SMS) % {"code": code}
            outbox.send_sms(to=to, text=text, now=now, kind=f"{purpose}_code", language=language, expires_at=expires_at)
            return
        words = Words(
            subject=str(CODE_SUBJECTS[CodePurpose(purpose)]) % {"code": code},
            before=[str(_BEFORE_CALL if purpose == CodePurpose.CALL else _BEFORE_CODE)],
            code=code,
            after=[str(text) for text in (_AFTER_CALL if purpose == CodePurpose.CALL else _AFTER_CODE)],
        )
    _mail(to, words, f"{purpose}_code", language, now, expires_at=expires_at)


def send_staff_hint(*, to: str, language: str, now: datetime) -> None:
    """Instead of a code: this address belongs to staff, who never sign in with a code alone."""
    with translation.override(language):
        words = Words(
            subject=_("Sign in to Mexitel as staff"),
            before=[
                _("Somebody asked for a code with this address. It belongs to a staff account."),
                _("Staff sign in on this page, with password and second factor:"),
                settings.PUBLIC_URL + reverse("staff_sign_in"),
            ],
        )
    _mail(to, words, "sign_in_staff", language, now)


def send_closed_hint(*, to: str, language: str, now: datetime) -> None:
    """Instead of a code: this account may not sign in."""
    with translation.override(language):
        words = Words(
            subject=_("Your Mexitel account is suspended"),
            before=[
                _("You asked for a code, but this account is suspended, so we did not send one."),
                _("If you think this is a mistake, write to us. A person will review it."),
            ],
        )
    _mail(to, words, "sign_in_closed", language, now)


def send_taken_hint(*, to: str, language: str, now: datetime) -> None:
    """Instead of a code: somebody wants this address on their account, but it already names another."""
    with translation.override(language):
        words = Words(
            subject=_("This e-mail already has a Mexitel account"),
            before=[
                _("Somebody asked to use this e-mail in another account. Nothing was changed."),
                _("If it was you, sign in with this e-mail instead."),
            ],
        )
    _mail(to, words, "email_taken", language, now)


def tell_email_changed(*, old: str, new_masked: str, language: str, now: datetime) -> None:
    with translation.override(language):
        words = Words(
            subject=_("The e-mail of your Mexitel account changed"),
            before=[
                _("Your account now uses %(address)s. This address no longer opens it.") % {"address": new_masked},
                _("If it was not you, write to us today."),
            ],
        )
    _mail(old, words, "email_changed", language, now)


def tell_phone_changed(*, user: User, phone_masked: str, removed: bool, now: datetime) -> None:
    if not user.email:
        return
    with translation.override(user.language):
        text = _("The phone %(phone)s was removed from your account.") if removed else _(
            "The phone %(phone)s was added to your account."
        )  # fmt: skip
        words = Words(
            subject=_("The phone of your Mexitel account changed"),
            before=[text % {"phone": phone_masked}, _("If it was not you, write to us today.")],
        )
    _mail(user.email, words, "phone_changed", user.language, now)


def tell_recovery(
    *, to: str, by_sms: bool, new_masked: str, until: str, stop_url: str, language: str, now: datetime
) -> None:
    """To a contact that the account has now: in a day another takes its place, unless ``stop_url`` is opened.

    ``until`` is that moment in words of ``language``. The one text message with a link: without it somebody who has no
    mailbox could not stop a stranger. Raises outbox.limits.SmsLimited.
    """
    with translation.override(language):
        if by_sms:
            text = str(STOP_SMS) % {"url": stop_url}
            outbox.send_sms(to=to, text=text, now=now, kind="recovery", language=language)
            return
        words = Words(
            subject=_("The contact of your Mexitel account will change: stop it if it was not you"),
            before=[
                _("Somebody answered our questions by telephone and asked to use another contact: %(contact)s.")
                % {"contact": new_masked},
                _("It takes effect on %(until)s. Until then nothing changes.") % {"until": until},
                _("If it was not you, stop it on this page:"),
                stop_url,
            ],
        )
    _mail(to, words, "recovery", language, now)


def tell_deleted(*, to: str, language: str, now: datetime) -> None:
    with translation.override(language):
        words = Words(
            subject=_("Your Mexitel account was deleted"),
            before=[
                _("We deleted your account and your data, as you asked."),
                _("You can open a new one any day."),
            ],
        )
    _mail(to, words, "account_deleted", language, now)


def tell_staff_security(*, user: User, what: str, now: datetime) -> None:
    """``what`` changed in how a member of staff signs in: an allauth template prefix (mfa/email/totp_activated)."""
    with translation.override(user.language):
        words = Words(
            subject=_("The security of your Mexitel staff account changed"),
            before=[
                _("What changed: %(what)s.") % {"what": what.rsplit("/", 1)[-1].replace("_", " ")},
                _("If it was not you, tell an administrator today."),
            ],
        )
    _mail(user.email or "", words, "staff_security", user.language, now)


def _mail(to: str, words: Words, kind: str, language: str, now: datetime, expires_at: datetime | None = None) -> None:
    with translation.override(language):
        context = {"words": words, "public_url": settings.PUBLIC_URL, "language": language}
        text = render_to_string("accounts/email/message.txt", context)
        html = render_to_string("accounts/email/message.html", context)
    outbox.send_mail(
        to=to, subject=words.subject, text=text, html=html, language=language, now=now, kind=kind,
        expires_at=expires_at,
    )  # fmt: skip
