"""Whom a place at the front of the waiting list is owed: those whose place the office released."""

from datetime import datetime, timedelta

from appointments.models import ComingKind, ComingNote
from mexitel.accounts.models import User

# So long after a release whoever joins the list is brought to its front.
OWED_FOR = timedelta(days=30)
REASON = "released by the office before the appointment"


def is_owed(account: User, procedure_group: str, *, now: datetime) -> bool:
    """Whether a place of this account for that group of procedures was released lately."""
    notes = ComingNote.objects.filter(kind=ComingKind.RELEASED, at__gt=now - OWED_FOR)
    return notes.filter(appointment__account=account, appointment__procedure_group=procedure_group).exists()
