"""Do what one outbox row asks for, once, however often it is handed over."""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from .models import OutboxMessage

logger = logging.getLogger(__name__)

UNEXPECTED_TRIES = 6  # of an error that looks like a fault of ours
OUTAGE = timedelta(hours=48)  # for how long an unreachable provider is tried again
LONGEST_WAIT = timedelta(seconds=45)  # so that everything goes out within a minute of a provider's return
LONGEST_SEND_SECONDS = 60


def deliver(*, outbox_id: int, created_at: datetime, now: datetime) -> str:
    """Run the handler of one row under the row's lock; returns "done", "failed" or "skipped".

    Skipped means: done already, given up, unknown, or in another process's hands at this moment. A failed
    row gets a later ``due_at`` and goes through the relay again, until it is given up (``failed_at``).
    """
    try:
        with transaction.atomic():
            message = _lock(outbox_id, created_at, wait=False)
            if message is None:
                return "skipped"
            handler = import_string(settings.OUTBOX_HANDLERS[message.kind])
            handler(outbox_id=message.id, payload=message.payload, now=now)
            _row(outbox_id, created_at).update(done_at=now, error="")
            return "done"
    except Exception as error:  # whatever a handler raises, the row must say so
        logger.warning("outbox %s failed: %s", outbox_id, type(error).__name__)
        _note_failure(outbox_id, created_at, error, now)
        return "failed"


def retry_failed(*, now: datetime) -> int:
    """Put everything that was given up back in line (after the cause is mended); returns how many."""
    return OutboxMessage.objects.filter(done_at=None, failed_at__isnull=False).update(
        failed_at=None, handed_at=None, attempts=0, due_at=now
    )


def wait_after(attempts: int) -> timedelta:
    """2, 4, 8 ... seconds, at most LONGEST_WAIT."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_WAIT)


def _row(outbox_id: int, created_at: datetime):
    return OutboxMessage.objects.filter(id=outbox_id, created_at=created_at)


def _lock(outbox_id: int, created_at: datetime, *, wait: bool) -> OutboxMessage | None:
    with connection.cursor() as cursor:
        # A slow mail server may keep this transaction idle for longer than a request may.
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_SEND_SECONDS}s'")
    return _row(outbox_id, created_at).waiting().select_for_update(skip_locked=not wait).first()


def _note_failure(outbox_id: int, created_at: datetime, error: Exception, now: datetime) -> None:
    if isinstance(error, (OperationalError, InterfaceError)) and not connection.in_atomic_block:
        connection.close()
    with transaction.atomic():
        message = _lock(outbox_id, created_at, wait=True)
        if message is None:
            return
        attempts = message.attempts + 1
        changes = {"attempts": attempts, "error": type(error).__name__}
        if _hopeless(error, attempts, now - created_at):
            changes["failed_at"] = now
        else:
            changes |= {"handed_at": None, "due_at": now + wait_after(attempts)}
        _row(outbox_id, created_at).update(**changes)


def _hopeless(error: Exception, attempts: int, age: timedelta) -> bool:
    if isinstance(error, smtplib.SMTPResponseException):
        passing = error.smtp_code < 500
    else:
        passing = isinstance(error, (OSError, OperationalError, InterfaceError))
    return age > OUTAGE if passing else attempts >= UNEXPECTED_TRIES
