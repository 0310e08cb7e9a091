"""Pure: what a proposal would do, in numbers, before anything is saved.

The planner sees a ``World`` (what stands, which days are holidays, which capacity is in force) and never asks for
more. ``seal`` turns what was shown into one word; the act of saving makes the preview anew and refuses when the words
differ, so that nobody saves something else than they saw.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.crypto import salted_hmac

from consulates.calendars import CalendarError, Hours, plan_slots
from consulates.models import PlanAct
from consulates.services.sessions import SessionPlan, Venue

from .factors import Span, lowest
from .holidays import Holiday
from .shapes import shape_of


@dataclass(frozen=True)
class Existing:
    """A session that stands. ``taken`` seats are held or booked by somebody, which only a published one has."""

    id: int
    status: str
    day: date
    starts_at: datetime
    ends_at: datetime
    city: str
    place_name: str
    seats: int
    taken: int = 0
    shape: str = ""


@dataclass(frozen=True)
class World:
    """``closed`` says what was decided about holidays; a day of ``holidays`` that it lacks is undecided."""

    existing: Sequence[Existing] = ()
    holidays: Sequence[Holiday] = ()
    closed: Mapping[date, bool] = field(default_factory=dict)
    spans: Sequence[Span] = ()


@dataclass(frozen=True)
class Proposal:
    """``plans`` take the place of the sessions ``removes``; the options leave out what would clash."""

    act: PlanAct
    plans: Sequence[SessionPlan] = ()
    removes: Sequence[int] = ()
    skip_holidays: bool = False
    skip_overlaps: bool = False


@dataclass(frozen=True)
class Clash:
    plan: SessionPlan
    holiday: Holiday
    is_decided: bool


@dataclass(frozen=True)
class Overlap:
    """``other`` is None when two of the proposal's own plans overlap."""

    plan: SessionPlan
    other: Existing | None


@dataclass(frozen=True)
class Refusal:
    plan: SessionPlan
    code: str


@dataclass
class Preview:
    """``accepted`` would be saved; ``seats`` are theirs, of which ``offered`` are given under the factors in force."""

    accepted: list[SessionPlan] = field(default_factory=list)
    seats: int = 0
    offered: int = 0
    removed: list[Existing] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    skipped: list[Clash] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    left_out: list[Overlap] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def people(self) -> int:
        """Who would lose their seat."""
        return sum(session.taken for session in self.removed)

    @property
    def removed_seats(self) -> int:
        return sum(session.seats for session in self.removed)

    @property
    def published(self) -> list[Existing]:
        """Sessions that a proposal cannot change, because people may have booked there."""
        return [session for session in self.removed if session.status != "draft"]

    @property
    def can_be_saved(self) -> bool:
        return bool(self.accepted or self.removed) and not (self.overlaps or self.refusals or self.published)

    @property
    def undecided(self) -> list[Clash]:
        return [clash for clash in self.clashes if not clash.is_decided]


def preview(proposal: Proposal, world: World) -> Preview:
    found = Preview(removed=[session for session in world.existing if session.id in set(proposal.removes)])
    stays = [session for session in world.existing if session.id not in set(proposal.removes)]
    holidays = {holiday.day: holiday for holiday in world.holidays}
    taken: list[tuple[tuple[str, str], datetime, datetime]] = []
    for plan in proposal.plans:
        holiday = holidays.get(plan.day)
        if holiday and world.closed.get(plan.day, True):
            clash = Clash(plan, holiday, plan.day in world.closed)
            if proposal.skip_holidays:
                found.skipped.append(clash)
                continue
            found.clashes.append(clash)
        _judge(plan, world, stays, taken, proposal, found)
    return found


def _judge(
    plan: SessionPlan,
    world: World,
    stays: Iterable[Existing],
    taken: list[tuple[tuple[str, str], datetime, datetime]],
    proposal: Proposal,
    found: Preview,
) -> None:
    try:
        factor = lowest(plan.capacity_factor, plan.day, world.spans)
        slots = plan_slots(
            _hours(plan),
            windows=plan.windows,
            slot_minutes=plan.slot_minutes,
            factor=factor,
            staff=plan.staff_seats,
            emergency=plan.emergency_seats,
        )
    except CalendarError as error:
        found.refusals.append(Refusal(plan, error.code))
        return
    starts_at, ends_at = _hours(plan).in_utc()
    place = _place(plan)
    others: list[Existing | None] = [
        session
        for session in stays
        if (session.city, session.place_name) == place and session.starts_at < ends_at and starts_at < session.ends_at
    ]
    if not others and any(there == place and begin < ends_at and starts_at < end for there, begin, end in taken):
        others = [None]
    if others:
        (found.left_out if proposal.skip_overlaps else found.overlaps).append(Overlap(plan, others[0]))
        return
    taken.append((place, starts_at, ends_at))
    found.accepted.append(plan)
    found.seats += sum(slot.seats for slot in slots)
    found.offered += sum(slot.offered for slot in slots)


def _venue(plan: SessionPlan) -> Venue:
    return plan.venue or Venue.of_office(plan.consulate)


def _place(plan: SessionPlan) -> tuple[str, str]:
    venue = _venue(plan)
    return venue.city, venue.name


def _hours(plan: SessionPlan) -> Hours:
    return Hours(plan.day, plan.opens, plan.closes, _venue(plan).time_zone)


def seal(proposal: Proposal, world: World, *, office_id: int, by: int) -> str:
    """One word for what ``by`` was shown: the proposal, and all of the world that its numbers depend on."""
    facts: dict[str, Any] = {
        "by": by,
        "office": office_id,
        "act": str(proposal.act),
        "plans": [[plan.day.isoformat(), shape_of(plan)] for plan in proposal.plans],
        "removes": sorted(proposal.removes),
        "options": [proposal.skip_holidays, proposal.skip_overlaps],
        "existing": sorted((_seen(session, proposal) for session in world.existing), key=lambda row: row["id"]),
        "holidays": [holiday.day for holiday in world.holidays],
        "closed": sorted((day.isoformat(), closed) for day, closed in world.closed.items()),
        "spans": sorted((str(span.first), str(span.last), str(span.factor)) for span in world.spans),
    }
    return salted_hmac("consulates.planning.preview", json.dumps(facts, default=str, sort_keys=True)).hexdigest()


def _seen(session: Existing, proposal: Proposal) -> dict[str, Any]:
    """Who books in a session that stays changes nothing that was shown."""
    return asdict(session if session.id in proposal.removes else replace(session, taken=0))
