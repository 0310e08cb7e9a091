"""The steps of a draw: commit, seal, take the round, allot. Each may be run twice, by two processes at once, and after
it was killed anywhere: what has been done stands in the row, and is not done again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction

from appointments.allocation import canonical, folder
from appointments.allocation.beacon import Pulse, chain_in_use, chain_named, fetch
from appointments.allocation.commitment import commitment_of, new_secret, seed_from
from appointments.allocation.dictatorship import Application, Award, Lot, Skip, allot
from appointments.allocation.errors import NotDrawn, NotSealed, WrongRound
from appointments.allocation.supply import lots_of
from appointments.models import Drawing, DrawingRound
from consulates.models import Gate, Release


class Entry(NamedTuple):
    """A ticket of the sealed list, and the channel under which it is counted (and not named)."""

    application: Application
    channel: str


def queue_entry(code: str, channel: str, weight: int = 1) -> Entry:
    """A ticket of a queue: one place, and no wishes."""
    return Entry(Application(code, 1, weight, ()), channel)


# -- commit, seal, draw -------------------------------------------------------------------------------


@transaction.atomic
def commit(release: Release, now: datetime) -> Drawing:
    """Choose the office's secret and publish its hash. Whoever takes somebody's ticket calls this first, so that
    nobody ever joins before the promise was made.
    """
    if release.mode == Gate.OPEN:
        raise ValueError("Nothing is drawn in an open release.")
    drawing = Drawing.objects.filter(release=release).first()
    if drawing is None:
        secret = new_secret()
        drawing, made = Drawing.objects.get_or_create(
            release_id=release.pk,  # not the object, which would keep this first state of the row
            defaults={"secret": secret.hex(), "commitment": commitment_of(secret), "committed_at": now},
        )
        if made:
            folder.publish(release, now)
    return drawing


@transaction.atomic
def seal(release: Release, entries: Iterable[Entry], now: datetime, lots: Sequence[Lot] | None = None) -> Drawing:
    """Close the list, publish its hash and the counts by channel, and name the round that will decide.

    The caller has made sure that nobody joins any more. ``lots`` are what is allotted, if not all that the release
    has. Called again it returns what is sealed, whatever it is given.
    """
    commit(release, now)
    drawing = Drawing.objects.select_for_update().get(release=release)
    if drawing.sealed_at is not None:
        return drawing
    entries, chain = list(entries), chain_in_use()
    tickets = canonical.tickets_csv(entry.application for entry in entries)
    seats = canonical.seats_csv(lots_of(release, now=now) if lots is None else lots)
    channels = dict(sorted(Counter(str(entry.channel) for entry in entries).items()))
    drawing.sealed_at, drawing.tickets, drawing.channels = now, len(entries), channels
    drawing.beacon, drawing.round = str(chain), chain.round_after(now)
    sealed = _seal_text(drawing, release, tickets, seats)
    drawing.sealed_hash = sha256(sealed).digest()
    drawing.save()
    folder.keep(drawing, {"tickets.csv": tickets, "seats.csv": seats, "sealed.txt": sealed}, now=now)
    folder.publish(release, now)
    return drawing


def _seal_text(drawing: Drawing, release: Release, tickets: bytes, seats: bytes) -> bytes:
    return canonical.Seal(
        release=release.pk,
        mode=release.mode,
        commitment=bytes(drawing.commitment),
        sealed_at=drawing.sealed_at or drawing.committed_at,
        beacon=drawing.beacon,
        round=drawing.round or 0,
        tickets=tickets,
        seats=seats,
        channels=drawing.channels,
    ).text()


def take_round(release: Release, now: datetime, pulse: Pulse | None = None) -> Drawing:
    """Take the promised round of the beacon, and with it the seed and the order. No round, no draw.

    ``pulse`` is a round that people entered; else the beacon is asked. Raises NotSealed, BeaconAway (ask again) or
    WrongRound.
    """
    drawing = Drawing.objects.filter(release=release).first()
    if drawing is None or drawing.sealed_at is None or drawing.round is None:
        raise NotSealed
    if drawing.drawn_at is not None:
        return drawing
    chain = chain_named(drawing.beacon.split()[0])
    pulse = pulse or fetch(chain, drawing.round, now=now)
    if pulse.round != drawing.round or now < chain.begins(pulse.round) or not chain.check(*pulse):
        raise WrongRound
    return _drawn(release, pulse, now)


@transaction.atomic
def _drawn(release: Release, pulse: Pulse, now: datetime) -> Drawing:
    drawing = Drawing.objects.select_for_update().get(release=release)
    if drawing.drawn_at is None:
        sealed_hash = bytes(drawing.sealed_hash or b"")
        drawing.seed = seed_from(bytes.fromhex(drawing.secret), sealed_hash, pulse.randomness)
        drawing.signature, drawing.randomness, drawing.drawn_at = pulse.signature, pulse.randomness, now
        drawing.save()
        folder.publish(release, now)
    return drawing


def seed_of(release: Release) -> bytes | None:
    """None until it was drawn."""
    seed = Drawing.objects.filter(release=release).values_list("seed", flat=True).first()
    return bytes(seed) if seed else None


def order_of(release: Release) -> list[Application]:
    """Everybody of the sealed list, first to last. Raises NotDrawn or Tampered."""
    drawing = Drawing.objects.filter(release=release).exclude(drawn_at=None).first()
    if drawing is None:
        raise NotDrawn
    return folder.order(drawing)


# -- allot ----------------------------------------------------------------------------------------------


def open_round(release: Release, number: int, now: datetime, lots: Sequence[Lot] | None = None) -> DrawingRound:
    """The allotment ``number`` (1 is the draw itself) of ``lots``, or of the sealed ones. A later one is opened when
    the one before is closed; opened again it is as it was.
    """
    with transaction.atomic():
        drawing = Drawing.objects.select_for_update().get(release=release)
        if drawing.drawn_at is None:
            raise NotDrawn
        known = drawing.rounds.filter(number=number).first()
        if known:
            return known
        before = drawing.rounds.filter(number=number - 1, closed_at__isnull=False)
        if number > 1 and not before.exists():
            raise ValueError("The allotment before is not closed.")
        lots = folder.sealed_lots(drawing) if lots is None else sorted(lots)
        rows = [list(map(str, canonical.lot_row(lot))) for lot in lots]
        return DrawingRound.objects.create(drawing=drawing, number=number, lots=rows, opened_at=now)


def lines_of(round: DrawingRound, order: Sequence[Application] | None = None) -> list[Award | Skip]:
    """Who gets what, and who is passed over why, with the refusals known so far. ``order`` saves reading it again."""
    order = folder.order(round.drawing) if order is None else order
    had_turn = folder.winners(round.drawing, before=round.number, order=order)
    return allot(order, folder.lots_in(round), round.refused, had_turn)


@transaction.atomic
def refuse(round: DrawingRound, refused: Mapping[str, str]) -> DrawingRound:
    """These could not take what they won: code of the ticket, code of the reason. Their seats go to the next in turn;
    nobody before them is touched.
    """
    round = DrawingRound.objects.select_for_update(of=("self",)).select_related("drawing").get(pk=round.pk)
    if round.closed_at is not None:
        raise ValueError("This allotment is closed and published.")
    round.refused |= refused
    round.save(update_fields=["refused"])
    return round


@transaction.atomic
def close_round(round: DrawingRound, now: datetime) -> DrawingRound:
    """Every award of it is held by its winner: publish it."""
    round = DrawingRound.objects.select_for_update(of=("self",)).select_related("drawing__release").get(pk=round.pk)
    if round.closed_at is None:
        round.closed_at = now
        round.save(update_fields=["closed_at"])
        folder.publish(round.drawing.release, now)
    return round
