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
from antifraud.models.link import Link, Sighting
from antifraud.models.validation import AskedBy, Charged, IdentityRequest, RequestState, Source

__all__ = [
    "Act",
    "Appeal",
    "AppealState",
    "AskedBy",
    "Block",
    "BlockKind",
    "BlockReason",
    "BlockState",
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
    "IdentityRequest",
    "Link",
    "RequestState",
    "Sighting",
    "Source",
    "Standing",
    "Verdict",
]
