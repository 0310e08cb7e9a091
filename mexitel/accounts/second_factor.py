"""Spending a code of the second factor exactly once, with the clock passed in; sealing its secrets again."""

from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.crypto import constant_time_compare

from mexitel.accounts.models import User
from mexitel.utils.crypto import is_current, rotate


def totp_at(secret: str, moment: datetime) -> str:
    """The six digits that an authenticator application shows at ``moment``."""
    return format_hotp_value(hotp_value(secret, int(moment.timestamp()) // app_settings.TOTP_PERIOD))


def use_code(*, user: User, code: str, now: datetime) -> Authenticator | None:
    """The authenticator that ``code`` belongs to, spending it; None when it fits none or was used before."""
    with transaction.atomic():
        for authenticator in Authenticator.objects.select_for_update().filter(user=user).order_by("pk"):
            if authenticator.type == Authenticator.Type.TOTP:
                fits = _use_totp(authenticator, code, now)
            else:
                fits = authenticator.wrap().validate_code(code)
            if fits:
                return authenticator
    return None


def _use_totp(authenticator: Authenticator, code: str, now: datetime) -> bool:
    """Accept this half-minute and the one before or after, but none up to the last one that was used."""
    secret = decrypt(authenticator.data["secret"])
    current = int(now.timestamp()) // app_settings.TOTP_PERIOD
    for counter in (current - 1, current, current + 1):
        if counter <= authenticator.data.get("last_counter", 0):
            continue
        if constant_time_compare(code, format_hotp_value(hotp_value(secret, counter))):
            authenticator.data["last_counter"] = counter
            authenticator.save(update_fields=["data"])
            return True
    return False


def reseal_secrets() -> int:
    """Seal every authenticator's secret with today's first field key; returns how many changed (SEALED_ELSEWHERE).

    The library keeps them in JSON: ``secret`` of an application, ``seed`` of the recovery codes.
    """
    changed = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            authenticator = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if authenticator is None:
                continue
            old = {name: authenticator.data[name] for name in ("secret", "seed") if name in authenticator.data}
            new = {name: rotate(token) for name, token in old.items() if not is_current(token)}
            if new:
                authenticator.data |= new
                authenticator.save(update_fields=["data"])
                changed += 1
    return changed
