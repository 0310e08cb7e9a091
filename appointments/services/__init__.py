"""Every write of the demand side, by verb."""

from appointments.services.applicants import Entry, save_applicant
from appointments.services.cancel import cancel_appointments
from appointments.services.confirm import confirm_hold
from appointments.services.hold import (
    HOLD_LENGTH,
    HeldParty,
    IdempotencyKey,
    extend_hold,
    hold_seats,
    release_hold,
)

__all__ = [
    "HOLD_LENGTH",
    "Entry",
    "HeldParty",
    "IdempotencyKey",
    "cancel_appointments",
    "confirm_hold",
    "extend_hold",
    "hold_seats",
    "release_hold",
    "save_applicant",
]
