"""Counted from the rows each time: asked, granted, refused, withdrawn, and how long an answer took."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

FIGURES = """
SELECT count(*),
       count(*) FILTER (WHERE status = 'granted'),
       count(*) FILTER (WHERE status = 'refused'),
       count(*) FILTER (WHERE status = 'withdrawn'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - asked_at) / 3600)
           FILTER (WHERE status IN ('granted', 'refused')),
       count(*) FILTER (WHERE status IN ('granted', 'refused') AND closed_at > answer_by)
FROM appointments_emergencyrequest
WHERE asked_at >= %(start)s AND asked_at < %(end)s
  AND (%(offices)s::bigint[] IS NULL OR consulate_id = ANY (%(offices)s))
"""


@dataclass(frozen=True)
class Figures:
    """Of the requests asked in a period; ``median_hours`` from asking to the answer, None when none was answered.
    ``late`` were answered after their clock.
    """

    asked: int
    granted: int
    refused: int
    withdrawn: int
    median_hours: float | None
    late: int


def figures(*, start: datetime, end: datetime, offices: list[int] | None = None) -> Figures:
    """Asked in ``[start, end)``, in ``offices`` (None: the whole network)."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"start": start, "end": end, "offices": offices})
        asked, granted, refused, withdrawn, median, late = cursor.fetchone()
    return Figures(asked, granted, refused, withdrawn, None if median is None else round(float(median), 1), late)
