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
from antifraud.models.redress import PriorityToken, ReadyWhy, SecondLook

__all__ = [
    "Act",
    "Appeal",
    "AppealState",
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
    "Decision",
    "DecisionReason",
    "Link",
    "PriorityToken",
    "ReadyWhy",
    "SecondLook",
    "Sighting",
    "Standing",
    "Verdict",
]
