"""A rolling month of plausible sessions, clearly marked as sample. Nothing here is taken or booked by anyone.

The office and the date alone decide everything, never the moment of the run: running it again adds only
the days that are missing. Office sizes, host cities, venues and their zones come from sessions_sample.csv.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property

from django.db import connection, transaction

from .calendars import to_utc, zone
from .models import Consulate, Place, PlaceKind, Procedure, Session, SessionKind
from .places import fold
from .planning.holidays import is_federal
from .reference import rows_of
from .services import Published, SessionPlan, Venue, plan_sessions, publish_sessions

DAYS = 35
VENUES = {
    "business_center": "Centro de negocios",
    "church": "Salón parroquial",
    "community_center": "Centro comunitario",
    "community_federation_hall": "Salón de la federación",
    "event_hall": "Salón de eventos",
    "fairground": "Recinto ferial",
    "library": "Biblioteca pública",
    "school": "Escuela",
}
OFFICE_HOURS = (time(8), time(15, 30))
WEEKEND_HOURS = (time(9), time(14))
TRAVEL_HOURS = (time(9), time(15))
RELEASE_HOUR = time(10)
WEDNESDAY = 2
# One number keeps two runs at once from planning the same day twice.
LOCK = 7_202_106


def fill(*, now: datetime, days: int = DAYS) -> Published:
    """Publish what is missing of the next ``days`` days, in one transaction; returns what was added."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '120s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        sample = _Sample()
        taken = set(
            Session.objects.filter(date__gte=(now - timedelta(days=2)).date()).values_list(
                "consulate_id", "date", "city", "place_name"
            )
        )
        plans = [plan for plan in sample.plans(now=now, days=days) if _key(plan) not in taken]
        sessions = plan_sessions(plans)
        return publish_sessions([session.id for session in sessions], opening=opens_at, now=now)


def opens_at(session: Session, number: int) -> datetime:
    """Slots open on a Wednesday at ten, local time: three weeks before a stop, two before an office day.

    Every third slot of an office day opens a week later than the others: there is always an opening to come.
    """
    weeks = 3 if session.is_travelling else 2
    if not session.is_travelling and number % 3 == 2:
        weeks = 1
    monday = session.date - timedelta(days=session.date.weekday())
    return to_utc(monday + timedelta(days=WEDNESDAY, weeks=-weeks), RELEASE_HOUR, session.time_zone)


def is_holiday(day: date) -> bool:
    """Days on which the offices of the sample rest: the federal ones of both countries."""
    return is_federal(day)


def _key(plan: SessionPlan) -> tuple[int, date, str, str]:
    venue = plan.venue or Venue.of_office(plan.consulate)
    return plan.consulate.id, plan.day, venue.city, venue.name


def _chance(*parts: object) -> float:
    """A number in [0, 1) that is the same for the same parts on every machine."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


@dataclass(frozen=True)
class _Stop:
    """A host city and the days of the week on which its team works there."""

    office: str
    kind: SessionKind
    venue: Venue
    windows: int
    weekdays: frozenset[int]
    # Every how many weeks the team comes, and in which of them.
    every: int
    turn: int


class _Sample:
    def __init__(self) -> None:
        self.offices = {office.code: office for office in Consulate.objects.real()}
        procedures = {procedure.code: procedure for procedure in Procedure.objects.bookable()}
        self.everything = list(procedures.values())
        travelling = ("passport", "consular-id", "ine-voter-card")
        self.documents = [procedure for procedure in self.everything if procedure.group in travelling]
        self.rows = rows_of("sessions_sample.csv")
        self.windows = {
            row["office_code"]: int(row["windows"]) for row in self.rows if row["kind"] == SessionKind.WEEKDAY
        }
        self.sundays = {row["office_code"] for row in self.rows if row["kind"] == SessionKind.SUNDAY}

    def plans(self, *, now: datetime, days: int) -> Iterator[SessionPlan]:
        for office in self.offices.values():
            today = now.astimezone(zone(office.time_zone)).date()
            for offset in range(days):
                yield from self._office_day(office, date.fromordinal(today.toordinal() + offset))
        for stop in self.stops:
            today = now.astimezone(zone(stop.venue.time_zone)).date()
            for offset in range(days):
                yield from self._stop_day(stop, date.fromordinal(today.toordinal() + offset))

    def _office_day(self, office: Consulate, day: date) -> Iterator[SessionPlan]:
        if is_holiday(day) or office.code not in self.windows:
            return
        windows = self.windows[office.code]
        weekend = max(2, windows * 3 // 5)
        if day.weekday() < 5:
            yield self._plan(office, SessionKind.WEEKDAY, day, OFFICE_HOURS, windows, self.everything)
        elif day.weekday() == 5:
            yield self._plan(office, SessionKind.SATURDAY, day, WEEKEND_HOURS, weekend, self.documents)
        elif office.code in self.sundays or _chance(office.code, day, "sunday") < 0.2:
            yield self._plan(office, SessionKind.SUNDAY, day, WEEKEND_HOURS, weekend, self.documents)

    def _stop_day(self, stop: _Stop, day: date) -> Iterator[SessionPlan]:
        comes = day.isocalendar().week % stop.every == stop.turn
        if not comes or day.weekday() not in stop.weekdays or is_holiday(day):
            return
        office = self.offices[stop.office]
        yield self._plan(office, stop.kind, day, TRAVEL_HOURS, stop.windows, self.documents, stop.venue)

    def _plan(self, office, kind, day, hours, windows, procedures, venue=None) -> SessionPlan:
        opens, closes = hours
        return SessionPlan(
            consulate=office,
            kind=kind,
            day=day,
            opens=opens,
            closes=closes,
            windows=windows,
            slot_minutes=30,
            procedures=procedures,
            venue=venue or Venue.of_office(office),
            capacity_factor=_factor(office.code, day),
            # An assumption like the windows: on weekdays one seat in some seventy is for emergencies.
            emergency_seats=max(1, windows // 5) if kind == SessionKind.WEEKDAY else 0,
            is_sample=True,
        )

    @cached_property
    def stops(self) -> list[_Stop]:
        """The host cities of the sample file, each with its zone, venue and working days."""
        found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
        for row in self.rows:
            if row["kind"] in SessionKind.travelling():
                found.setdefault((row["office_code"], row["kind"], row["city"]), []).append(row)
        towns = {
            (place.key, place.state): place
            for place in Place.objects.filter(
                kind=PlaceKind.TOWN, key__in=[fold(city) for _office, _kind, city in found]
            )
        }
        return [self._stop(rows, towns, number) for number, rows in enumerate(found.values())]

    def _stop(self, rows: list[dict[str, str]], towns: dict, number: int) -> _Stop:
        row = rows[0]
        town = towns[fold(row["city"]), row["state"]]
        kind = SessionKind(row["kind"])
        every = 2 if kind == SessionKind.ON_WHEELS else 3
        return _Stop(
            office=row["office_code"],
            kind=kind,
            venue=Venue(
                city=row["city"],
                state=row["state"],
                latitude=Decimal(str(town.latitude)),
                longitude=Decimal(str(town.longitude)),
                time_zone=row["time_zone"],
                name=VENUES[row["venue_type"]],
            ),
            windows=int(row["windows"]),
            weekdays=frozenset(date.fromisoformat(each["date"]).weekday() for each in rows),
            every=every,
            turn=number % every,
        )


def _factor(code: str, day: date) -> Decimal:
    """Nine tenths as in June 2021; a third of the offices lack staff; at times one has no supplies."""
    if _chance(code, day, "supplies") < 0.04:
        return Decimal(0)
    if _chance(code, "short") < 0.33:
        return Decimal("0.05") if _chance(code, day, "short") < 0.5 else Decimal("0.45")
    return Decimal("0.90")
