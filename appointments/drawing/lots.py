"""What a draw has to give, as times, lots and days; and what an application wants, as an ordered list of choices.

A lot is what one session has in one half of its day. Where part of a release is kept for the telephone, those seats are
a lot of their own, ``am-phone`` or ``pm-phone``, which only those who applied by telephone list, each just before the
same half for all: so they take their share first and nothing else about them differs. Once the share has ended, what is
left of it belongs to the lot for all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from appointments.allocation.dictatorship import Choice, Lot
from appointments.allocation.supply import half_of
from appointments.enums import Channel
from appointments.models import DaysWanted, DrawApplication, Drawing, HalfWanted
from consulates.models import FreedIntoDraw, Gate, Pool, Release, Seat, Session
from consulates.parties import FreeSlot

PHONE = "-phone"
SATURDAY = 5


@dataclass(frozen=True)
class Times:
    """The free times of one lot, in their order."""

    lot: Lot
    slots: tuple[FreeSlot, ...]


def free_times(release: Release, *, now: datetime, starts_after: datetime | None = None) -> list[Times]:
    """The lots that have a free seat at ``now``, sorted; of times that start after ``starts_after`` only."""
    sessions = _sessions(release)
    found: dict[tuple[int, str], dict[int, FreeSlot]] = defaultdict(dict)
    for row in _free(release, now=now, starts_after=starts_after or now):
        if row["slot__session"] not in sessions:
            continue
        session, _codes = sessions[row["slot__session"]]
        half = half_of(session, row["slot__starts_at"]) + (PHONE if row["for_phone"] else "")
        at = row["slot"]
        found[session.pk, half][at] = FreeSlot(at, row["slot__starts_at"], row["slot__ends_at"], row["free"])
    return sorted(
        (_times(*sessions[session], half, list(slots.values())) for (session, half), slots in found.items()),
        key=lambda times: times.lot,
    )


def pool_of(lot: Lot) -> str:
    return Pool.PHONE if lot.half.endswith(PHONE) else Pool.PUBLIC


def sealed_lots(times: Iterable[Times]) -> list[Lot]:
    """As published before the draw: a lot for all counts what may come back to it from the telephone's share too."""
    lots = {(t.lot.session, t.lot.half): t.lot for t in times}
    for (session, half), lot in list(lots.items()):
        if half.endswith(PHONE):
            general = half.removesuffix(PHONE)
            known = lots.get((session, general), lot._replace(half=general, seats=0))
            lots[session, general] = known._replace(seats=known.seats + lot.seats)
    return sorted(lots.values())


def within(lots: Iterable[Lot], sealed: Iterable[Lot]) -> list[Lot]:
    """``lots`` without what was not on the published list: seats that the office added are everybody's later."""
    most = {(lot.session, lot.half): lot for lot in sealed}
    kept = ((lot, most.get((lot.session, lot.half))) for lot in lots)
    return [known._replace(seats=min(lot.seats, known.seats)) for lot, known in kept if known]


def choices_of(application: DrawApplication, lots: Sequence[Lot], codes: dict[int, str]) -> tuple[Choice, ...]:
    """The half-days that suit, from the best to the last. ``codes`` are the offices' by their ids."""
    places = {codes[pk]: place for place, pk in enumerate(application.office_ids) if pk in codes}
    procedure = application.procedure.code
    wanted = {lot.choice for lot in lots if lot.office in places and lot.serves(procedure) and _suits(application, lot)}

    def order(choice: Choice) -> tuple:
        office = places[choice.office]
        first = (choice.day, office) if application.sooner_first else (office, choice.day)
        return *first, choice.half.removesuffix(PHONE), not choice.half.endswith(PHONE)

    return tuple(sorted(wanted, key=order))


def _suits(application: DrawApplication, lot: Lot) -> bool:
    if lot.half.endswith(PHONE) and application.channel != Channel.PHONE:
        return False
    if application.half_wanted != HalfWanted.ANY and application.half_wanted != lot.half.removesuffix(PHONE):
        return False
    if application.days_wanted == DaysWanted.WEEKEND:
        return lot.day.weekday() >= SATURDAY
    return application.days_wanted != DaysWanted.CHOSEN or lot.day in application.chosen_days


def _sessions(release: Release) -> dict[int, tuple[Session, tuple[str, ...]]]:
    """The release's published sessions, and those of freed seats that go into it, each with the codes of the procedures
    that it serves here.
    """
    own = Q(release=release) | Q(pk__in=FreedIntoDraw.objects.filter(release=release).values("seat__slot__session"))
    sessions = Session.objects.published().filter(own).select_related("consulate").in_bulk()
    serving = defaultdict(set)
    for procedure in release.procedures.all():
        for session in Session.objects.offering(procedure).filter(pk__in=sessions).values_list("pk", flat=True):
            serving[session].add(procedure.code)
    return {pk: (session, tuple(sorted(serving[pk]))) for pk, session in sessions.items() if serving[pk]}


def _free(release: Release, *, now: datetime, starts_after: datetime) -> Iterable[dict]:
    own = Seat.objects.free(now=now).filter(slot__session__release=release, slot__gate=Gate.DRAW)
    freed = Seat.objects.filter(pk__in=_freed_into(release, now=now).values("seat"))
    phone = Q(pool=Pool.PHONE) & (Q(slot__phone_until=None) | Q(slot__phone_until__gt=now))
    for seats in (own, freed):  # never of one session, so never of one lot
        seats = seats.filter(slot__closed_at=None, slot__starts_at__gt=starts_after)
        for for_phone, kept in ((False, seats.public(now=now)), (True, seats.filter(phone))):
            rows = kept.values("slot", "slot__session", "slot__starts_at", "slot__ends_at").annotate(free=Count("pk"))
            yield from (row | {"for_phone": for_phone} for row in rows.order_by("slot__starts_at", "slot"))


def _freed_into(release: Release, *, now: datetime) -> QuerySet[FreedIntoDraw]:
    """Seats of other sessions that can be given in this draw; once its lists are closed, those that stand on them."""
    found = FreedIntoDraw.objects.filter(release=release).standing(now=now)
    is_sealed = Drawing.objects.filter(release=release, sealed_at__isnull=False).exists()
    return found.filter(sealed_at__isnull=False) if is_sealed else found


def seal_freed(release: Release, *, now: datetime) -> None:
    """Those that can be given now go onto the sealed list; no other is given later. Before ``sealed_lots``."""
    _freed_into(release, now=now).update(sealed_at=now)


def _times(session: Session, codes: tuple[str, ...], half: str, slots: list[FreeSlot]) -> Times:
    seats = sum(slot.free for slot in slots)
    lot = Lot(session.consulate.code, session.date, half, session.pk, seats, codes)
    return Times(lot, tuple(slots))
