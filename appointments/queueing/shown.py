"""The room of a queue as one person sees it: where they stand, and what they can do now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery

from appointments.models import QueueTicket, TicketEnd
from appointments.queueing import facts as told
from appointments.queueing.facts import Facts
from appointments.queueing.pace import Wait, chance_of, spread_seconds, wait_for
from appointments.queueing.tending import COMES_WITHIN, tend
from consulates.models import Gate, Release, ReleaseOffice
from mexitel.accounts.models import User


class Stage(StrEnum):
    CANCELLED = "cancelled"
    OPEN = "open"  # what is left is anybody's
    SOON = "soon"  # announced, and nobody can join yet
    BEFORE = "before"  # no ticket, and one can be had
    JOINED = "joined"
    DRAWING = "drawing"  # opened; the order is being made, or the place of whoever came late
    WAITING = "waiting"
    CALLED = "called"  # may come in
    CHOOSING = "choosing"  # is in, and the minutes run
    MISSED = "missed"  # was called; the time went by, and the place is kept
    FULL = "full"
    BOOKED = "booked"
    LEFT = "left"


# Where somebody still waits for something to happen on this page.
MOVING = {Stage.JOINED, Stage.DRAWING, Stage.WAITING, Stage.CALLED, Stage.MISSED}


@dataclass(frozen=True)
class Room:
    release: Release
    facts: Facts
    stage: Stage
    now: datetime
    ticket: QueueTicket | None = None

    @property
    def time_zone(self) -> str:
        """Of the office that opens first."""
        return self.release.time_zone  # type: ignore[attr-defined]

    @property
    def moves(self) -> bool:
        return self.stage in MOVING

    @property
    def is_late(self) -> bool:
        """Whoever joins now stands behind those who were drawn."""
        return self.now >= self.release.opens_at

    @property
    def can_enter(self) -> bool:
        return self.stage in {Stage.CALLED, Stage.CHOOSING, Stage.MISSED}

    @property
    def rank(self) -> int:
        return (self.ticket.rank or 0) if self.ticket else 0

    @property
    def ahead(self) -> int:
        """People before this one who were not called yet."""
        return max(0, self.rank - self.facts.called_to - 1)

    @property
    def wait(self) -> Wait | None:
        return wait_for(ahead=self.ahead + 1, called_a_minute=self.facts.called_a_minute)

    @property
    def chance(self) -> str:
        return chance_of(ahead=self.ahead, free=self.facts.free, back=self.facts.back)

    @property
    def come_until(self) -> datetime | None:
        if self.ticket is None:
            return None
        return self.ticket.admitted_until or self.now + COMES_WITHIN

    @property
    def seconds(self) -> int:
        """Of the ten minutes, that are left."""
        until = self.come_until
        return max(0, int((until - self.now).total_seconds())) if until else 0

    @property
    def spread(self) -> int:
        return spread_seconds(people=self.facts.people)

    @property
    def opens_in(self) -> int:
        return max(0, int((self.release.opens_at - self.now).total_seconds()))


def queue_release(release_id: int, *, now: datetime) -> Release | None:
    """A release that is or was given through a queue, as the public reads of it, with its ``time_zone``. One query."""
    return with_zone(Release.objects.for_public(now=now).filter(mode=Gate.QUEUE)).filter(pk=release_id).first()


def open_queues(*, now: datetime) -> list[Release]:
    """Those that can be joined now, before the opening or after it. One query."""
    queues = Release.objects.announced(now=now).filter(mode=Gate.QUEUE, joins_from__lte=now, opens_to_all_at__gt=now)
    return list(with_zone(queues).order_by("opens_at", "pk"))


def with_zone(releases: QuerySet[Release]) -> QuerySet[Release]:
    """Each with ``time_zone``, in which its moments are said: that of the office that opens first."""
    first = ReleaseOffice.objects.filter(release=OuterRef("pk")).order_by("opens_at", "pk")
    return releases.annotate(time_zone=Subquery(first.values("consulate__time_zone")[:1]))


def room_of(release: Release, account: User | None, *, now: datetime) -> Room:
    """Looks at the queue first when nobody has for a while, so that it goes on without any worker."""
    facts = fresh_facts(release, now=now)
    ticket = QueueTicket.objects.filter(release=release, account=account).first() if account else None
    return Room(release, facts, stage_of(release, ticket, facts, now=now), now, ticket)


def own_rooms(account: User, *, now: datetime) -> list[Room]:
    """The queues in which the account has a place, the soonest opening first. One query where there is none."""
    places = QueueTicket.objects.filter(account=account, done__in=["", TicketEnd.LAPSED]).values("release")
    releases = Release.objects.announced(now=now).filter(pk__in=places, opens_to_all_at__gt=now)
    return [room_of(release, account, now=now) for release in with_zone(releases).order_by("opens_at", "pk")[:5]]


def fresh_facts(release: Release, *, now: datetime) -> Facts:
    kept = told.kept(release.pk)
    if needs_tending(release, now=now) and not (kept and kept.is_fresh(now=now)):
        tend(release, now=now)
    return told.facts_of(release, now=now)


def needs_tending(release: Release, *, now: datetime) -> bool:
    return (
        release.is_public(now=now)
        and release.opens_to_all_at is not None
        and release.opens_at - timedelta(minutes=1) <= now < release.opens_to_all_at
    )


def stage_of(release: Release, ticket: QueueTicket | None, facts: Facts, *, now: datetime) -> Stage:
    ended = {"cancelled": Stage.CANCELLED, "open": Stage.OPEN}.get(facts.phase)
    if ticket is not None and ticket.done == TicketEnd.BOOKED:
        return Stage.BOOKED
    if ended:
        return ended
    if ticket is None:
        return _without_ticket(release, facts, now=now)
    if ticket.done == TicketEnd.LEFT:
        return Stage.LEFT
    if ticket.is_inside(now=now):
        return Stage.CHOOSING
    if now < release.opens_at:
        return Stage.JOINED
    if facts.phase == "full":
        return Stage.FULL
    if ticket.rank is None:
        return Stage.DRAWING
    return _after_the_draw(ticket, facts, now=now)


def _without_ticket(release: Release, facts: Facts, *, now: datetime) -> Stage:
    if release.joins_from is None or now < release.joins_from:
        return Stage.SOON
    return Stage.FULL if facts.phase == "full" else Stage.BEFORE


def _after_the_draw(ticket: QueueTicket, facts: Facts, *, now: datetime) -> Stage:
    if ticket.admitted_until is not None:
        return Stage.CALLED if ticket.admitted_until > now and not ticket.done else Stage.MISSED
    return Stage.MISSED if (ticket.rank or 0) <= facts.called_to else Stage.WAITING
