"""The way back for whoever lost a place to nobody's answer: the front of the waiting list, once they stand in it."""

from datetime import datetime, timedelta

from appointments.models import ComingKind, ComingNote
from appointments.waiting import joining
from consulates.models import Procedure
from mexitel.accounts.models import User

# So long after a release whoever joins the list is brought to its front.
OWED_FOR = timedelta(days=30)
REASON = "released by the office before the appointment"


def is_owed(account: User, procedure: Procedure, *, now: datetime) -> bool:
    """Whether a place of this account for this procedure was released lately."""
    notes = ComingNote.objects.filter(kind=ComingKind.RELEASED, at__gt=now - OWED_FOR)
    return notes.filter(appointment__account=account, appointment__procedure=procedure).exists()


def bring_to_the_front(account: User, procedure: Procedure, *, by: User | None, now: datetime) -> bool:
    """What they wait for in that group of procedures is the next, if they wait and are owed it; whether it is."""
    if not is_owed(account, procedure, now=now):
        return False
    return joining.bring_to_the_front(account, procedure.group, reason=REASON, by=by, now=now)
