"""Every write of supply. One module per subject; callers import from here."""

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

__all__ = [
    "NotDraft",
    "Published",
    "SessionOverlaps",
    "SessionPlan",
    "SupplyError",
    "Venue",
    "plan_session",
    "plan_sessions",
    "publish_session",
    "publish_sessions",
]
