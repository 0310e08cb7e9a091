"""Tours are planned stop by stop, as drafts, and published in one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from consulates.calendars import Hours, plan_slots, to_utc
from consulates.models import (
    Consulate,
    Procedure,
    Session,
    SessionKind,
    SessionStatus,
    Stop,
    StopSession,
    Tour,
    TourKind,
)
from consulates.openings import TOUR_WEEKS, wednesday_before
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

from .drafts import discard_drafts
from .sessions import Published, SessionPlan, SupplyError, Venue, plan_sessions, publish_sessions

LONGEST_STOP_DAYS = 14


class TourNameTaken(SupplyError):
    code = "tour_name_taken"


class TeamElsewhere(SupplyError):
    """The team is at another stop at that time."""

    code = "team_elsewhere"


class StopTooLong(SupplyError):
    code = "stop_too_long"


class StopPublished(SupplyError):
    """A day of the stop can be booked: it is changed as a published session is, or closed."""

    code = "stop_published"


class NothingToPublish(SupplyError):
    code = "nothing_to_publish"


class OpensTooLate(SupplyError):
    """The chosen moment lies after a stop has begun."""

    code = "opens_too_late"


@dataclass(frozen=True)
class StopPlan:
    """One venue, the same wall time on every day from ``first_day`` to ``last_day``."""

    first_day: date
    last_day: date
    opens: time
    closes: time
    venue: Venue
    windows: int
    slot_minutes: int
    procedures: Sequence[Procedure]

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=number) for number in range((self.last_day - self.first_day).days + 1)]


@dataclass(frozen=True)
class LocalMoment:
    """A day and an hour on the clocks of each stop."""

    day: date
    hour: time


@dataclass(frozen=True)
class StopPreview:
    """What publishing the stop now would make."""

    stop: Stop
    sessions: int
    slots: int
    seats: int
    opens_at: datetime


def save_tour(
    *,
    consulate: Consulate,
    kind: TourKind,
    name: str,
    team: str,
    vehicle: str,
    kit: str,
    by: User,
    now: datetime,
    tour: Tour | None = None,
) -> Tour:
    """Make a tour, or change ``tour`` (its kind stays once it has stops).

    Raises TourNameTaken, or TeamElsewhere when the new team is at another stop already.
    """
    values = {"kind": kind, "name": name, "team": team, "vehicle": vehicle, "kit": kit}
    errors = {
        "consulates_tour_name_once_in_an_office": TourNameTaken,
        "consulates_stop_team_in_one_place": TeamElsewhere,
    }
    with named_violations(errors):
        if tour is None:
            tour = Tour.objects.create(consulate=consulate, created_at=now, created_by=by, **values)
            action = "tour.create"
        else:
            tour = _in_turn(tour)
            if tour.stops.exists():
                values.pop("kind")
            for field, value in values.items():
                setattr(tour, field, value)
            tour.save(update_fields=[*values])  # the stops' team follows by its foreign key
            action = "tour.edit"
        record(actor=by, action=action, target=tour, now=now, office_id=consulate.id)
    return tour


def save_stop(*, tour: Tour, plan: StopPlan, by: User, now: datetime, stop: Stop | None = None) -> Stop:
    """Make a stop with one draft session a day, or make ``stop`` and its drafts anew, all or nothing.

    Raises StopTooLong, CalendarError, TeamElsewhere, SessionOverlaps or StopPublished.
    """
    if len(plan.days) > LONGEST_STOP_DAYS:
        raise StopTooLong
    first, last = (Hours(day, plan.opens, plan.closes, plan.venue.time_zone) for day in (plan.first_day, plan.last_day))
    with named_violations({"consulates_stop_team_in_one_place": TeamElsewhere}):
        tour = _in_turn(tour)
        stop = Stop(tour=tour) if stop is None else tour.stops.get(pk=stop.pk)
        if stop.pk:
            _discard(stop)
        for name, value in {
            "consulate_id": tour.consulate_id,
            "team": tour.team,
            "first_day": plan.first_day,
            "last_day": plan.last_day,
            "opens_local": plan.opens,
            "closes_local": plan.closes,
            "time_zone": plan.venue.time_zone,
            "starts_at": first.in_utc()[0],
            "ends_at": last.in_utc()[1],
            "place_name": plan.venue.name,
            "street_address": plan.venue.street_address,
            "postal_code": plan.venue.postal_code,
            "city": plan.venue.city,
            "state": plan.venue.state,
            "latitude": plan.venue.latitude,
            "longitude": plan.venue.longitude,
            "windows": plan.windows,
            "slot_minutes": plan.slot_minutes,
        }.items():
            setattr(stop, name, value)
        stop.save()
        stop.procedures.set(plan.procedures)
        sessions = plan_sessions([_session_plan(tour, plan, day) for day in plan.days])
        StopSession.objects.bulk_create([StopSession(stop=stop, session=session) for session in sessions])
        detail = {"stop": stop.pk, "sessions": [session.id for session in sessions]}
        record(actor=by, action="tour.stop", target=tour, now=now, office_id=tour.consulate_id, detail=detail)
    return stop


def _in_turn(tour: Tour) -> Tour:
    """One change of a tour at a time, and of an office's stops: two that clash would each wait for the other in the
    exclusion constraint, and one be told of a deadlock, not of the team. The tour first, as when it is published.
    """
    tour = Tour.objects.select_for_update().get(pk=tour.pk)
    Consulate.objects.select_for_update(no_key=True).get(pk=tour.consulate_id)
    return tour


def remove_stop(*, stop: Stop, by: User, now: datetime) -> None:
    """Take a stop and its drafts back. Raises StopPublished."""
    with transaction.atomic():
        tour = Tour.objects.select_for_update().get(pk=stop.tour_id)
        gone = _discard(stop)
        detail = {"stop": stop.pk, "sessions": gone}
        stop.delete()
        record(actor=by, action="tour.stop_removed", target=tour, now=now, office_id=tour.consulate_id, detail=detail)


def preview_tour(tour: Tour, *, opening: LocalMoment | None = None, now: datetime) -> list[StopPreview]:
    """What ``publish_tour`` would make, stop by stop. Raises CalendarError for an hour that does not exist."""
    found = []
    for stop in tour.stops.prefetch_related("sessions"):
        drafts = [session for session in stop.sessions.all() if _is_publishable(session, now)]
        planned = [slot for session in drafts for slot in _slots_of(session)]
        if drafts:
            seats = sum(slot.offered for slot in planned)
            found.append(StopPreview(stop, len(drafts), len(planned), seats, opens_at(stop, opening, now=now)))
    return found


def opens_at(stop: Stop, opening: LocalMoment | None, *, now: datetime) -> datetime:
    """The chosen moment on the stop's own clocks, or the Wednesday three weeks before; at once if that has gone by."""
    if opening is None:
        return max(now, wednesday_before(stop.first_day, stop.time_zone, weeks=TOUR_WEEKS))
    return max(now, to_utc(opening.day, opening.hour, stop.time_zone))


def publish_tour(*, tour: Tour, by: User, now: datetime, opening: LocalMoment | None = None) -> Published:
    """Publish every draft day of the tour that is still to come, in one act.

    Raises NothingToPublish, OpensTooLate, CalendarError or NotDraft.
    """
    with transaction.atomic():
        tour = Tour.objects.select_for_update().get(pk=tour.pk)
        moments: dict[int, datetime] = {}
        for stop in tour.stops.prefetch_related("sessions"):
            moment = opens_at(stop, opening, now=now)
            drafts = [session for session in stop.sessions.all() if _is_publishable(session, now)]
            if any(moment >= session.starts_at for session in drafts):
                raise OpensTooLate
            moments |= {session.id: moment for session in drafts}
        if not moments:
            raise NothingToPublish
        published = publish_sessions(moments, opening=lambda session, _number: moments[session.id], now=now, by=by)
        detail = {"sessions": sorted(moments), "seats": published.seats}
        record(actor=by, action="tour.publish", target=tour, now=now, office_id=tour.consulate_id, detail=detail)
    return published


def _is_publishable(session: Session, now: datetime) -> bool:
    return session.status == SessionStatus.DRAFT and session.starts_at > now


def _slots_of(session: Session):
    return plan_slots(
        session.hours, windows=session.windows, slot_minutes=session.slot_minutes, factor=session.capacity_factor
    )


def _discard(stop: Stop) -> list[int]:
    """The ids of the drafts that are gone."""
    sessions = dict(stop.sessions.select_for_update().order_by("id").values_list("id", "status"))
    if any(status != SessionStatus.DRAFT for status in sessions.values()):
        raise StopPublished
    discard_drafts(sessions)
    return sorted(sessions)


def _session_plan(tour: Tour, plan: StopPlan, day: date) -> SessionPlan:
    return SessionPlan(
        consulate=tour.consulate,
        kind=SessionKind(tour.kind),
        day=day,
        opens=plan.opens,
        closes=plan.closes,
        windows=plan.windows,
        slot_minutes=plan.slot_minutes,
        procedures=plan.procedures,
        venue=plan.venue,
        capacity_factor=Decimal(1),
    )
