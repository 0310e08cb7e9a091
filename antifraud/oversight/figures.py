"""The public figures: counts by month, nothing small enough to point at somebody; read at most every ten minutes."""

from datetime import datetime
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection

from antifraud.models import Block
from antifraud.oversight.numbers import SMALL, shown

MONTHS = 12
REMEMBERED_SECONDS = 600
KEY = "antifraud:figures:1"

BY_MONTH = """SELECT * FROM (
WITH months AS (
    SELECT generate_series(date_trunc('month', %(now)s::timestamptz) - interval '11 months',
                           date_trunc('month', %(now)s::timestamptz), '1 month') AS month
), cases AS (
    SELECT date_trunc('month', opened_at) AS month, count(*) AS opened FROM antifraud_case
    WHERE kind = 'broker' AND opened_at >= %(now)s - interval '13 months' GROUP BY 1
), decisions AS (
    SELECT date_trunc('month', d.done_at) AS month,
           count(*) FILTER (WHERE act = 'dismiss') AS dismissed, count(*) FILTER (WHERE act = 'ask') AS asked,
           sum(cardinality(appointment_ids)) FILTER (WHERE act = 'validate') AS validated,
           sum(cardinality(appointment_ids)) FILTER (WHERE act = 'cancel') AS cancelled,
           count(*) FILTER (WHERE act IN ('cancel', 'block') AND overturned_at IS NOT NULL) AS overturned,
           count(*) AS decided,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - c.opened_at)) / 3600 AS hours
    FROM antifraud_decision d JOIN antifraud_case c ON c.id = d.case_id
    WHERE d.done_at >= %(now)s - interval '13 months' AND c.kind = 'broker' GROUP BY 1
), reports AS (
    SELECT date_trunc('month', filed_at) AS month, count(*) AS reported FROM antifraud_chargereport
    WHERE filed_at >= %(now)s - interval '13 months' GROUP BY 1
)
SELECT months.month, opened, dismissed, asked, validated, cancelled, overturned, reported, decided, hours
FROM months LEFT JOIN cases USING (month) LEFT JOIN decisions USING (month) LEFT JOIN reports USING (month)
) AS by_month ORDER BY month DESC
"""


class Month(NamedTuple):
    """A number is None where there are fewer than five; ``hours`` too, when fewer than five were decided."""

    month: datetime
    opened: int | None
    dismissed: int | None
    asked: int | None
    validated: int | None
    cancelled: int | None
    overturned: int | None
    reported: int | None
    hours: int | None


class Figures(NamedTuple):
    at: datetime
    months: list[Month]
    blocks: int | None


def figures(*, now: datetime) -> Figures:
    """From the cache where it is there; two queries otherwise."""
    kept: Any = cache.get(KEY)
    if kept is None:
        kept = Figures(now, _months(now), shown(Block.objects.in_force(now=now).count()))
        cache.set(KEY, kept, REMEMBERED_SECONDS)
    return kept


def _months(now: datetime) -> list[Month]:
    with connection.cursor() as cursor:
        cursor.execute(BY_MONTH, {"now": now})
        rows = cursor.fetchall()
    return [
        Month._make([month, *(shown(int(count or 0)) for count in counts), _hours(decided, hours)])
        for month, *counts, decided, hours in rows
    ]


def _hours(decided: int | None, hours: Any) -> int | None:
    return round(float(hours)) if decided and decided >= SMALL and hours is not None else None
