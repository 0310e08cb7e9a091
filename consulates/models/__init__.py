from .consulate import AddressBasis, Consulate, ConsulateKind
from .place import Place, PlaceKind
from .procedure import BookingWay, Procedure, ProcedureCategory
from .role import Assignment, Role
from .session import Session, SessionKind, SessionStatus
from .slot import Gate, Pool, Seat, Slot

__all__ = [
    "AddressBasis",
    "Assignment",
    "BookingWay",
    "Consulate",
    "ConsulateKind",
    "Gate",
    "Place",
    "PlaceKind",
    "Pool",
    "Procedure",
    "ProcedureCategory",
    "Role",
    "Seat",
    "Session",
    "SessionKind",
    "SessionStatus",
    "Slot",
]
