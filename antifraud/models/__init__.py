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
from antifraud.models.lane import Helper, HelperState, Lane, LaneDevice, LaneKind, Step, StepKind
from antifraud.models.link import Link, Sighting

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
    "Helper",
    "HelperState",
    "Lane",
    "LaneDevice",
    "LaneKind",
    "Link",
    "Sighting",
    "Standing",
    "Step",
    "StepKind",
    "Verdict",
]
