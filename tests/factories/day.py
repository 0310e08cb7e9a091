"""A session that goes on now, with people who were booked this morning. Views read the clock themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.models import Appointment, Attendee
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Consulate, Role, Seat, Session, Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.staff import staff_with

BEFORE = timedelta(hours=4)


@dataclass(frozen=True)
class Day:
    """Half hours from one hour ago to three hours ahead; ``clerk`` works in ``office``."""

    office: Consulate
    session: Session
    clerk: User
    now: datetime

    def slot(self, place: int) -> Slot:
        return self.session.slots.order_by("starts_at")[place]

    def book(self, *slots: int, name: str = "", booker: User | None = None, **columns: object) -> list[Appointment]:
        """One appointment in each of these places of the session, counted from 0, all of one party."""
        booker = booker or make.account()
        early = self.now - BEFORE
        held = hold_seats(
            account=booker,
            wishes=[Wish(self.slot(place).pk, slots.count(place)) for place in dict.fromkeys(slots)],
            procedure_id=self.session.procedures.get().pk,
            now=early,
        )
        people = [[make.entry(name if at == 0 else "", **columns)] for at in range(len(slots))]
        ids = confirm_hold(account=booker, hold_id=held.hold_id, people=people, today=self.session.date, now=early)
        found = Appointment.objects.in_bulk(ids)
        return [found[pk] for pk in ids]

    def one(self, slot: int = 0, **columns: object) -> Appointment:
        return self.book(slot, **columns)[0]


def a_day(
    *,
    office: Consulate | None = None,
    seats: int = 3,
    slots: int = 8,
    starts: timedelta = timedelta(hours=-1),
    **columns: object,
) -> Day:
    now = clock()
    starts_at = now.replace(second=0, microsecond=0) + starts
    session = make.session(consulate=office, seats=seats, slots=slots, starts_at=starts_at, **columns)
    Session.objects.filter(pk=session.pk).update(date=local_day(now, session.time_zone))
    Slot.objects.filter(session=session).update(opens_at=now - timedelta(days=2))
    Seat.objects.filter(slot__session=session).update(visible_at=now - timedelta(days=2))
    session.refresh_from_db()
    return Day(session.consulate, session, staff_with(Role.DESK_CLERK, session.consulate), now)


def with_priority(appointment: Appointment) -> Appointment:
    Attendee.objects.filter(appointment=appointment).update(priority=True)
    return appointment
