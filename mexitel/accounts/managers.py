"""How accounts are made and found by what a person types."""

from typing import Any

from django.contrib.auth.models import BaseUserManager
from django.db import models

from mexitel.accounts.addresses import canonical_phone, exact_email
from mexitel.utils.crypto import keyed_hash


class UserQuerySet(models.QuerySet):
    def by_email(self, email: str) -> "UserQuerySet":
        """The account named by ``email``: exact, after trimming and lower-casing."""
        return self.filter(email=exact_email(email))

    def by_phone_alone(self, phone: str) -> "UserQuerySet":
        """The account without e-mail that signs in with ``phone`` (E.164 or as typed)."""
        return self.filter(email=None, phone_hash=keyed_hash("phone", canonical_phone(phone)))

    def staff(self) -> "UserQuerySet":
        """Whoever may see more than their own data, and so needs a second factor."""
        return self.filter(models.Q(is_staff=True) | models.Q(is_superuser=True))

    def citizens(self) -> "UserQuerySet":
        return self.filter(is_staff=False, is_superuser=False, is_active=True, deleted_at=None)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> Any:
        """An account with a trimmed, lower-case e-mail; without ``password`` nobody signs in by password."""
        user = self.model(email=exact_email(email) if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, email: str | None) -> Any:
        return self.get(email=exact_email(email or ""))
