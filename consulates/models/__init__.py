from .consulate import AddressBasis, Consulate, ConsulateKind
from .place import Place, PlaceKind
from .procedure import BookingWay, Procedure, ProcedureCategory
from .session import Session, SessionKind, SessionStatus
from .slot import Gate, Pool, Seat, Slot

__all__ = [
    "AddressBasis",
    "BookingWay",
    "Consulate",
    "ConsulateKind",
    "Gate",
    "Place",
    "PlaceKind",
    "Pool",
    "Procedure",
    "ProcedureCategory",
    "Seat",
    "Session",
    "SessionKind",
    "SessionStatus",
    "Slot",
]
