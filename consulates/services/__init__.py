"""Every write of supply. One module per subject; callers import from here."""

from .changes import NewHours, NotPublished, change_hours, close_slots
from .sessions import (
    NotDraft,
    Published,
    SessionOverlaps,
    SessionPlan,
    SupplyError,
    Venue,
    plan_session,
    plan_sessions,
    publish_session,
    publish_sessions,
)
from .suspensions import AlreadySuspended, is_suspended, resume, suspend

__all__ = [
    "AlreadySuspended",
    "NewHours",
    "NotDraft",
    "NotPublished",
    "Published",
    "SessionOverlaps",
    "SessionPlan",
    "SupplyError",
    "Venue",
    "change_hours",
    "close_slots",
    "is_suspended",
    "plan_session",
    "plan_sessions",
    "publish_session",
    "publish_sessions",
    "resume",
    "suspend",
]
