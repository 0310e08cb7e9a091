"""Sessions as a table: each line a draft, with the names of columns that sessions_sample.csv has."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consulates.calendars import (
    AmbiguousLocalTime,
    CalendarError,
    Hours,
    NonexistentLocalTime,
    NoRoomForASlot,
    plan_slots,
)
from consulates.models import Consulate, Place, PlaceKind, Procedure, Session, SessionKind
from consulates.places import STATES, fold
from consulates.sample import VENUES
from consulates.services import SessionPlan, Venue

from .checks import Check, Wrong, clock, day, look_at_columns, needed, whole_number
from .reader import Row, Unreadable, read

NEEDED = (
    "office_code",
    "kind",
    "date",
    "start",
    "end",
    "time_zone",
    "city",
    "state",
    "windows",
    "slot_minutes",
    "services",
)
USED = (*NEEDED, "place_name", "street_address", "postal_code", "latitude", "longitude", "capacity_factor", "sample")
# Of our own export and of the sample: read over, because a draft has none of it yet.
READ_OVER = ("session_id", "venue_type", "capacity", "booking_opens_at", "appointment_policy", "basis", "status")
EXPORTED = (
    *NEEDED,
    "place_name",
    "street_address",
    "postal_code",
    "latitude",
    "longitude",
    "capacity_factor",
    "status",
)


@dataclass(frozen=True)
class Known:
    """What rows may name: offices by code (those that this person may import for), procedures and towns."""

    offices: Mapping[str, Consulate]
    others: frozenset[str]  # codes of offices that exist and are not this person's
    procedures: Mapping[str, Procedure]
    not_booked: frozenset[str]  # codes of procedures that need no appointment here; rows may name them


def known_to(offices: Iterable[Consulate]) -> Known:
    mine = {office.code: office for office in offices}
    others = frozenset(Consulate.objects.exclude(code__in=mine).values_list("code", flat=True))
    every = {each.code: each for each in Procedure.objects.all()}
    booked = {code: each for code, each in every.items() if each.is_bookable}
    return Known(mine, others, booked, frozenset(every.keys() - booked.keys()))


def check_sessions(content: bytes, known: Known, *, today: date) -> Check:
    """What the file would make as drafts. Nothing is written; about five queries, however long the file."""
    check = Check()
    try:
        columns, rows = read(content)
        look_at_columns(columns, needed=NEEDED, known=(*USED, *READ_OVER))
        read_rows = list(rows)
    except Unreadable as error:
        check.refuse(None, error.sentence)
        return check
    check.rows = len(read_rows)
    if not read_rows:
        check.refuse(None, _("The file has a first line with names and nothing below it."))
    towns = _towns(read_rows)
    for row in read_rows:
        try:
            check.made.append((row.line, _plan(row, known, towns)))
        except Wrong as error:
            check.refuse(row.line, str(error))
    _refuse_overlaps(check)
    check.problems.sort(key=lambda problem: problem.line or 0)
    _note(check, read_rows, known, today=today)
    return check


def _note(check: Check, rows: Iterable[Row], known: Known, *, today: date) -> None:
    """What is fine and still worth a look."""
    past = sum(plan.day < today for _line, plan in check.made)
    if past:
        sentence = ngettext("%(count)s session lies in the past.", "%(count)s sessions lie in the past.", past)
        check.notes.append(sentence % {"count": past})
    left_out = sorted({code for row in rows if row["services"] for code in _codes(row)} & known.not_booked)
    if left_out:
        sentence = _("These procedures are not booked here and are left out: %(codes)s.")
        check.notes.append(sentence % {"codes": ", ".join(left_out)})


def _plan(row: Row, known: Known, towns: dict[tuple[str, str], Place]) -> SessionPlan:
    office = _office(row, known)
    kind = _kind(row)
    on = day(row, "date")
    _fits_the_day(kind, on)
    plan = SessionPlan(
        consulate=office,
        kind=kind,
        day=on,
        opens=clock(row, "start"),
        closes=clock(row, "end"),
        windows=whole_number(row, "windows", 1, 200),
        slot_minutes=whole_number(row, "slot_minutes", 5, 240),
        procedures=_procedures(row, known),
        venue=_venue(row, office, kind, towns),
        capacity_factor=_factor(row),
        is_sample=row["sample"].casefold() in ("true", "1", "verdadero"),
    )
    _has_slots(plan)
    return plan


def _office(row: Row, known: Known) -> Consulate:
    code = needed(row, "office_code")
    if code in known.offices:
        return known.offices[code]
    if code in known.others:
        raise Wrong(_("You may not import sessions for the office “%(code)s”.") % {"code": code})
    raise Wrong(_("There is no office with the code “%(code)s”.") % {"code": code[:40]})


def _kind(row: Row) -> SessionKind:
    text = needed(row, "kind")
    if text not in SessionKind.values:
        sentence = _("“kind” must be one of %(kinds)s, not “%(text)s”.")
        raise Wrong(sentence % {"kinds": ", ".join(SessionKind.values), "text": text[:40]})
    return SessionKind(text)


def _fits_the_day(kind: SessionKind, on: date) -> None:
    weekday = on.isoweekday()
    days = {SessionKind.WEEKDAY: weekday <= 5, SessionKind.SATURDAY: weekday == 6, SessionKind.SUNDAY: weekday == 7}
    if not days.get(kind, True):
        raise Wrong(_("%(day)s does not fit the kind “%(kind)s”.") % {"day": on.isoformat(), "kind": kind.value})


def _procedures(row: Row, known: Known) -> list[Procedure]:
    codes = _codes(row)
    unknown = [code for code in codes if code not in known.procedures and code not in known.not_booked]
    if unknown:
        sentence = _("“services” names procedures that do not exist: %(codes)s.")
        raise Wrong(sentence % {"codes": ", ".join(unknown)[:120]})
    booked = [known.procedures[code] for code in codes if code in known.procedures]
    if not booked:
        raise Wrong(_("“services” names no procedure that is booked here."))
    return booked


def _codes(row: Row) -> list[str]:
    codes = (code.strip() for code in re.split(r"[;|]", needed(row, "services")))
    return list(dict.fromkeys(code for code in codes if code))


def _factor(row: Row) -> Decimal:
    if not row["capacity_factor"]:
        return Decimal(1)
    try:
        factor = Decimal(row["capacity_factor"])
    except InvalidOperation:
        factor = Decimal(-1)
    if not factor.is_finite() or not 0 <= factor <= 1:
        raise Wrong(_("“capacity_factor” must lie between 0 and 1, for example 0.9."))
    return factor.quantize(Decimal("0.01"))


def _venue(row: Row, office: Consulate, kind: SessionKind, towns: dict[tuple[str, str], Place]) -> Venue:
    zone_name, city, state = needed(row, "time_zone"), needed(row, "city"), needed(row, "state").upper()
    if zone_name not in available_timezones() or "/" not in zone_name:
        sentence = _("“%(text)s” is not a time zone. Write its name, for example America/Chicago.")
        raise Wrong(sentence % {"text": zone_name[:40]})
    if state not in STATES:
        raise Wrong(_("“%(text)s” is not the code of a state, such as TX.") % {"text": state[:40]})
    name = row["place_name"] or (VENUES.get(row["venue_type"], "") if kind in SessionKind.travelling() else "")
    if kind not in SessionKind.travelling():
        return _own_door(office, zone_name, city, name)
    if not name:
        raise Wrong(_("A session in another town needs the name of its venue (“place_name”)."))
    latitude, longitude = _point(row, city, state, towns)
    return Venue(
        city=_short(city, 80),
        state=state,
        latitude=latitude,
        longitude=longitude,
        time_zone=zone_name,
        name=_short(name, 120),
        street_address=_short(row["street_address"], 160),
        postal_code=_short(row["postal_code"], 10),
    )


def _own_door(office: Consulate, zone_name: str, city: str, name: str) -> Venue:
    if name or fold(city) != fold(office.city):
        raise Wrong(_("A session of this kind is held at the office itself, in %(city)s.") % {"city": office.city})
    if zone_name != office.time_zone:
        sentence = _("The office in %(city)s keeps the zone %(right)s, not %(wrong)s.")
        raise Wrong(sentence % {"city": office.city, "right": office.time_zone, "wrong": zone_name})
    return Venue.of_office(office)


def _short(text: str, most: int) -> str:
    if len(text) > most:
        raise Wrong(_("“%(text)s…” is too long: %(most)s characters at most.") % {"text": text[:20], "most": most})
    return text


def _point(row: Row, city: str, state: str, towns: dict[tuple[str, str], Place]) -> tuple[Decimal, Decimal]:
    if row["latitude"] or row["longitude"]:
        try:
            latitude, longitude = Decimal(row["latitude"]), Decimal(row["longitude"])
            if -90 <= latitude <= 90 and -180 <= longitude <= 180:
                return latitude.quantize(Decimal("0.00001")), longitude.quantize(Decimal("0.00001"))
        except InvalidOperation:
            pass
        raise Wrong(_("“latitude” and “longitude” must be degrees, such as 39.5296 and -119.8138."))
    town = towns.get((fold(city), state))
    if town is None:
        sentence = _("We do not know %(city)s, %(state)s. Write its latitude and longitude.")
        raise Wrong(sentence % {"city": city[:40], "state": state})
    return Decimal(f"{town.latitude:.5f}"), Decimal(f"{town.longitude:.5f}")


def _towns(rows: Iterable[Row]) -> dict[tuple[str, str], Place]:
    keys = {fold(row["city"]) for row in rows}
    found = Place.objects.filter(kind=PlaceKind.TOWN, key__in=keys)
    return {(place.key, place.state): place for place in found}


def _has_slots(plan: SessionPlan) -> None:
    hours = _hours(plan)
    words = {"opens": f"{plan.opens:%H:%M}", "closes": f"{plan.closes:%H:%M}", "day": plan.day.isoformat()}
    if plan.closes <= plan.opens:
        raise Wrong(_("It closes at %(closes)s, which is not after %(opens)s.") % words)
    try:
        plan_slots(hours, windows=plan.windows, slot_minutes=plan.slot_minutes, factor=plan.capacity_factor)
    except NonexistentLocalTime as error:
        sentence = _("On %(day)s the clocks of %(zone)s skip an hour: %(opens)s or %(closes)s does not exist there.")
        raise Wrong(sentence % {**words, "zone": hours.zone_name}) from error
    except AmbiguousLocalTime as error:
        sentence = _("On %(day)s the clocks of %(zone)s repeat an hour: %(opens)s or %(closes)s happens twice.")
        raise Wrong(sentence % {**words, "zone": hours.zone_name}) from error
    except NoRoomForASlot as error:
        sentence = _("From %(opens)s to %(closes)s there is no room for one slot of %(minutes)s minutes.")
        raise Wrong(sentence % {**words, "minutes": plan.slot_minutes}) from error
    except CalendarError as error:
        raise Wrong(str(error)) from error


def _hours(plan: SessionPlan) -> Hours:
    venue = plan.venue or Venue.of_office(plan.consulate)
    return Hours(plan.day, plan.opens, plan.closes, venue.time_zone)


Key = tuple[int, str, str]
Span = tuple[datetime, datetime]


def _refuse_overlaps(check: Check) -> None:
    """Two sessions of an office in one place at one time, within the file or with those that stand already."""
    lines: dict[Key, list[tuple[datetime, datetime, int | None]]] = {}
    for line, plan in check.made:
        venue = plan.venue or Venue.of_office(plan.consulate)
        lines.setdefault((plan.consulate.id, venue.city, venue.name), []).append((*_hours(plan).in_utc(), line))
    for key, start, end in _standing(check):
        if key in lines:
            lines[key].append((start, end, None))
    for spans in lines.values():
        latest: tuple[datetime, int | None] | None = None
        for start, end, at in sorted(spans, key=lambda span: (span[0], span[2] or 0)):
            if latest and start < latest[0]:
                _refuse_pair(check, at, latest[1])
            if latest is None or end > latest[0]:
                latest = (end, at)


def _refuse_pair(check: Check, one: int | None, other: int | None) -> None:
    if one is None and other is None:
        return
    if one is None or other is None:
        check.refuse(one or other, _("The office already has a session there at that time."))
    else:
        check.refuse(max(one, other), _("It overlaps with line %(line)s.") % {"line": min(one, other)})


def _standing(check: Check) -> Iterator[tuple[Key, datetime, datetime]]:
    days = [plan.day for _line, plan in check.made]
    if not days:
        return
    offices = {plan.consulate.id for _line, plan in check.made}
    sessions = Session.objects.filter(consulate__in=offices, date__range=(min(days), max(days))).order_by()
    columns = ("consulate_id", "city", "place_name", "starts_at", "ends_at")
    for office, city, name, start, end in sessions.values_list(*columns).iterator():
        yield (office, city, name), start, end


def exported(sessions: Iterable[Session]) -> Iterator[list[Any]]:
    """One line a session, in the columns of EXPORTED; what was exported can be imported again."""
    for session in sessions:
        yield [
            session.consulate.code,
            session.kind,
            session.date,
            session.opens_local,
            session.closes_local,
            session.time_zone,
            session.city,
            session.state,
            session.windows,
            session.slot_minutes,
            ";".join(procedure.code for procedure in session.procedures.all()),
            session.place_name,
            session.street_address,
            session.postal_code,
            session.latitude,
            session.longitude,
            session.capacity_factor,
            session.status,
        ]


def summary(plan: SessionPlan) -> dict[str, Any]:
    """A line of the table that the check shows."""
    venue = plan.venue or Venue.of_office(plan.consulate)
    slots = plan_slots(_hours(plan), windows=plan.windows, slot_minutes=plan.slot_minutes, factor=plan.capacity_factor)
    return {
        "office": plan.consulate.code,
        "kind": plan.kind.label,
        "day": plan.day,
        "opens": plan.opens,
        "closes": plan.closes,
        "place": ", ".join(part for part in (venue.name, venue.city, venue.state) if part),
        "zone": venue.time_zone,
        "seats": sum(slot.offered for slot in slots),
    }
