"""The weekly figures of the register and their baseline. Definitions stand on the page beside the numbers.

A week begins on Monday in UTC. A post counts in the week in which it was first told of, so that a number says how many
appeared and not how fast reviewers read; posts joined to another count once.
"""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from antifraud.models import PostBaseline
from mexitel.accounts.models import User
from mexitel.audit.services import record

WEEK = timedelta(weeks=1)
SHOWN_WEEKS = 26
# The change is of the mean of so many whole weeks: one week alone is chance.
COMPARED_WEEKS = 4
LEAST_BASE = 20  # confirmed posts in the baseline, below which no percentage is shown

BY_WEEK = """
WITH weeks AS (
    SELECT generate_series(%(first)s::date, %(last)s::date, interval '7 days')::date AS week
), posts AS (
    SELECT p.id, date_trunc('week', p.first_told_at AT TIME ZONE 'UTC')::date AS week, p.state,
           coalesce(e.was_confirmed, false) AND p.state <> 'refused' AS is_confirmed,
           e.reported_at, e.removed_at
    FROM antifraud_post p LEFT JOIN LATERAL (
        SELECT min(at) FILTER (WHERE became = 'reported') AS reported_at,
               max(at) FILTER (WHERE became = 'removed' AND was <> 'removed') AS removed_at,
               bool_or(became = 'confirmed') AS was_confirmed
        FROM antifraud_postevent WHERE post_id = p.id
    ) e ON true
    WHERE p.state <> 'joined' AND p.first_told_at >= %(first)s AND p.first_told_at < %(end)s
)
SELECT weeks.week,
       count(posts.id) AS posts,
       count(*) FILTER (WHERE posts.state = 'received') AS unread,
       count(*) FILTER (WHERE is_confirmed) AS confirmed,
       count(*) FILTER (WHERE is_confirmed AND reported_at IS NOT NULL) AS reported,
       count(*) FILTER (WHERE is_confirmed AND posts.state = 'removed') AS removed,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM removed_at - reported_at) / 86400)
           FILTER (WHERE is_confirmed AND posts.state = 'removed' AND reported_at < removed_at) AS days
FROM weeks LEFT JOIN posts USING (week) GROUP BY 1 ORDER BY 1
"""


class Week(NamedTuple):
    """``days``: median from the report to the removal, None when nothing reported is gone."""

    week: date
    posts: int
    unread: int
    confirmed: int
    reported: int
    removed: int
    days: float | None

    @property
    def share(self) -> int | None:
        """Of 100 confirmed posts how many are gone."""
        return round(100 * self.removed / self.confirmed) if self.confirmed else None


class Compared(NamedTuple):
    """``change`` in percent of the baseline's weekly mean; None while there is too little to say."""

    first: date
    last: date
    note: str
    base: float
    since_first: date
    since_last: date
    since: float
    change: int | None
    overlaps: bool


class Figures(NamedTuple):
    at: datetime
    weeks: Sequence[Week]
    compared: Compared | None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks(*, first: date, last: date) -> list[Week]:
    """Of each week from ``first`` to ``last``, both Mondays and both included."""
    with connection.cursor() as cursor:
        cursor.execute(BY_WEEK, {"first": first, "last": last, "end": last + WEEK})
        return [Week._make([*counts, None if days is None else round(days, 1)]) for *counts, days in cursor.fetchall()]


def figures(*, now: datetime) -> Figures:
    """The last 26 weeks, this one included, and the change against the baseline in force."""
    this = monday(now.date())
    return Figures(now, weeks(first=this - (SHOWN_WEEKS - 1) * WEEK, last=this), compared(now=now))


def compared(*, now: datetime) -> Compared | None:
    """The last whole weeks beside the baseline's; None until somebody chose one."""
    chosen = PostBaseline.objects.order_by("-chosen_at", "-pk").first()
    if chosen is None:
        return None
    last = monday(now.date()) - WEEK
    first = last - (COMPARED_WEEKS - 1) * WEEK
    before, since = weeks(first=chosen.first_week, last=chosen.last_week), weeks(first=first, last=last)
    base, later = _mean(before), _mean(since)
    overlaps = first <= chosen.last_week
    enough = sum(week.confirmed for week in before) >= LEAST_BASE and not overlaps
    change = round(100 * (later - base) / base) if enough else None
    return Compared(chosen.first_week, chosen.last_week, chosen.note, base, first, last, later, change, overlaps)


def _mean(some: Sequence[Week]) -> float:
    return round(sum(week.confirmed for week in some) / len(some), 1) if some else 0.0


@transaction.atomic
def choose_baseline(*, first: date, last: date, note: str, by: User | None, now: datetime) -> PostBaseline:
    """From the week of ``first`` to the week of ``last``. What was chosen before stays in the record."""
    made = PostBaseline.objects.create(
        first_week=monday(first), last_week=monday(last), note=note, author=by, chosen_at=now
    )
    if by is not None:
        detail = {"first": made.first_week.isoformat(), "last": made.last_week.isoformat()}
        record(actor=by, action="advert.baseline", target=made, now=now, reason=note, detail=detail)
    return made


COLUMNS = ("week", "posts", "unread", "confirmed", "reported", "removed", "share_removed", "median_days_to_removal")


def as_csv(found: Figures) -> bytes:
    """The weeks for programs; the dictionary of columns stands on the page."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(week) for week in found.weeks)  # None is an empty cell
    return out.getvalue().encode()


def as_json(found: Figures) -> bytes:
    """The weeks under the same names, and beside them the baseline with the change against it."""
    told = {
        "made_at": found.at,
        "weeks": [dict(zip(COLUMNS, _row(week), strict=True)) for week in found.weeks],
        "compared": found.compared and found.compared._asdict(),
    }
    return json.dumps(told, ensure_ascii=False, default=lambda moment: moment.isoformat()).encode()


def _row(week: Week) -> tuple[Any, ...]:
    return (*week[:-1], week.share, week.days)


def of_json(content: bytes) -> Figures:
    """What ``as_json`` wrote."""
    told = json.loads(content)
    weeks = [_week([one[column] for column in COLUMNS]) for one in told["weeks"]]
    compared = told["compared"]
    if compared:
        days = {name: date.fromisoformat(compared[name]) for name in ("first", "last", "since_first", "since_last")}
        compared = Compared(**{**compared, **days})
    return Figures(datetime.fromisoformat(told["made_at"]), weeks, compared)


def _week(cells: list[Any]) -> Week:
    week, *counts, _share, days = cells
    return Week._make([date.fromisoformat(week), *counts, days])
