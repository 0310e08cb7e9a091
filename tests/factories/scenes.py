"""Small worlds for tests of pages, whose views read the clock themselves: everything lies in the next two weeks."""

from dataclasses import dataclass
from datetime import date, timedelta

from appointments.models import Appointment
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Consulate, Procedure, Session
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory, published_session


@dataclass(frozen=True)
class Scene:
    """One office with two open weekdays; ``adults`` and ``minors`` are procedures of one group."""

    office: Consulate
    adults: Procedure
    minors: Procedure
    first: Session
    second: Session


def next_weekdays(count: int) -> list[date]:
    days, day = [], (clock() + timedelta(days=2)).date()
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def houston(*, windows: int = 4) -> Scene:
    """Houston, with the ZIP code 77002 known, four half hours on each of two days."""
    yesterday = clock() - timedelta(days=1)
    office = ConsulateFactory(code="houston")
    PlaceFactory()
    adults = ProcedureFactory(code="passport-adult-first", name_es="Pasaporte (adultos)", min_age=18)
    minors = ProcedureFactory(code="passport-minor-first", name_es="Pasaporte (menores)", max_age=17)
    first, second = (
        published_session(office, adults, minors, day=day, windows=windows, opens_at=yesterday, now=yesterday)
        for day in next_weekdays(2)
    )
    return Scene(office=office, adults=adults, minors=minors, first=first, second=second)


ADA = Entry(given_names="Ada", surname_1="Ríos", surname_2="Luna", birth_date=date(1988, 4, 5))


def book_ada(account: User, scene: Scene) -> Appointment:
    """An appointment for Ada at the first time of the first day, booked as anybody's is."""
    now = clock()
    wish = Wish(scene.first.slots.order_by("starts_at").first().pk, 1)
    held = hold_seats(account=account, wishes=[wish], procedure_id=scene.adults.pk, now=now)
    [booked] = confirm_hold(account=account, hold_id=held.hold_id, people=[[ADA]], today=scene.first.date, now=now)
    return Appointment.objects.get(pk=booked)
