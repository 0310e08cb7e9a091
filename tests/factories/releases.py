"""Announced releases, made as the services leave them; for tests of what hangs on one."""

from datetime import datetime, timedelta

from consulates.models import Gate, Release, ReleaseOffice, Seat, Session, Slot
from consulates.services import plan_session, publish_session
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory


def release(
    *sessions: Session, mode: str = Gate.QUEUE, opens_at: datetime = NOW, phone_until: datetime | None = None, **columns
) -> Release:
    """Announced two days before it opens, joined from a day before; what is left is anybody's after a day."""
    gated = mode != Gate.OPEN
    made = Release.objects.create(
        **{
            "name": "Apertura de prueba",
            "mode": mode,
            "state": "announced",
            "opens_at": opens_at,
            "announced_at": opens_at - timedelta(days=2),
            "joins_from": opens_at - timedelta(days=1) if gated else None,
            "opens_to_all_at": opens_at + timedelta(days=1) if gated else None,
            "phone_share": 50 if phone_until else 0,
            "phone_until": phone_until,
            "made_at": opens_at - timedelta(days=3),
            "approved_at": opens_at - timedelta(days=2),
            "approved_by": make.account(),
        }
        | columns
    )
    sessions = sessions or (make.session(seats=2, slots=2),)
    Session.objects.filter(pk__in=[one.pk for one in sessions]).update(release=made)
    Slot.objects.filter(session__in=sessions).update(
        gate=mode, opens_at=opens_at, opens_to_all_at=made.opens_to_all_at, phone_until=phone_until
    )
    ReleaseOffice.objects.bulk_create(
        ReleaseOffice(release=made, consulate=office, opens_at=opens_at)
        for office in {one.consulate for one in sessions}
    )
    for one in sessions:
        one.refresh_from_db()
    made.procedures.set({procedure for one in sessions for procedure in one.procedures.all()})
    return made


def times_of(made: Release) -> list[Slot]:
    return list(Slot.objects.filter(session__release=made).order_by("starts_at", "pk"))


def keep_for_phone(at: Slot, seats: int) -> None:
    """The first ``seats`` of the time are the telephone's share."""
    Seat.objects.filter(slot=at, unit__lte=seats).update(pool="phone")


def unopened_month(code: str, *, days: int = 5, now: datetime = NOW) -> None:
    """Weekday sessions as the sample publishes them, which open later than any demonstration."""
    office, passport = ConsulateFactory(code=code), make.procedure()
    day = (now + timedelta(days=14)).date()
    while days:
        if day.weekday() < 5:
            session = plan_session(planning.plan(office, passport, day=day, kind="weekday"))
            publish_session(session, opens_at=now + timedelta(days=6), now=now)
            days -= 1
        day += timedelta(days=1)
