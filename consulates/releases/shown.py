"""A release as people read of it. The preview of a draft and the public page are made of the same."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from consulates.models import Consulate, FreedIntoDraw, Gate, Procedure, Release, ReleaseOffice, ReleaseState
from mexitel.utils import cells

MOST, FEW = 60, 10


class Stage(StrEnum):
    CANCELLED = "cancelled"
    SOON = "soon"  # announced; nothing to do yet
    JOINING = "joining"  # people join the queue or apply to the draw
    GATED = "gated"  # opened, for those whom the queue or the draw lets in
    OPEN = "open"  # anybody books what is left


def stage_of(release: Release, *, now: datetime) -> Stage:
    if release.state == ReleaseState.CANCELLED:
        return Stage.CANCELLED
    if now < release.opens_at:
        return Stage.JOINING if release.joins_from is not None and release.joins_from <= now else Stage.SOON
    is_gated = release.opens_to_all_at is not None and now < release.opens_to_all_at
    return Stage.GATED if is_gated else Stage.OPEN


@dataclass(frozen=True)
class Moment:
    """The offices whose clocks show the same hour of the same zone when it opens there."""

    opens_at: datetime
    time_zone: str
    offices: Sequence[ReleaseOffice]


@dataclass(frozen=True)
class Shown:
    release: Release
    stage: Stage
    offices: Sequence[ReleaseOffice]
    procedures: Sequence[Procedure]
    # Places that people gave up and that the draw gives too.
    freed: int = 0

    @property
    def seats(self) -> int:
        return sum(office.seats for office in self.offices)

    @property
    def phone_seats(self) -> int:
        return sum(office.phone_seats for office in self.offices)

    @property
    def phone_taken(self) -> int | None:
        """How many of them callers took, as strangers may know it: None for one to four, and before a count."""
        return cells.shown(sum(self._phone_taken.values())) if self.is_phone_counted else None

    @property
    def phone_taken_by_office(self) -> dict[str, int | None]:
        """The same by the office's code, without what would follow from the sum."""
        taken = self._phone_taken
        return dict(cells.suppressed(taken)) if self.is_phone_counted else dict.fromkeys(taken)

    @property
    def is_phone_counted(self) -> bool:
        return self.release.phone_counted_at is not None

    @property
    def _phone_taken(self) -> dict[str, int]:
        return {office.consulate.code: office.phone_taken or 0 for office in self.offices}

    @property
    def phone_is_over(self) -> bool:
        """Counted after the end of the share: the number is final."""
        counted, until = self.release.phone_counted_at, self.release.phone_until
        return counted is not None and until is not None and counted >= until

    @property
    def first_day(self) -> date | None:
        return min((office.first_day for office in self.offices if office.first_day), default=None)

    @property
    def last_day(self) -> date | None:
        return max((office.last_day for office in self.offices if office.last_day), default=None)

    @property
    def moments(self) -> list[Moment]:
        """By moment and zone, the earliest first."""

        def key(office: ReleaseOffice) -> tuple[datetime, str]:
            return office.opens_at, office.consulate.time_zone

        ordered = sorted(self.offices, key=lambda office: (*key(office), office.consulate.city))
        return [Moment(*at, list(found)) for at, found in groupby(ordered, key)]

    @property
    def time_zone(self) -> str:
        """In which the other moments of the page are said: that of the office that opens first."""
        return self.moments[0].time_zone

    @property
    def is_one_office(self) -> bool:
        return len(self.offices) == 1

    @property
    def is_queue(self) -> bool:
        return self.release.mode == Gate.QUEUE

    @property
    def is_draw(self) -> bool:
        return self.release.mode == Gate.DRAW


def show(
    release: Release, offices: Collection[ReleaseOffice], procedures: Iterable[Procedure], *, now: datetime
) -> Shown:
    return Shown(release, stage_of(release, now=now), list(offices), list(procedures))


def public_release(pk: int, *, now: datetime) -> Shown | None:
    """One that was announced, cancelled or not. Three queries, of a draw four."""
    found = Release.objects.for_public(now=now).filter(pk=pk).prefetch_related(*_whole()).first()
    return found and _shown(found, freed_into([found], now=now), now=now)


def coming_and_past(
    *, now: datetime, office: Consulate | None = None, only: Q | None = None, few: int = FEW
) -> tuple[list[Shown], list[Shown]]:
    """Announced releases of which something is still to open, to draw or to be left over, the soonest first (cancelled
    ones until they would have opened); and the latest ``few`` of those of which everything has opened. Four queries,
    with draws five.
    """
    later = Exists(ReleaseOffice.objects.filter(release=OuterRef("pk"), opens_at__gt=now))
    releases = (
        _of(Release.objects.for_public(now=now), office)
        .filter(only or Q())
        .annotate(
            is_coming=ExpressionWrapper(
                later | Q(opens_to_all_at__gt=now, opens_to_all_at__isnull=False, state=ReleaseState.ANNOUNCED),
                output_field=BooleanField(),
            )
        )
    )
    ahead = list(releases.filter(is_coming=True).order_by("opens_at", "pk")[:MOST])
    behind = list(releases.filter(is_coming=False).order_by("-opens_at", "-pk")[:few])
    prefetch_related_objects([*ahead, *behind], *_whole())
    freed = freed_into([*ahead, *behind], now=now)
    return [_shown(one, freed, now=now) for one in ahead], [_shown(one, freed, now=now) for one in behind]


def freed_into(releases: Iterable[Release], *, now: datetime) -> dict[int, int]:
    """How many freed places come into each of the draws among them. One query, if there is a draw."""
    draws = [release.pk for release in releases if release.mode == Gate.DRAW]
    if not draws:
        return {}
    rows = FreedIntoDraw.objects.filter(release__in=draws).coming_in(now=now)
    return dict(rows.values_list("release").annotate(Count("pk")).order_by())


def _of(releases: QuerySet[Release], office: Consulate | None) -> QuerySet[Release]:
    if office is None:
        return releases
    return releases.filter(Exists(ReleaseOffice.objects.filter(release=OuterRef("pk"), consulate=office)))


def _whole() -> list[Any]:
    """What a page of releases reads with them."""
    return [Prefetch("offices", ReleaseOffice.objects.select_related("consulate")), "procedures"]


def _shown(release: Release, freed: Mapping[int, int], *, now: datetime) -> Shown:
    offices, procedures = list(release.offices.all()), list(release.procedures.all())
    return Shown(release, stage_of(release, now=now), offices, procedures, freed.get(release.pk, 0))
