"""Where django-allauth meets the rest: its mails go through the outbox, its secrets are encrypted, staff keep
their second factor."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from mexitel.accounts import messages
from mexitel.accounts.models import User
from mexitel.utils.clients import client_address
from mexitel.utils.crypto import decrypt, encrypt
from mexitel.utils.time import now

FRESH_SECONDS = 10 * 60


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # citizens get an account by proving a contact, staff by an administrator

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The few mails that the library itself wants to send, all about a member of staff's sign-in."""
        user = User.objects.by_email(email).first()
        if user is not None:
            messages.tell_staff_security(user=user, what=template_prefix, now=now())

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict | None = None, email: str | None = None
    ) -> None:
        messages.tell_staff_security(user=user, what=template_prefix, now=now())

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages say themselves what happened."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        from mexitel.accounts.access import landing

        return landing(request.user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever gave password or second factor minutes ago need not give it again to set up the second factor."""
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < FRESH_SECONDS for record in records)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict]:
        return [{"id": "mfa_reauthenticate", "description": "", "url": reverse("mfa_reauthenticate")}]


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "Mexitel"

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not authenticator.user.needs_second_factor
