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
from antifraud.models.oversight import (
    Advert,
    AuditDraw,
    ChargeReport,
    Rehearsal,
    RehearsalState,
    ReportSource,
    ReportState,
    RuleSetRecord,
    RuleSetState,
)

__all__ = [
    "Act",
    "Advert",
    "Appeal",
    "AppealState",
    "AuditDraw",
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
    "ChargeReport",
    "Decision",
    "DecisionReason",
    "Link",
    "Rehearsal",
    "RehearsalState",
    "ReportSource",
    "ReportState",
    "RuleSetRecord",
    "RuleSetState",
    "Sighting",
    "Standing",
    "Verdict",
]
