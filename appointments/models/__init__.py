from appointments.models.applicant import Applicant, ApplicantClaim, Attendee, BookingDraft
from appointments.models.appointment import Appointment, Event
from appointments.models.caller import Caller, Recovery
from appointments.models.hold import Hold
from appointments.models.permit import CapOverride, FreedSeat, IdempotencyKey, Permit, Scope
from appointments.models.reminder import Reminder

__all__ = [
    "Applicant",
    "ApplicantClaim",
    "Appointment",
    "Attendee",
    "BookingDraft",
    "Caller",
    "CapOverride",
    "Event",
    "FreedSeat",
    "Hold",
    "IdempotencyKey",
    "Permit",
    "Recovery",
    "Reminder",
    "Scope",
]
