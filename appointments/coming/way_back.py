"""The way back for whoever's place was released: the front of the waiting list, if they stand or come to stand in it.

The waiting list is found by name, and where there is none nothing happens here: the page then leads to the search.
"""

from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from appointments.models import ComingKind, ComingNote
from mexitel.accounts.models import User

ROOM = "appointments.waiting"
# So long after a release whoever joins the list is brought to its front.
OWED_FOR = timedelta(days=30)
REASON = "released by the office before the appointment"


def has_waiting_list() -> bool:
    return find_spec(ROOM) is not None and find_spec(f"{ROOM}.joining") is not None


def is_owed(account: User, procedure_id: int, *, now: datetime) -> bool:
    """Whether a place of this account for this procedure was released lately."""
    notes = ComingNote.objects.filter(kind=ComingKind.RELEASED, at__gt=now - OWED_FOR)
    return notes.filter(appointment__account=account, appointment__procedure=procedure_id).exists()


def bring_to_the_front(account: User, procedure_id: int, *, by: User | None, now: datetime) -> bool:
    """Their entry for this procedure, if they have one and are owed it, is the next; whether it is."""
    if not has_waiting_list() or not is_owed(account, procedure_id, now=now):
        return False
    joining: Any = import_module(f"{ROOM}.joining")
    entries = joining.WaitingEntry.objects.filter(account=account, procedure=procedure_id, ended_at=None)
    entry = next((one for one in entries.order_by("pk") if one.is_live(now=now)), None)
    if entry is None:
        return False
    joining.to_the_front(entry, by, REASON, now)
    return True
