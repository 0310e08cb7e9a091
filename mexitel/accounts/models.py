"""People who sign in: known by an exact e-mail address, or by a verified phone when they have none."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Trim
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mexitel.accounts.managers import UserManager
from mexitel.utils.crypto import EncryptedTextField


class Language(models.TextChoices):
    SPANISH = "es", "Español"
    ENGLISH = "en", "English"


class User(AbstractBaseUser, PermissionsMixin):
    """One account. Aliases of one mailbox are separate accounts; what they share is the lock of five, kept above."""

    email = models.EmailField(
        _("e-mail"), max_length=254, unique=True, null=True, blank=True,
        error_messages={"unique": _("This e-mail address already has an account.")},
    )  # fmt: skip
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_hash = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        _("language of messages"), max_length=2, choices=Language.choices, default=Language.SPANISH
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    email_bounced_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Who of the staff opened it for a caller. It may be without any contact; then no code and no password opens it.
    registered_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                name="accounts_user_has_contact",
                condition=Q(email__isnull=False)
                | Q(phone_verified_at__isnull=False)
                | Q(deleted_at__isnull=False)
                | Q(registered_by__isnull=False),
                violation_error_message=_("An account needs an e-mail address or a verified phone."),
            ),
            models.CheckConstraint(
                name="accounts_user_registered_is_a_citizen",
                condition=Q(registered_by__isnull=True) | Q(is_staff=False, is_superuser=False),
                violation_error_message=_("Staff are invited, never registered as callers."),
            ),
            models.CheckConstraint(
                name="accounts_user_email_is_exact",
                condition=Q(email=Lower(Trim(F("email")))) & ~Q(email=""),
                violation_error_message=_("An e-mail address is stored trimmed and in lower case."),
            ),
            models.CheckConstraint(
                name="accounts_user_phone_is_whole",
                condition=(Q(phone="", phone_hash__isnull=True, phone_verified_at__isnull=True))
                | (~Q(phone="") & Q(phone_hash__isnull=False, phone_verified_at__isnull=False)),
                violation_error_message=_("A phone is kept only once it is verified, with its hash."),
            ),
            models.CheckConstraint(
                name="accounts_user_staff_has_email",
                condition=Q(is_staff=False, is_superuser=False) | Q(email__isnull=False),
                violation_error_message=_("Staff sign in with an e-mail address."),
            ),
            # Families share a phone; only where it is the account's name must it name one account.
            models.UniqueConstraint(
                name="accounts_user_one_per_phone_alone",
                fields=["phone_hash"],
                condition=Q(email__isnull=True),
                violation_error_message=_("This phone already has an account."),
            ),
        ]
        indexes = [models.Index(name="accounts_user_by_phone", fields=["phone_hash"])]

    def __str__(self) -> str:
        return self.email or f"account {self.pk}"

    @property
    def has_verified_phone(self) -> bool:
        return self.phone_verified_at is not None

    @property
    def needs_second_factor(self) -> bool:
        return self.is_staff or self.is_superuser

    def get_full_name(self) -> str:
        """Accounts carry no name: who attends is said in each appointment."""
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class CodePurpose(models.TextChoices):
    SIGN_IN = "sign_in", _("Sign in")
    CHANGE_EMAIL = "change_email", _("Change e-mail")
    VERIFY_PHONE = "verify_phone", _("Verify phone")
    DELETE_ACCOUNT = "delete_account", _("Delete account")
    STEP_UP = "step_up", _("Confirm it is you")
    CALL = "call", _("Say it on the telephone")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class CodeRequest(models.Model):
    """One one-time code, from the moment it is asked for until a day after it expired.

    Tries and use are counted here and not in the session, where two requests at once would each see the count
    from before. A row without ``code`` is never matched: the address got another message instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20, choices=CodePurpose.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="code_requests")
    address = EncryptedTextField()
    code = EncryptedTextField(blank=True, default="")
    language = models.CharField(max_length=2, choices=Language.choices)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    sends = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="accounts_code_blank_once_used", condition=Q(used_at__isnull=True) | Q(code=""))
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class LimitHit(models.Model):
    """One counted deed (a code asked for, a password tried); ``mark`` says nothing without the key."""

    mark = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(name="accounts_limit_by_mark", fields=["mark", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class LinkPurpose(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    RECOVERY = "recovery", _("Lost second factor")


class StaffLinkQuerySet(models.QuerySet):
    def alive(self, *, now: datetime) -> "StaffLinkQuerySet":
        return self.filter(used_at=None, expires_at__gt=now)


class StaffLink(models.Model):
    """A one-time link with which a member of staff chooses a password; the token itself stands in the mail alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices)
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = StaffLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_staff_link_purpose_is_known", condition=Q(purpose__in=LinkPurpose.values)
            ),
            models.CheckConstraint(name="accounts_staff_link_ends", condition=Q(expires_at__gt=F("created_at"))),
            # A new link takes the place of the one before it.
            models.UniqueConstraint(
                name="accounts_staff_link_one_at_a_time", fields=["user"], condition=Q(used_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
