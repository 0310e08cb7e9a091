from appointments.models.alert import MOST_ALERTS, AlertKind, ReleaseAlert, ReleaseTold
from appointments.models.applicant import Applicant, ApplicantClaim, Attendee, BookingDraft
from appointments.models.appointment import Appointment, Event, Trace
from appointments.models.attendance import Attendance, AttendanceState, AttendanceStep, DayClosed
from appointments.models.caller import Caller, Recovery
from appointments.models.closure import Closure, Orphan, OrphanCall
from appointments.models.coming import ComingHow, ComingKind, ComingNote
from appointments.models.correction import Correction
from appointments.models.demand import DemandCell, Ended
from appointments.models.draw import (
    DaysWanted,
    DrawApplication,
    DrawPerson,
    DrawProgress,
    DrawWin,
    HalfWanted,
)
from appointments.models.drawing import Drawing, DrawingFile, DrawingRound, EnteredRound
from appointments.models.emergency import (
    EmergencyKind,
    EmergencyProof,
    EmergencyRequest,
    EmergencyStatus,
    Grant,
    GrantRule,
    SampleDraw,
    SampledRequest,
    WhyNot,
)
from appointments.models.hold import Hold
from appointments.models.permit import BlockedMark, CapOverride, FreedSeat, IdempotencyKey, Permit, Scope
from appointments.models.queue import QueueDesk, QueueTicket, TicketEnd
from appointments.models.reminder import Reminder
from appointments.models.statistics import FiguresSeen, FrozenMonth, OfferFact, SupplyFact, UseFact, WaitFact
from appointments.models.waiting import (
    EndReason,
    OfferOutcome,
    Skip,
    WaitingDay,
    WaitingEntry,
    WaitingKey,
    WaitingOffer,
    WaitingOfferSeat,
    WaitingPerson,
    WaitingReturn,
    WaitingSkip,
)

__all__ = [
    "MOST_ALERTS",
    "AlertKind",
    "Applicant",
    "ApplicantClaim",
    "Appointment",
    "Attendance",
    "AttendanceState",
    "AttendanceStep",
    "Attendee",
    "BlockedMark",
    "BookingDraft",
    "Caller",
    "CapOverride",
    "Closure",
    "ComingHow",
    "ComingKind",
    "ComingNote",
    "Correction",
    "DayClosed",
    "DaysWanted",
    "DemandCell",
    "DrawApplication",
    "DrawPerson",
    "DrawProgress",
    "DrawWin",
    "Drawing",
    "DrawingFile",
    "DrawingRound",
    "EmergencyKind",
    "EmergencyProof",
    "EmergencyRequest",
    "EmergencyStatus",
    "EndReason",
    "Ended",
    "EnteredRound",
    "Event",
    "FiguresSeen",
    "FreedSeat",
    "FrozenMonth",
    "Grant",
    "GrantRule",
    "HalfWanted",
    "Hold",
    "IdempotencyKey",
    "OfferFact",
    "OfferOutcome",
    "Orphan",
    "OrphanCall",
    "Permit",
    "QueueDesk",
    "QueueTicket",
    "Recovery",
    "ReleaseAlert",
    "ReleaseTold",
    "Reminder",
    "SampleDraw",
    "SampledRequest",
    "Scope",
    "Skip",
    "SupplyFact",
    "TicketEnd",
    "Trace",
    "UseFact",
    "WaitFact",
    "WaitingDay",
    "WaitingEntry",
    "WaitingKey",
    "WaitingOffer",
    "WaitingOfferSeat",
    "WaitingPerson",
    "WaitingReturn",
    "WaitingSkip",
    "WhyNot",
]
