"""What the pages of demand reckon with: areas as anybody may know them, the offices with their capacity and wait, and
the stops that an office has planned.

Counted are whole weeks that are over: what one more day adds to a list says something about that day's people.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from appointments.demand.counting import monday_of
from appointments.demand.flows import Supply
from appointments.demand.privacy import FEW, Area, Shown, bands, rounded, shown
from appointments.demand.touring import Visit
from appointments.models import DemandCell, Ended, OfferFact, SupplyFact, WaitFact
from consulates.models import Consulate, Procedure, Session, SessionKind, SessionStatus
from consulates.selectors import HORIZON_DAYS, miles_between, offices

# From how far back an office's capacity is read.
FACTS_OF = timedelta(days=91)
TRAVELLING = SessionKind.travelling()

# An area is called after the town with most of its ZIP codes, and lies in the middle of them.
AREAS = """
WITH counted AS (
    SELECT zip3, sum(people)::int AS people, sum(looks)::int AS looks FROM appointments_demandcell
    WHERE week BETWEEN %(first)s AND %(last)s AND ended = ANY (%(ends)s)
      AND (%(procedure)s::bigint IS NULL OR procedure_id = %(procedure)s)
    GROUP BY zip3
), area AS (
    SELECT left(key, 3) AS zip3, mode() WITHIN GROUP (ORDER BY name) AS name,
           mode() WITHIN GROUP (ORDER BY state) AS state, avg(latitude) AS latitude, avg(longitude) AS longitude
    FROM consulates_place WHERE kind = 'zip' AND left(key, 3) IN (SELECT zip3 FROM counted) GROUP BY 1
)
SELECT zip3, name, state, latitude, longitude, people, looks FROM counted JOIN area USING (zip3) ORDER BY zip3
"""


@dataclass(frozen=True)
class Asked:
    """For which procedure (any, when None), and in the ``weeks`` before the week of ``now``."""

    procedure: Procedure | None
    weeks: int
    now: datetime

    @property
    def last(self) -> date:
        return monday_of(self.now.date()) - timedelta(weeks=1)

    @property
    def first(self) -> date:
        return self.last - timedelta(weeks=self.weeks - 1)

    @property
    def last_day(self) -> date:
        return self.last + timedelta(days=6)


def unmet(asked: Asked) -> Shown:
    """Where people live who found no seat. One query."""
    return shown(_areas(asked, Ended.unmet()))


def _areas(asked: Asked, ends: Sequence[Ended]) -> list[Area]:
    parameters: dict[str, Any] = {
        "first": asked.first,
        "last": asked.last,
        "ends": [str(one) for one in ends],
        "procedure": asked.procedure and asked.procedure.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(AREAS, parameters)
        return [Area((code,), *rest) for code, *rest in cursor.fetchall()]


def _cells(asked: Asked):
    cells = DemandCell.objects.filter(week__range=(asked.first, asked.last))
    return cells.filter(procedure=asked.procedure) if asked.procedure else cells


def how_it_ended(asked: Asked, ends: Sequence[Ended]) -> list[tuple[Ended, int | None]]:
    """How many people's looks ended in each of these ways; None where there are few."""
    rows = _cells(asked).filter(ended__in=ends).values_list("ended").annotate(Sum("looks"), Sum("people"))
    counted = {ended: (looks, people) for ended, looks, people in rows}
    found = bands((str(one), *counted.get(str(one), (0, 0))) for one in ends)
    return [(Ended(code), people) for code, people in found]


def far_shares(asked: Asked, areas: Iterable[Area]) -> dict[str, int]:
    """Of those of an area who got a seat, how many per cent travel more than 100 miles for it, in steps; by the area's
    code. Left out where few got one, or few of them travel.
    """
    looks, people, far_looks, far_people = (Counter[str]() for _count in range(4))
    rows = _cells(asked).filter(ended__in=Ended.seated()).values_list("zip3", "ended")
    for zip3, ended, number, seated in rows.annotate(Sum("looks"), Sum("people")):
        looks[zip3], people[zip3] = looks[zip3] + number, people[zip3] + seated
        if ended in (Ended.WITHIN_200, Ended.BEYOND):
            far_looks[zip3], far_people[zip3] = far_looks[zip3] + number, far_people[zip3] + seated
    return {
        area.code: rounded(round(100 * _of(far_people, area) / _of(people, area)))
        for area in areas
        if _of(looks, area) >= FEW and not 0 < _of(far_looks, area) < FEW
    }


def _of(counted: Counter[str], area: Area) -> int:
    return sum(counted[code] for code in area.codes)


def has_sample(asked: Asked) -> bool:
    return _cells(asked).filter(is_sample=True).exists()


def supplies(asked: Asked) -> list[Supply]:
    """The offices that work today, with what they offered at the office itself in a week, and the days to the soonest
    place when it was last looked at (nothing free: as far as a search looks ahead). Four queries.
    """
    weekly, waits = _weekly(asked), _waits(asked)
    return [
        Supply(
            office.code, office.name, float(office.latitude), float(office.longitude), weekly.get(office.pk, 0.0),
            waits.get(office.pk, 0.0), office.state,
        )
        for office in offices(on=asked.now.date())
    ]  # fmt: skip


def _weekly(asked: Asked) -> dict[int, float]:
    facts = OfferFact.objects.filter(procedure=asked.procedure) if asked.procedure else SupplyFact.objects.all()
    facts = facts.filter(day__gt=asked.now.date() - FACTS_OF).exclude(kind__in=TRAVELLING)
    rows = facts.values_list("consulate_id").annotate(Sum("offered"), Min("day"), Max("day")).order_by()
    return {office: 7 * offered / ((last - first).days + 1) for office, offered, first, last in rows}


def _waits(asked: Asked) -> dict[int, float]:
    """Over the procedures, as they were looked at on the last of the days."""
    facts = WaitFact.objects.filter(day__gt=asked.now.date() - FACTS_OF)
    if asked.procedure:
        facts = facts.filter(procedure=asked.procedure)
    latest = dict(facts.values_list("consulate_id").annotate(Max("day")).order_by())
    looked: dict[int, list[int]] = defaultdict(list)
    for office, day, days in facts.filter(day__in=set(latest.values())).values_list("consulate_id", "day", "days"):
        if day == latest[office]:
            looked[office].append(HORIZON_DAYS if days is None else days)
    return {office: sum(days) / len(days) for office, days in looked.items()}


def nearest(area: Area, places: Sequence[Supply]) -> tuple[Supply, float] | None:
    """The nearest office, with its miles; None without offices."""
    by_distance = [(miles_between(area.point, place.point), place.key, place) for place in places]
    if not by_distance:
        return None
    miles, _key, place = min(by_distance, key=lambda one: one[:2])
    return place, miles


def around(code: str, areas: Iterable[Area], places: Sequence[Supply]) -> list[Area]:
    """The areas to which that office is the nearest."""
    return [area for area in areas if (near := nearest(area, places)) and near[0].key == code]


def planned(office: Consulate, kind: str, *, first: date, last: date) -> list[Visit]:
    """The stops of that kind that the office has planned, drafts too, as its own sessions say: days in one place, less
    than a week apart, are one stop.
    """
    sessions = Session.objects.filter(consulate=office, kind=kind, date__range=(first, last)).exclude(
        status=SessionStatus.HELD
    )
    by_place: dict[tuple[str, str, str], list[Session]] = defaultdict(list)
    for session in sessions.annotate(times=Count("slots", filter=Q(slots__closed_at=None))).order_by("date", "id"):
        by_place[session.city, session.state, session.place_name].append(session)
    visits = [_visit(days) for days in by_place.values() for days in _runs(days)]
    return sorted(visits, key=lambda one: (one.first_day, one.name))


def _runs(sessions: Iterable[Session]) -> list[list[Session]]:
    runs: list[list[Session]] = []
    for session in sessions:
        if runs and session.date - runs[-1][-1].date < timedelta(days=7):
            runs[-1].append(session)
        else:
            runs.append([session])
    return runs


def _visit(days: Sequence[Session]) -> Visit:
    first = days[0]
    point = float(first.latitude), float(first.longitude)
    return Visit(first.date, days[-1].date, first.city, first.state, point, sum(_places(one) for one in days))


def _places(session: Session) -> int:
    """All its windows at all its times; of a draft, whose times do not stand yet, as many as its hours hold."""
    minutes = (session.ends_at - session.starts_at).total_seconds() / 60
    times = getattr(session, "times", 0) or int(minutes // session.slot_minutes)
    return session.windows * times
