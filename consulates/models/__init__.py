from .announcement import Announcement, AnnouncementKind
from .campaign import Answer, Campaign, CampaignOffice, CampaignSession
from .consulate import AddressBasis, Consulate, ConsulateKind
from .freed import FreedIntoDraw, FreedPolicy
from .gate import Gate
from .line import OfficeLine
from .notice import Notice, NoticeLevel
from .place import Place, PlaceKind
from .planning import CapacityFactor, CapacityReason, HolidayDecision, PlanAct, PlanBatch, PlanTemplate
from .procedure import BookingWay, Procedure, ProcedureCategory
from .release import Release, ReleaseOffice, ReleaseState
from .release_rule import ReleaseRule, RuleRelease
from .role import Assignment, Recovery, Role
from .session import Session, SessionKind, SessionStatus
from .slot import Pool, Seat, Slot
from .suspension import Suspension
from .tour import Stop, StopSession, Tour, TourKind
from .upload import Upload

__all__ = [
    "AddressBasis",
    "Announcement",
    "AnnouncementKind",
    "Answer",
    "Assignment",
    "BookingWay",
    "Campaign",
    "CampaignOffice",
    "CampaignSession",
    "CapacityFactor",
    "CapacityReason",
    "Consulate",
    "ConsulateKind",
    "FreedIntoDraw",
    "FreedPolicy",
    "Gate",
    "HolidayDecision",
    "Notice",
    "NoticeLevel",
    "OfficeLine",
    "Place",
    "PlaceKind",
    "PlanAct",
    "PlanBatch",
    "PlanTemplate",
    "Pool",
    "Procedure",
    "ProcedureCategory",
    "Recovery",
    "Release",
    "ReleaseOffice",
    "ReleaseRule",
    "ReleaseState",
    "Role",
    "RuleRelease",
    "Seat",
    "Session",
    "SessionKind",
    "SessionStatus",
    "Slot",
    "Stop",
    "StopSession",
    "Suspension",
    "Tour",
    "TourKind",
    "Upload",
]
