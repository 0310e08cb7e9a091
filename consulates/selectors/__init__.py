"""Reads across offices, sessions, slots and seats. Counts are live; only public seats are counted.

Every read goes through here, so that published snapshots can take their place without touching a page.
"""

from .availability import (
    DaySession,
    NextOpening,
    OfficeDay,
    bookable_procedures,
    earliest_by_office,
    free_slots,
    next_openings,
    office_day,
    office_lines,
    office_month,
    offices,
    queues_of,
)
from .search import BATCH, ENOUGH, HORIZON_DAYS, NEAR_MILES, Hit, Order, Stop, miles_between, soonest, stops

__all__ = [
    "BATCH",
    "ENOUGH",
    "HORIZON_DAYS",
    "NEAR_MILES",
    "DaySession",
    "Hit",
    "NextOpening",
    "OfficeDay",
    "Order",
    "Stop",
    "bookable_procedures",
    "earliest_by_office",
    "free_slots",
    "miles_between",
    "next_openings",
    "office_day",
    "office_lines",
    "office_month",
    "offices",
    "queues_of",
    "soonest",
    "stops",
]
