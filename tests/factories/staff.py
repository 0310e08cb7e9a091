"""Staff for tests: ``staff_with(Role.PLANNER, office)``, in the whole network without an office."""

from datetime import UTC, datetime

from consulates.models import Assignment, Consulate, Role
from mexitel.accounts.models import User
from tests.factories.accounts import UserFactory

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def staff_with(role: Role, office: Consulate | None = None, **changes) -> User:
    """Without password and second factor of their own: ``sign_in`` (factories/accounts) puts both on record."""
    user = UserFactory(staff=True, second_factor=False)
    Assignment.objects.create(user=user, role=role, consulate=office, **{"starts_at": LONG_AGO, **changes})
    return user
