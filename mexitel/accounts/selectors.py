"""Reads about one account."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from mexitel.accounts.models import User
from mexitel.outbox.selectors import last_bounce

BOUNCES_LOOK_BACK = timedelta(days=60)


def personal_data(user: User, now: datetime) -> dict:
    """Everything that we hold about ``user``, ready for JSON: one part per provider of
    ``settings.PERSONAL_DATA_PROVIDERS`` (dotted paths, each ``provider(user) -> dict``), merged in order."""
    data: dict = {"made_at": now.isoformat()}
    for path in settings.PERSONAL_DATA_PROVIDERS:
        data |= import_string(path)(user)
    return data


def account_data(user: User) -> dict:
    """This room's part of ``personal_data``."""
    moments = {
        "phone_verified_at": user.phone_verified_at, "opened_at": user.date_joined, "last_seen_at": user.last_seen_at,
        "mail_came_back_at": user.email_bounced_at,
    }  # fmt: skip
    return {
        "account": {
            "e_mail": user.email,
            "phone": user.phone or None,
            "language": user.language,
            **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        }
    }


def before_deletion(user: User, now: datetime) -> list[str]:
    """What the person should read before deleting, as translated sentences; dotted paths in
    ``settings.ACCOUNT_DELETION_CHECKS``, each ``check(user, now) -> list[str]`` (active appointments, for one)."""
    paths = settings.ACCOUNT_DELETION_CHECKS
    return [sentence for path in paths for sentence in import_string(path)(user, now)]


def own_contact(user: User) -> str:
    """Where a code for this very account goes: the e-mail, else the phone."""
    return user.email or user.phone


def mail_came_back(user: User, now: datetime) -> bool:
    """Whether the last mail to the account's address did not arrive; for a notice on the person's pages."""
    if not user.email:
        return False
    return bool(user.email_bounced_at or last_bounce(channel="mail", to=user.email, since=now - BOUNCES_LOOK_BACK))
