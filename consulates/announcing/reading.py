"""What the feeds carry: releases and days of tours that are coming, and those of the last weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q

from consulates.models import Release, ReleaseOffice, Session, SessionKind, Slot
from consulates.releases.shown import Shown, show

KEPT = timedelta(days=30)
MOST = 300


def releases_for_feeds(*, now: datetime) -> list[Shown]:
    """Announced or cancelled, of which something opens or opened within the last KEPT, the soonest first. 3 queries."""
    since = now - KEPT
    recent = Exists(ReleaseOffice.objects.filter(release=OuterRef("pk"), opens_at__gt=since))
    found = Release.objects.for_public(now=now).filter(recent | Q(opens_to_all_at__gt=since))
    offices = Prefetch("offices", ReleaseOffice.objects.select_related("consulate"))
    rows = found.filter(consulates__is_practice=False).distinct().order_by("opens_at", "pk")
    return [
        show(one, one.offices.all(), one.procedures.all(), now=now)
        for one in rows.prefetch_related(offices, "procedures")[:MOST]
    ]


def of_office(releases: Sequence[Shown], code: str) -> list[Shown]:
    """As that office sees them: with its own row alone, and so its own moment and places."""
    own = []
    for shown in releases:
        rows = [row for row in shown.offices if row.consulate.code == code]
        if rows:
            own.append(Shown(shown.release, shown.stage, rows, shown.procedures))
    return own


@dataclass(frozen=True)
class TourDay:
    """A published day of a mobile consulate or a consulate on wheels; cancelled when all of its times were closed."""

    session: Session
    is_cancelled: bool


def tour_days(*, now: datetime) -> list[TourDay]:
    """Days that are coming, or were in the last KEPT. One query."""
    closed = Exists(Slot.objects.filter(session=OuterRef("pk"))) & ~Exists(
        Slot.objects.filter(session=OuterRef("pk"), closed_at=None)
    )
    found = Session.objects.filter(
        status__in=("published", "held"), kind__in=SessionKind.travelling(), ends_at__gt=now - KEPT,
        consulate__is_practice=False,
    )  # fmt: skip
    rows = found.select_related("consulate").annotate(is_closed=closed).order_by("starts_at", "pk")
    return [TourDay(one, one.is_closed) for one in rows]
