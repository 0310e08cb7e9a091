"""What the dashboard shows, over the last days: at most twelve queries, each a count by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from antifraud.models import AuditDraw
from antifraud.oversight.numbers import Recall, Share, recall
from antifraud.oversight.plots import Plot, Series
from antifraud.redress.second_looks import agreement

WINDOWS = (30, 90)
# What counts as a carrier's network, and as a surname that very many people have.
COMMON = 0.01
MOST_OFFICES = 60

EVENTS = """
SELECT at::date, count(*) FILTER (WHERE kind = 'booked'), count(*) FILTER (WHERE kind = 'held'),
       count(*) FILTER (WHERE kind = 'cancelled')
FROM appointments_event WHERE at >= %(since)s GROUP BY 1
"""
# A hold made in the window that nobody confirmed or moved with: left to run out, or let go.
LEFT = """
SELECT h.at::date, count(*) FROM appointments_event h
WHERE h.kind = 'held' AND h.at >= %(since)s AND h.at < %(now)s - interval '1 hour'
  AND h.detail -> 'replaces' IN ('[]', 'null')
  AND NOT EXISTS (SELECT FROM appointments_event b WHERE b.kind = 'booked' AND b.at >= h.at
                  AND b.at < h.at + interval '1 day' AND b.account_id = h.account_id
                  AND b.detail ->> 'hold' = h.subject::text)
GROUP BY 1
"""
CASES = """
SELECT opened_at::date, count(*) FROM antifraud_case WHERE kind = 'broker' AND opened_at >= %(since)s GROUP BY 1
"""
BY_OFFICE = """
SELECT c.code, c.city, booked.n, coalesce(cases.n, 0), coalesce(cases.seats, 0)
FROM consulates_consulate c
JOIN (SELECT consulate_id, count(*) AS n FROM appointments_appointment WHERE created_at >= %(since)s GROUP BY 1) booked
     ON booked.consulate_id = c.id
LEFT JOIN (SELECT consulate_id, count(*) AS n, sum(seats) AS seats FROM antifraud_case
           WHERE opened_at >= %(since)s AND kind = 'broker' GROUP BY 1) cases ON cases.consulate_id = c.id
WHERE NOT c.is_practice ORDER BY 4 DESC, 3 DESC, 2 LIMIT 60
"""
BY_RULE = """
SELECT reason ->> 'code', count(DISTINCT c.id) FILTER (WHERE c.verdict = 'broker'), count(DISTINCT c.id)
FROM antifraud_case c, jsonb_array_elements(c.reasons) reason
WHERE c.closed_at >= %(since)s AND c.kind = 'broker' AND c.verdict IN ('broker', 'legitimate', 'validated')
  AND (reason ->> 'points')::float > 0
GROUP BY 1 ORDER BY 3 DESC, 1
"""
DECISIONS = """
SELECT count(*) FILTER (WHERE act IN ('cancel', 'block') AND done_at IS NOT NULL),
       count(*) FILTER (WHERE act IN ('cancel', 'block') AND overturned_at IS NOT NULL),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - c.opened_at)),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - c.opened_at))
FROM antifraud_decision d JOIN antifraud_case c ON c.id = d.case_id WHERE d.decided_at >= %(since)s
"""
# Places that went to another person minutes after they were given up, as cases counted them.
TRANSFERS = """
SELECT opened_at::date, sum((facts ->> 'transfers')::int + coalesce((facts ->> 'late_transfers')::int, 0))
FROM antifraud_case WHERE opened_at >= %(since)s AND kind = 'broker' AND facts ? 'transfers' GROUP BY 1
"""
# Per appointment of the window: whether it stood in a case that was found legitimate, and its subgroups. A network is a
# carrier's when the trace of its booking says so; without a trace it is unknown and counts in neither.
SUBGROUPS = """
WITH common AS (
    SELECT upper(surname_1) AS surname
    FROM appointments_attendee t JOIN appointments_appointment a ON a.id = t.appointment_id
    WHERE a.created_at >= %(since)s AND t.position = 1 AND surname_1 <> ''
    GROUP BY 1 HAVING count(*) > 0.01 * (SELECT count(*) FROM appointments_appointment WHERE created_at >= %(since)s)
), every AS (
    SELECT a.id, a.channel = 'phone' AS phone, t.curp_hash IS NOT NULL AS curp,
           upper(t.surname_1) IN (SELECT surname FROM common) AS common,
           CASE WHEN coalesce(seen.asn_kind, '') NOT IN ('', 'unknown') THEN seen.asn_kind = 'mobile' END AS carrier,
           EXISTS (SELECT FROM antifraud_caseappointment f JOIN antifraud_case c ON c.id = f.case_id
                   WHERE f.appointment_id = a.id AND c.kind = 'broker'
                     AND c.verdict IN ('legitimate', 'validated')) AS wronged
    FROM appointments_appointment a
    JOIN consulates_consulate o ON o.id = a.consulate_id AND NOT o.is_practice
    LEFT JOIN appointments_attendee t ON t.appointment_id = a.id AND t.position = 1
    LEFT JOIN LATERAL (SELECT asn_kind FROM appointments_trace s WHERE s.subject = a.party_id
                       ORDER BY s.at LIMIT 1) seen ON true
    WHERE a.created_at >= %(since)s
)
SELECT phone, curp, common, carrier, count(*), count(*) FILTER (WHERE wronged) FROM every GROUP BY 1, 2, 3, 4
"""
MISSED = """
SELECT count(*) FILTER (WHERE verdict = 'broker'), count(*) FILTER (WHERE verdict <> 'undecided')
FROM antifraud_case WHERE kind = 'audit' AND state = 'closed' AND id = ANY (%(cases)s)
"""
FOUND = """
SELECT count(DISTINCT f.appointment_id) FROM antifraud_caseappointment f JOIN antifraud_case c ON c.id = f.case_id
JOIN appointments_appointment a ON a.id = f.appointment_id
WHERE c.kind = 'broker' AND c.verdict = 'broker' AND date_trunc('month', a.created_at)::date = ANY (%(months)s)
"""


class Office(NamedTuple):
    code: str
    city: str
    bookings: int
    cases: int
    seats: int


class Rule(NamedTuple):
    code: str
    right: Share


@dataclass(frozen=True)
class Pair:
    """Two parts of all bookings, and in each the share that stood in a case in which nothing was wrong."""

    title: str
    one: str
    other: str
    ones: Share
    others: Share

    @property
    def tells(self) -> bool:
        return self.ones.hits + self.others.hits >= 20 and self.ones.of >= 20 and self.others.of >= 20

    @property
    def ratio(self) -> float | None:
        """How many times as often the first part is wrongly suspected; None with too few to tell."""
        return self.ones.value / self.others.value if self.tells and self.others.hits else None


@dataclass(frozen=True)
class Dashboard:
    days: int
    plots: list[Plot]
    offices: list[Office]
    rules: list[Rule]
    acts: Share
    half_hours: float | None
    late_hours: float | None
    agreed: Any
    pairs: list[Pair]
    missed: Share
    recall: Recall | None


def dashboard(*, days: int, now: datetime) -> Dashboard:
    since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"since": since, "now": now}
    done, overturned, half, late = _ask(DECISIONS, values)[0]
    missed, found = _recall(since)
    return Dashboard(
        days=days,
        plots=_plots(values, [since.date() + timedelta(days=day) for day in range(days)]),
        offices=[Office(*row) for row in _ask(BY_OFFICE, values)],
        rules=[Rule(code, Share(hits, of)) for code, hits, of in _ask(BY_RULE, values)],
        acts=Share(overturned, done),
        half_hours=_hours(half),
        late_hours=_hours(late),
        agreed=agreement(since=since),
        pairs=_pairs(values),
        missed=missed,
        recall=found,
    )


def _ask(sql: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _hours(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / 3600, 1)


def _plots(values: dict[str, Any], days: Sequence[date]) -> list[Plot]:
    events = {day: rest for day, *rest in _ask(EVENTS, values)}
    left, cases, traded = (dict(_ask(sql, values)) for sql in (LEFT, CASES, TRANSFERS))
    labels = [f"{day.day}/{day.month}" for day in days]

    def counted(place: int) -> list[int]:
        return [events[day][place] if day in events else 0 for day in days]

    return [
        Plot(_("Bookings and holds each day"), labels, [
            Series(_("Bookings"), counted(0)), Series(_("Holds"), counted(1)),
            Series(_("Holds left"), [left.get(day, 0) for day in days]),
            Series(_("Cancelled appointments"), counted(2)),
        ]),
        Plot(_("Cases opened each day, and places traded in them"), labels, [
            Series(_("Cases"), [cases.get(day, 0) for day in days]),
            Series(_("Traded places"), [int(traded.get(day, 0)) for day in days]),
        ]),
    ]  # fmt: skip


def _pairs(values: dict[str, Any]) -> list[Pair]:
    rows = _ask(SUBGROUPS, values)
    words = [
        (3, _("Network"), _("carrier network"), _("other networks")),
        (1, _("CURP"), _("with CURP"), _("without CURP")),
        (0, _("How they booked"), _("by phone"), _("on the web or at the window")),
        (2, _("Surname"), _("common surname"), _("other surnames")),
    ]
    return [Pair(title, one, other, _part(rows, at, True), _part(rows, at, False)) for at, title, one, other in words]


def _part(rows: Sequence[tuple], place: int, wanted: bool) -> Share:
    mine = [row for row in rows if row[place] is wanted]
    return Share(sum(row[5] for row in mine), sum(row[4] for row in mine))


def _recall(since: datetime) -> tuple[Share, Recall | None]:
    """Of the samples drawn in the window, over the months of which they were drawn."""
    draws = list(AuditDraw.objects.filter(drawn_at__gte=since))
    if not draws:
        return Share(0, 0), None
    [(missed, looked_at)] = _ask(MISSED, {"cases": [pk for one in draws for pk in one.case_ids]})
    [(found,)] = _ask(FOUND, {"months": [one.month for one in draws]})
    share = Share(missed, looked_at)
    return share, recall(found, share, sum(one.population for one in draws))
