"""The clock is read here and nowhere else: once, at the edge, and passed on."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)
