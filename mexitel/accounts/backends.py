"""The one place where a password opens anything."""

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from mexitel.accounts.models import User


class StaffPasswordBackend(ModelBackend):
    """Answers only to ``staff_email`` and ``password``, which only the staff sign-in page passes.

    Any other door that tries a user name and password (the admin's login form, HTTP Basic) finds no backend that
    takes them, so none can leave the second factor out.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, staff_email: str, password: str
    ) -> User | None:
        user = User.objects.staff().by_email(staff_email).first()
        if user is None:
            User().set_password(password)  # the same work for an unknown address
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
