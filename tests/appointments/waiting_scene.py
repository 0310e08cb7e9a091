"""Seats that somebody booked and let go of, and people who wait for them, at a moment of the day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from appointments.models import Applicant, WaitingEntry, WaitingOffer
from appointments.services import save_applicant
from appointments.waiting import tender
from appointments.waiting.joining import Wanted, join
from consulates.models import Procedure, Seat, Session, Slot
from mexitel.accounts.models import User
from tests.factories import appointments as make

# Eleven in the morning where the office is, tomorrow: the moment of the run may be at night.
NOON = make.NOW.replace(hour=18, minute=0, second=0) + timedelta(days=1)
NIGHT = NOON + timedelta(hours=12)
names = count(1)


def office_day(*, seats: int = 1, slots: int = 1, days: int = 14, group: str = "", **columns: Any) -> Session:
    return make.session(
        seats=seats,
        slots=slots,
        starts_at=NOON + timedelta(days=days),
        procedures=[make.procedure(group=group)],
        **columns,
    )


def procedure_of(session: Session) -> Procedure:
    found = session.procedures.first()
    assert found
    return found


def free(session: Session, *, seats: int = 1, at: datetime = NOON, rests: timedelta = timedelta(hours=3)) -> list[Seat]:
    """Some people book that many seats in each slot and cancel them at ``at``."""
    for slot in Slot.objects.filter(session=session):
        for _ in range(seats):
            booker = make.account()
            assert make.cancel(booker, *make.book(booker, slot, now=at), now=at).ok
    freed = Seat.objects.filter(slot__session=session, visible_at__gt=at)
    freed.update(visible_at=at + rests)
    return list(freed.order_by("slot", "unit"))


def people(account: User, how_many: int = 1) -> list[Applicant]:
    return [
        save_applicant(account=account, entry=make.entry(), today=make.NOW.date(), now=make.NOW)
        for _ in range(how_many)
    ]


def wanted(session: Session, **changes: Any) -> Wanted:
    values = {
        "procedure": procedure_of(session),
        "offices": (session.consulate_id,),
        "time_zone": session.time_zone,
        "last_day": (NOON + timedelta(days=60)).date(),
    }
    return Wanted(**values | changes)


def waits(
    session: Session,
    *,
    at: datetime = NOON - timedelta(days=1),
    party: int = 1,
    account: User | None = None,
    who: Sequence[Applicant] | None = None,
    **changes: Any,
) -> WaitingEntry:
    account = account or make.account()
    return join(account=account, wanted=wanted(session, **changes), people=who or people(account, party), now=at)


def offers(*, now: datetime = NOON) -> list[WaitingOffer]:
    """What a run of the tender offered."""
    before = set(WaitingOffer.objects.values_list("pk", flat=True))
    tender.tend(now=now)
    return list(WaitingOffer.objects.exclude(pk__in=before).select_related("entry").order_by("made_at", "pk"))


def offered_to(*, now: datetime = NOON) -> list[WaitingEntry]:
    return [offer.entry for offer in offers(now=now)]
