"""Asking to be told of an office's releases, and ending that. Each is one statement or transaction."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from appointments.models import MOST_ALERTS, ReleaseAlert
from appointments.notifications.telling import number_of
from consulates.models import Consulate, Procedure
from mexitel.accounts.models import User


class AlertError(Exception):
    """Nothing was kept. ``code`` stays the same for machines."""

    code = "alert_refused"


class TooManyAlerts(AlertError):
    code = "too_many_alerts"


class NobodyToTell(AlertError):
    code = "unreachable"


def sentence(error: AlertError) -> str:
    if isinstance(error, TooManyAlerts):
        return _("You can ask for news of %(most)d offices at most. Stop one first.") % {"most": MOST_ALERTS}
    return _("We have no e-mail or phone to which we can write. Add one in your account.")


def ask(
    *, account: User, consulate: Consulate, procedure: Procedure | None, hour_before: bool, now: datetime
) -> ReleaseAlert:
    """The account's wish; asked again, the one that stands with the new answer about the reminder.

    Raises TooManyAlerts or NobodyToTell.
    """
    if not (account.email and not account.email_bounced_at) and not number_of(account):
        raise NobodyToTell
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=account.pk)  # one after the other, so that they are counted
        mine = ReleaseAlert.objects.filter(account=account, stopped_at=None)
        found = mine.filter(consulate=consulate, procedure=procedure).first()
        if found is None:
            if mine.count() >= MOST_ALERTS:
                raise TooManyAlerts
            found = ReleaseAlert(account=account, consulate=consulate, procedure=procedure, made_at=now,
                                 code=secrets.token_urlsafe(16))  # fmt: skip
        found.hour_before = hour_before
        found.save()
        found.refresh_from_db()
    return found


def stop(alert: ReleaseAlert, *, now: datetime) -> None:
    """A second tap changes nothing."""
    ReleaseAlert.objects.filter(pk=alert.pk, stopped_at=None).update(stopped_at=now)


def stop_all(account: User, *, now: datetime) -> int:
    return ReleaseAlert.objects.filter(account=account, stopped_at=None).update(stopped_at=now)
