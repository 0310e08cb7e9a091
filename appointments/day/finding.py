"""Whom a reference or a receipt names, seen from one office and one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appointments import receipts
from appointments.day.references import LENGTH, fold_reference, is_sound
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from consulates.models import Consulate

MOST_TYPED = 4 * receipts.LONGEST


class Verdict(StrEnum):
    HERE = "here"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NEEDS_NEW_TIME = "needs_new_time"
    ANOTHER_DAY = "another_day"
    ANOTHER_OFFICE = "another_office"
    NOT_OURS = "not_ours"
    MISTYPED = "mistyped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """``appointment`` is set where this office may see it; for another office only its name and moment are told.
    ``signed``: the receipt's signature stands.
    """

    verdict: Verdict
    appointment: Appointment | None = None
    signed: bool = False


def find(text: str, *, office: Consulate, keys: Mapping[str, Ed25519PublicKey], sessions: set[int]) -> Finding:
    """``text`` is a reference in any spelling, a receipt, or the link of its QR code. ``sessions`` are those of today.

    Moved: the receipt speaks of another time than the appointment now has.
    """
    token = receipts.find_token(text)
    said: receipts.Receipt | None = None
    if token or "MX1." in text.upper():
        try:
            said = receipts.check(token, keys=keys)
        except receipts.InvalidReceipt:
            return Finding(Verdict.NOT_OURS)
        reference = said.reference
    else:
        reference = fold_reference(text)
        if len(reference) != LENGTH or not is_sound(reference):
            return Finding(Verdict.MISTYPED)
    found = Appointment.objects.filter(reference=reference).select_related("consulate", "session", "procedure").first()
    if found is None:
        return Finding(Verdict.UNKNOWN, signed=said is not None)
    return Finding(_judge(found, said, office=office, sessions=sessions), found, signed=said is not None)


def _judge(found: Appointment, said: receipts.Receipt | None, *, office: Consulate, sessions: set[int]) -> Verdict:
    if found.consulate_id != office.pk:
        return Verdict.ANOTHER_OFFICE
    if found.status == AppointmentStatus.CANCELLED:
        return Verdict.CANCELLED
    if found.status == AppointmentStatus.ORPHANED:
        return Verdict.NEEDS_NEW_TIME
    if said is not None and said.starts_at != found.starts_at:
        return Verdict.MOVED
    return Verdict.HERE if found.session_id in sessions else Verdict.ANOTHER_DAY
