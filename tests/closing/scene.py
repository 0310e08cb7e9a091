"""An office with a day that is full of people, and other days where there is room."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from appointments.closing import acts, offers
from appointments.closing.acts import Reason
from appointments.models import Appointment, Closure, Orphan
from consulates.models import Consulate, Procedure, Role, Session
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.staff import LONG_AGO

numbers = count(1)

STORM = Reason(es="Hay una tormenta.", en="There is a storm.")


@dataclass
class Town:
    office: Consulate
    offered: Procedure
    day: Session
    elsewhere: Session
    bookers: list[User] = field(default_factory=list)

    def people(self, parties, *, slots=None, contact=True) -> list[Appointment]:
        """One booking for each number in ``parties``, filling the times of the day in order."""
        times = list((slots or self.day.slots).order_by("starts_at"))
        room = {slot.pk: slot.seats.count() for slot in times}
        for slot_id in Appointment.objects.filter(status="booked").values_list("slot_id", flat=True):
            if slot_id in room:
                room[slot_id] -= 1
        made = []
        for size in parties:
            slot = next(slot for slot in times if room[slot.pk] >= size)
            booker = make.account()
            made += make.book(booker, slot, size)
            room[slot.pk] -= size
            self.bookers.append(booker)
            if not contact:
                without_contact(booker)
        return list(Appointment.objects.filter(pk__in=made).order_by("starts_at", "pk"))

    def manager(self) -> User:
        return colleague(Role.OFFICE_MANAGER, self.office)

    def close(self, *, now=NOW, by=None) -> Closure:
        """Decided and carried out; above 50 a colleague signs."""
        closure = acts.close(
            consulate=self.office, session_ids=[self.day.pk], reason=STORM, by=by or self.manager(), now=now
        )
        if closure.state == "waiting":
            closure = acts.sign(closure, by=self.manager(), now=now)
        acts.carry_out(closure.pk, now=now)
        closure.refresh_from_db()
        return closure


def colleague(role: Role, office: Consulate) -> User:
    """Like ``staff_with``, with an address that no booker of factories/appointments has."""
    user = UserFactory(staff=True, second_factor=False, email=f"colega{next(numbers)}@example.com")
    user.assignments.create(role=role, consulate=office, starts_at=LONG_AGO)
    return user


def without_contact(booker: User) -> None:
    """A mailbox that sends everything back, and no phone."""
    User.objects.filter(pk=booker.pk).update(email_bounced_at=NOW)


def town(*, seats=4, slots=6, room=6, days=(10,), offered=None) -> Town:
    """``room`` seats in each of as many times on each other day."""
    office = make.office()
    offered = offered or make.procedure()
    day = make.session(
        seats=seats, slots=slots, procedures=[offered], consulate=office, starts_at=NOW + timedelta(days=5)
    )
    others = [
        make.session(
            seats=room, slots=slots, procedures=[offered], consulate=office, starts_at=NOW + timedelta(days=after)
        )
        for after in days
        if room
    ]
    return Town(office, offered, day, others[0] if others else day)


def states(closure: Closure) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Orphan.objects.filter(closure=closure).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def tend(now=NOW) -> dict[str, int]:
    return offers.tend(now=now)
