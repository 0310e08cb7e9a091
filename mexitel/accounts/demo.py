"""Invented people for the embedded run: reserved domains that get no mail, secrets made from this machine's key.

Hooks in ``settings.DEMO_HOOKS`` (dotted paths, each ``hook(users, now)`` with users by the keys below) let rooms
above give them appointments and roles.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from mexitel.accounts.models import User
from mexitel.accounts.second_factor import totp_at
from mexitel.utils.time import now as clock


class NotEmbedded(Exception):
    """Demo accounts exist in the embedded run only."""


@dataclass(frozen=True)
class Demo:
    key: str
    email: str
    role: str
    superuser: bool = False
    staff: bool = False


DEMOS = (
    Demo("mother", "madre@familia.example", "Mother of four with two appointments"),
    Demo("newcomer", "nuevo@familia.example", "New citizen"),
    Demo("administrator", "administracion@mexitel.example", "Administrator", superuser=True, staff=True),
    Demo("planner", "planeacion@mexitel.example", "Planner in Los Angeles", staff=True),
    Demo("desk_clerk", "ventanilla@mexitel.example", "Desk clerk in Los Angeles", staff=True),
    Demo("phone_agent", "telefono@mexitel.example", "Telephone agent of the network", staff=True),
    Demo("office_manager", "gerencia@mexitel.example", "Office manager in Los Angeles", staff=True),
    Demo("network_coordinator", "red@mexitel.example", "Network coordinator", staff=True),
    Demo("auditor", "auditoria@mexitel.example", "Auditor of the network", staff=True),
    Demo("reviewer", "revision@mexitel.example", "Reviewer of suspected brokers", staff=True),
    Demo("senior_reviewer", "jefatura@mexitel.example", "Senior reviewer, who signs", staff=True),
)


@dataclass(frozen=True)
class DemoCode:
    """``code`` of the second factor now and the seconds it still holds."""

    email: str
    role: str
    code: str
    seconds_left: int


def password_of(demo: Demo) -> str:
    """Stable on one machine, different on each."""
    return "demo-" + base64.b32encode(_secret("password", demo)[:10]).decode().lower()


def totp_secret_of(demo: Demo) -> str:
    return base64.b32encode(_secret("totp", demo)[:20]).decode()


def make(*, now: datetime) -> dict[str, User]:
    """Make the demo accounts, or set them right again. Raises NotEmbedded."""
    refuse_elsewhere()
    with transaction.atomic():
        users = {demo.key: _make_one(demo, now) for demo in DEMOS}
        for path in getattr(settings, "DEMO_HOOKS", []):
            import_string(path)(users, now)
    return users


def current_codes(now: datetime | None = None) -> list[DemoCode]:
    """The second-factor codes of the demo staff, for the messages page. Raises NotEmbedded."""
    refuse_elsewhere()
    now = now or clock()
    left = 30 - int(now.timestamp()) % 30
    there = set(User.objects.filter(email__in=[demo.email for demo in DEMOS]).values_list("email", flat=True))
    return [
        DemoCode(demo.email, demo.role, totp_at(totp_secret_of(demo), now), left)
        for demo in DEMOS
        if demo.staff and demo.email in there
    ]


def refuse_elsewhere() -> None:
    if not settings.EMBEDDED:
        raise NotEmbedded("Demo accounts exist only in the run that `manage.py up` starts.")


def _make_one(demo: Demo, now: datetime) -> User:
    user = User.objects.by_email(demo.email).first() or User.objects.create_user(demo.email, date_joined=now)
    user.is_active, user.is_staff, user.is_superuser = True, demo.staff, demo.superuser
    if demo.staff:
        if not user.check_password(password_of(demo)):
            user.set_password(password_of(demo))
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(user, totp_secret_of(demo))
            RecoveryCodes.activate(user)
    user.save()
    return user


def _secret(purpose: str, demo: Demo) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"demo {purpose} {demo.key}".encode(), hashlib.sha256).digest()
