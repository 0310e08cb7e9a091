"""The order of those who joined on one day, which nobody chooses alone: not the office, whose secret is committed to
before the first joins, nor who runs a public beacon, whose number comes after the day's tickets are published.

While its day lasts an order by the secret alone serves for offers of that day. Once it is over, the list of tickets is
sealed, a later round of the beacon is named (appointments/allocation/beacon.py), and that gives the order for good. A
beacon that stays away for a day leaves the first order in force, and the page says so.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction

from appointments.allocation.beacon import LOCAL, Pulse, chain_in_use, chain_named, fetch
from appointments.allocation.commitment import seed_from
from appointments.allocation.errors import BeaconAway
from appointments.models import WaitingDay, WaitingEntry
from appointments.waiting.order import commitment_of, day_of, drawn_place

log = logging.getLogger(__name__)

AHEAD_DAYS = 3
SHOWN_DAYS = 30
# Longer than anybody takes to join who began before midnight.
SEALED_AFTER = timedelta(minutes=5)
ASKED_EVERY = timedelta(minutes=5)
# Without a public number for so long, the office's alone decides.
NO_LONGER_THAN = timedelta(hours=24)
DRAW = """
UPDATE appointments_waitingentry AS entry SET drawn = told.drawn
FROM unnest(%(codes)s::text[], %(places)s::bytea[]) AS told (code, drawn)
WHERE entry.join_day = %(day)s AND entry.code = told.code
"""


@dataclass(frozen=True)
class ShownDay:
    """What everybody may see of a day. ``tickets`` stand in their order, and are none until that is drawn."""

    day: date
    state: str
    facts: dict[str, str | int | None]
    tickets: list[str]

    @property
    def beacon(self) -> str:
        return str(self.facts.get("beacon") or "").partition(" ")[0]

    @property
    def is_demonstration(self) -> bool:
        return self.beacon == LOCAL


JOINING, SEALED, DRAWN, ALONE = "joining", "sealed", "drawn", "alone"


def seed_of(day: date, *, now: datetime) -> bytes:
    """The office's secret of ``day``, made now when nobody made it before."""
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


# -- once a day is over -----------------------------------------------------------------------------


def tend(*, now: datetime) -> int:
    """Days that are over are sealed, and drawn when their round has come; how many were drawn."""
    over = WaitingDay.objects.filter(drawn_at=None, day__lt=day_of(now - SEALED_AFTER)).order_by("day")
    return sum(_draw(seal(one.day, now=now), now=now) for one in over)


@transaction.atomic
def seal(day: date, *, now: datetime) -> WaitingDay:
    """Its tickets, and the round that will decide. Run again it changes nothing."""
    one = WaitingDay.objects.select_for_update().get(pk=day)
    if one.sealed_at is None:
        chain = chain_in_use()
        one.sealed_at, one.sealed_hash = now, _hash_of(_codes(day))
        one.beacon, one.round = str(chain), chain.round_after(now)
        one.save()
    return one


def _draw(one: WaitingDay, *, now: datetime) -> bool:
    pulse = _pulse(one, now=now)
    if pulse is not None:
        return draw(one.day, pulse, now=now)
    if one.sealed_at is None or now < one.sealed_at + NO_LONGER_THAN:
        return False
    log.warning("the order of %s is the office's alone: no public number for a day", one.day)
    return bool(WaitingDay.objects.filter(pk=one.day, drawn_at=None).update(drawn_at=now))


def _pulse(one: WaitingDay, *, now: datetime) -> Pulse | None:
    """The round, if a server of the beacon gives it. Asked at most every few minutes: a run has other things to do."""
    chain, number = chain_named(one.beacon.split()[0]), one.round or 1
    if now < chain.begins(number) or (one.asked_at is not None and now < one.asked_at + ASKED_EVERY):
        return None
    WaitingDay.objects.filter(pk=one.day).update(asked_at=now)
    try:
        return fetch(chain, number, now=now)
    except BeaconAway:
        return None


@transaction.atomic
def draw(day: date, pulse: Pulse, *, now: datetime) -> bool:
    """The order for good, by the round that was named; whether it was drawn just now."""
    one = WaitingDay.objects.select_for_update().get(pk=day)
    if one.drawn_at is not None or one.sealed_hash is None:
        return False
    seed = _seed(one, pulse.randomness)
    codes = _codes(day)
    with connection.cursor() as cursor:
        cursor.execute(DRAW, {"day": day, "codes": codes, "places": [drawn_place(seed, code) for code in codes]})
    one.drawn_at, one.signature = now, pulse.signature
    one.save(update_fields=["drawn_at", "signature"])
    return True


def _seed(one: WaitingDay, randomness: bytes) -> bytes:
    return seed_from(bytes.fromhex(one.seed), bytes(one.sealed_hash or b""), randomness)


def _codes(day: date) -> list[str]:
    return sorted(WaitingEntry.objects.filter(join_day=day).values_list("code", flat=True))


def _hash_of(codes: list[str]) -> bytes:
    return sha256("".join(f"{code}\n" for code in codes).encode()).digest()


def is_drawn(day: date) -> bool:
    return WaitingDay.objects.filter(pk=day, drawn_at__isnull=False).exists()


# -- for everybody ----------------------------------------------------------------------------------


def shown_days(*, now: datetime) -> list[ShownDay]:
    """What everybody may see of the last days and the next ones, latest first."""
    first = day_of(now) - timedelta(days=SHOWN_DAYS)
    return [shown_day(one) for one in WaitingDay.objects.filter(day__gte=first).order_by("-day")]


def shown_day(one: WaitingDay) -> ShownDay:
    """Everything from which its order is recomputed, as far as it is public by now."""
    signature = bytes(one.signature) if one.signature else b""
    randomness = sha256(signature).digest() if signature else b""
    facts: dict[str, str | int | None] = {"commitment_sha256": bytes(one.commitment).hex()}
    state = JOINING
    if one.sealed_hash is not None:
        state = SEALED
        facts |= {"sealed_sha256": bytes(one.sealed_hash).hex(), "beacon": one.beacon, "round": one.round}
    if one.drawn_at is not None:
        state = DRAWN if signature else ALONE
        facts |= {"secret": one.seed, "signature": signature.hex(), "randomness": randomness.hex()}
        facts["seed"] = _seed(one, randomness).hex() if signature else one.seed
    in_order = WaitingEntry.objects.filter(join_day=one.day).order_by("drawn").values_list("code", flat=True)
    return ShownDay(one.day, state, facts, list(in_order) if one.drawn_at is not None else [])
