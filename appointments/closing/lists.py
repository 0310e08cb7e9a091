"""Reads of the work list: who stands on it, in which state, and how they can be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from appointments.models import Attendee, Closure, Orphan
from appointments.models.closure import ENDS, ClosureKind, ClosureState, OrphanState
from consulates.models import Procedure, Session
from consulates.wording import moment

# Those who need somebody come first.
ORDER = [
    OrphanState.TO_CALL,
    OrphanState.NO_SEAT,
    OrphanState.REACHED,
    OrphanState.OFFERED,
    OrphanState.TO_OFFER,
    OrphanState.UNREACHABLE,
    OrphanState.ACCEPTED,
    OrphanState.MOVED,
    OrphanState.CANCELLED,
]
COLOURS = {
    OrphanState.TO_CALL: "red",
    OrphanState.NO_SEAT: "red",
    OrphanState.REACHED: "orange",
    OrphanState.OFFERED: "yellow",
    OrphanState.TO_OFFER: "blue",
    OrphanState.UNREACHABLE: "grey",
    OrphanState.ACCEPTED: "green",
    OrphanState.MOVED: "green",
    OrphanState.CANCELLED: "grey",
}


@dataclass(frozen=True)
class StateCount:
    state: OrphanState
    count: int

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def colour(self) -> str:
        return COLOURS[self.state]

    @property
    def is_end(self) -> bool:
        return self.state in ENDS


def state_counts(orphans: QuerySet[Orphan]) -> list[StateCount]:
    """In the order of the list, only those that somebody is in."""
    found = dict(orphans.order_by().values_list("state").annotate(Count("pk")))
    return [StateCount(state, found[state]) for state in ORDER if state in found]


@dataclass(frozen=True)
class Row:
    orphan: Orphan
    names: str
    lost: str
    offered: str
    contact: str
    phone: str

    @property
    def state(self) -> StateCount:
        return StateCount(OrphanState(self.orphan.state), 1)


def rows(orphans: QuerySet[Orphan], *, now: datetime) -> list[Row]:
    """For the list: who needs somebody first, then by the time that they lost. A constant number of queries."""
    found = list(
        orphans.select_related("appointment__account", "appointment__procedure").prefetch_related(
            Prefetch("appointment__attendees", queryset=Attendee.objects.order_by("position"))
        )
    )
    zones = dict(Session.objects.filter(pk__in={o.session_id for o in found}).values_list("pk", "time_zone"))
    place = {state: number for number, state in enumerate(ORDER)}
    found.sort(key=lambda o: (place[OrphanState(o.state)], o.starts_at, str(o.appointment.party_id), o.pk))
    return [_row(orphan, zones[orphan.session_id], now=now) for orphan in found]


def _row(orphan: Orphan, zone: str, *, now: datetime) -> Row:
    account = orphan.appointment.account
    return Row(
        orphan=orphan,
        names=", ".join(attendee.full_name for attendee in orphan.appointment.attendees.all()),
        lost=moment(orphan.starts_at, zone),
        offered=moment(orphan.offer_until, zone) if orphan.offer_until and orphan.offer_until > now else "",
        contact=(account.email or "") if not account.email_bounced_at else "",
        phone=account.phone if account.has_verified_phone else "",
    )


@dataclass(frozen=True)
class Summary:
    """One act in the list of acts: what it concerned, and how far it is."""

    closure: Closure
    sessions: list[Session]
    procedure: Procedure | None
    people: int
    open: int

    @property
    def waits(self) -> bool:
        return self.closure.state == ClosureState.WAITING

    @property
    def first(self) -> Session | None:
        return self.sessions[0] if self.sessions else None

    @property
    def last(self) -> Session | None:
        return self.sessions[-1] if self.sessions else None

    @property
    def is_suspension(self) -> bool:
        return self.closure.kind == ClosureKind.SUSPENSION


def summaries(closures: Iterable[Closure]) -> list[Summary]:
    """Four queries, however many."""
    found = list(closures)
    sessions = Session.objects.in_bulk({pk for closure in found for pk in closure.session_ids})
    procedures = Procedure.objects.in_bulk({c.procedure_id for c in found if c.procedure_id})
    counts = {
        row["closure"]: row
        for row in Orphan.objects.filter(closure__in=found)
        .order_by()
        .values("closure")
        .annotate(people=Count("pk"), open=Count("pk", filter=Q(ended_at=None)))
    }
    made = []
    for closure in found:
        theirs = sorted(
            (sessions[pk] for pk in closure.session_ids if pk in sessions), key=lambda s: (s.starts_at, s.pk)
        )
        count = counts.get(closure.pk, {"people": 0, "open": 0})
        made.append(Summary(closure, theirs, procedures.get(closure.procedure_id or 0), count["people"], count["open"]))
    return made
