"""Each day's seed: its hash is public before the first of the day joins, the seed once nobody can join it any more."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from appointments.models import WaitingDay, WaitingEntry
from appointments.waiting.order import commitment_of, day_of

AHEAD_DAYS = 3
SHOWN_DAYS = 30


@dataclass(frozen=True)
class ShownDay:
    """``seed`` is None and ``tickets`` empty until the day is over. Tickets stand in the drawn order."""

    day: date
    commitment: str
    seed: str | None
    tickets: list[str]


def seed_of(day: date, *, now: datetime) -> bytes:
    """The seed of ``day``, made now when nobody made it before."""
    found = WaitingDay.objects.filter(pk=day).first()
    if found is None:
        seed = secrets.token_bytes(32)
        made = WaitingDay(day=day, commitment=commitment_of(seed), seed=seed.hex(), committed_at=now)
        WaitingDay.objects.bulk_create([made], ignore_conflicts=True)  # of two at once, the first counts for both
        found = WaitingDay.objects.get(pk=day)
    return bytes.fromhex(found.seed)


def commit_ahead(*, now: datetime) -> None:
    """Today and the days to come have their commitment, so that it is older than whoever joins."""
    for ahead in range(AHEAD_DAYS):
        seed_of(day_of(now) + timedelta(days=ahead), now=now)


def shown_days(*, now: datetime) -> list[ShownDay]:
    """What everybody may see of the last days and the next ones, latest first."""
    first = day_of(now) - timedelta(days=SHOWN_DAYS)
    return [shown_day(one, now=now) for one in WaitingDay.objects.filter(day__gte=first).order_by("-day")]


def shown_day(one: WaitingDay, *, now: datetime) -> ShownDay:
    is_over = one.day < day_of(now)
    tickets = (
        WaitingEntry.objects.filter(join_day=one.day).order_by("drawn") if is_over else WaitingEntry.objects.none()
    )
    return ShownDay(
        day=one.day,
        commitment=bytes(one.commitment).hex(),
        seed=one.seed if is_over else None,
        tickets=list(tickets.values_list("code", flat=True)),
    )
