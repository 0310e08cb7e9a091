from antifraud.models.appeal import Appeal, AppealState
from antifraud.models.block import Block, BlockKind, BlockReason, BlockState
from antifraud.models.case import (
    Case,
    CaseAccount,
    CaseAppointment,
    CaseAssessment,
    CaseEvent,
    CaseKind,
    CaseState,
    Standing,
    Verdict,
)
from antifraud.models.decision import Act, Decision, DecisionReason
from antifraud.models.desk import DeskPreference
from antifraud.models.link import Link, Sighting
from antifraud.models.memory import (
    ActorGroup,
    BookedSeat,
    Booker,
    FreeSeat,
    GroupChange,
    HeldSeat,
    Identifier,
    RecentSight,
    Score,
    SharedDevice,
    SurnameCount,
    Tally,
)
from antifraud.models.reading import Grouping, ReadUpTo
from antifraud.models.redress import PriorityToken, ReadyWhy, SecondLook
from antifraud.models.validation import AskedBy, Charged, IdentityRequest, RequestState, Source

__all__ = [
    "Act",
    "ActorGroup",
    "Appeal",
    "AppealState",
    "AskedBy",
    "Block",
    "BlockKind",
    "BlockReason",
    "BlockState",
    "BookedSeat",
    "Booker",
    "Case",
    "CaseAccount",
    "CaseAppointment",
    "CaseAssessment",
    "CaseEvent",
    "CaseKind",
    "CaseState",
    "Charged",
    "Decision",
    "DecisionReason",
    "DeskPreference",
    "FreeSeat",
    "GroupChange",
    "Grouping",
    "HeldSeat",
    "Identifier",
    "IdentityRequest",
    "Link",
    "PriorityToken",
    "ReadUpTo",
    "ReadyWhy",
    "RecentSight",
    "RequestState",
    "Score",
    "SecondLook",
    "SharedDevice",
    "Sighting",
    "Source",
    "Standing",
    "SurnameCount",
    "Tally",
    "Verdict",
]
