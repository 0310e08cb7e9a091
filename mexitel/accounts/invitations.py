"""How staff come in: a one-time link by mail, a password of their own, then the second factor and its recovery codes.

Who may invite whom is decided in the room above (consulates/services/people.py). The link is known by hash only, ends
with its first use, and a newer one takes its place.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from mexitel.accounts.addresses import clean_email
from mexitel.accounts.messages import Words
from mexitel.accounts.models import LinkPurpose, StaffLink, User
from mexitel.audit.services import record
from mexitel.outbox import services as outbox
from mexitel.utils.crypto import keyed_hash

LIFETIMES = {LinkPurpose.INVITATION: timedelta(hours=48), LinkPurpose.RECOVERY: timedelta(hours=1)}


class LinkError(Exception):
    """The link opens nothing; ``code`` is stable."""

    code = "link"


class LinkOver(LinkError):
    """Used, replaced, too old, or never there; the page says the same for all."""

    code = "link_over"


class NotStaff(LinkError):
    """The address names a citizen's account, which never becomes staff."""

    code = "citizens_account"


def staff_account(*, email: str, language: str, was_staff: Callable[[User], bool], now: datetime) -> tuple[User, bool]:
    """The account of staff that ``email`` names, and whether it was made now: without password, so that nobody can
    use it before the link. Raises ValidationError (no such address can be) and NotStaff.

    Who left comes back to the account that they had (``was_staff``); every other account is a citizen's.
    """
    user = User.objects.select_for_update(no_key=True).by_email(clean_email(email)).first()
    if user is None:
        return User.objects.create_user(clean_email(email), language=language, date_joined=now, is_staff=True), True
    if not user.needs_second_factor and not was_staff(user):
        raise NotStaff
    return user, False


def lock_out(*, user: User) -> None:
    """Nothing that opened the account opens it any longer: password, second factor, sessions. Inside a transaction.

    Sessions carry a digest of the password, so that a new one, known to nobody, ends them all.
    """
    Authenticator.objects.filter(user=user).delete()
    StaffLink.objects.filter(user=user, used_at=None).delete()
    User.objects.filter(pk=user.pk).update(password="!" + get_random_string(40))


def send_link(*, user: User, purpose: LinkPurpose, now: datetime) -> StaffLink:
    """Mail ``user`` a link that works once, in place of an earlier one. In the caller's transaction."""
    token = secrets.token_urlsafe(32)
    StaffLink.objects.filter(user=user, used_at=None).delete()
    link = StaffLink.objects.create(
        user=user, purpose=purpose, token_hash=_hash(token), created_at=now, expires_at=now + LIFETIMES[purpose]
    )
    _mail(user, link, settings.PUBLIC_URL + reverse("staff_link", args=[token]), now)
    return link


def find_link(token: str, *, now: datetime) -> StaffLink:
    """The living link that ``token`` opens. Raises LinkOver."""
    link = StaffLink.objects.alive(now=now).filter(token_hash=_hash(token)).select_related("user").first()
    if link is None or not link.user.is_active or not link.user.needs_second_factor:
        raise LinkOver
    return link


def use_link(*, token: str, password: str, now: datetime) -> User:
    """Set the password and spend the link. Raises ValidationError (a weak password; the link stays) and LinkOver."""
    validate_password(password, find_link(token, now=now).user)
    with transaction.atomic():
        link = find_link(token, now=now)
        if not StaffLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
            raise LinkOver  # two at once: one wins
        user = User.objects.select_for_update(no_key=True).get(pk=link.user_id)
        user.set_password(password)
        user.save(update_fields=["password"])
        record(actor=user, action=f"staff_link.{link.purpose}", target=user, now=now)
    return user


def has_arrived(user: User) -> bool:
    """Whether the person has a password by now."""
    return user.has_usable_password()


def _hash(token: str) -> bytes:
    return keyed_hash("staff link", token)


def _mail(user: User, link: StaffLink, address: str, now: datetime) -> None:
    with translation.override(user.language):
        if link.purpose == LinkPurpose.INVITATION:
            words = Words(
                subject=_("You are invited to work in Mexitel"),
                before=[
                    _("You have a role among the staff of Mexitel. Open this page and choose a password:"),
                    address,
                    _("Then you set up the second factor: have your phone with an authenticator application at hand."),
                ],
                after=[
                    _("The link works once and ends in 48 hours."),
                    _("If you did not expect it, do nothing and tell your office."),
                ],
            )
        else:
            words = Words(
                subject=_("Set up your access to Mexitel again"),
                before=[
                    _("Two colleagues confirmed that you lost your second factor. The old one no longer works."),
                    _("Open this page, choose a new password and set up a new second factor:"),
                    address,
                ],
                after=[
                    _("The link works once and ends in one hour."),
                    _("If you did not ask for it, tell an administrator today."),
                ],
            )
        context = {"words": words, "public_url": settings.PUBLIC_URL, "language": user.language}
        text = render_to_string("accounts/email/message.txt", context)
        html = render_to_string("accounts/email/message.html", context)
    outbox.send_mail(
        to=user.email or "", subject=words.subject, text=text, html=html, language=user.language, now=now,
        kind=f"account.staff_{link.purpose}", expires_at=link.expires_at,
    )  # fmt: skip
