"""An office, the people who work there and come there, and the clock of the day on which they meet."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.closing import offers
from appointments.models import Appointment
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.calendars import to_utc
from consulates.models import Consulate, Procedure, Role, Session
from consulates.planning.holidays import proposed
from mexitel.accounts.models import User
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils import time as portal_time
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory, published_session
from tests.factories.staff import LONG_AGO
from tests.outbox.draining import deliver_everything

BORN = date(1988, 4, 5)
EARLIEST = timedelta(days=2)
SATURDAY = 5


class Clock:
    """The portal's one clock (mexitel/utils/time.py), put forward; it goes on running from there.

    Whoever was signed in before a jump was idle too long, as in life: they sign in again.
    """

    def __init__(self, monkeypatch) -> None:
        self.ahead = ahead = [timedelta()]

        class Forward(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + ahead[0]

        monkeypatch.setattr(portal_time, "datetime", Forward)

    def put(self, moment: datetime) -> None:
        self.ahead[0] = moment - datetime.now(UTC)


@dataclass
class Office:
    """Houston. ``eve`` and ``day`` are two working days that follow each other, ``stop_day`` a Saturday after them."""

    clock: Clock
    portal: str
    consulate: Consulate = field(default_factory=lambda: ConsulateFactory(code="houston"))
    passport: Procedure = field(
        default_factory=lambda: ProcedureFactory(code="passport-adult-first", name_es="Pasaporte (adultos)", min_age=18)
    )

    def __post_init__(self) -> None:
        PlaceFactory()
        PlaceFactory(kind="town", key="galveston", name="Galveston", latitude=29.301, longitude=-94.798)
        self.eve = self._quiet_eve()
        self.day = self.eve + timedelta(days=1)
        self.stop_day = self.day + timedelta(days=(SATURDAY - self.day.weekday()) % 7)

    def _quiet_eve(self) -> date:
        """No holiday falls on it or on the day after, and both are working days."""
        for number in count():
            eve = (datetime.now(UTC) + EARLIEST).date() + timedelta(days=number)
            day = eve + timedelta(days=1)
            if day.weekday() in range(1, SATURDAY) and not proposed(first=eve, last=day, state="TX"):
                return eve
        raise AssertionError

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """It is that time on the clocks of the office."""
        self.clock.put(to_utc(day, time(hour, minute), self.consulate.time_zone))

    def url(self, name: str, *more: object) -> str:
        return reverse(name, args=[self.consulate.code, *more])

    def published(self) -> Session:
        """``day`` from nine to eleven, eight seats, bookable since now."""
        now = portal_time.now()
        return published_session(self.consulate, self.passport, day=self.day, opens_at=now, now=now)

    def booked(self, session: Session, *names: str) -> list[Appointment]:
        """One person in each half hour, in this order, each with an account of their own."""
        now, made = portal_time.now(), []
        for name, slot in zip(names, session.slots.order_by("starts_at"), strict=False):
            account = UserFactory(email=f"{name.lower()}@example.com")
            wish = Wish(slot.pk, 1)
            held = hold_seats(account=account, wishes=[wish], procedure_id=self.passport.pk, now=now)
            person = Entry(given_names=name, surname_1="Ríos", surname_2="", birth_date=BORN)
            made += confirm_hold(account=account, hold_id=held.hold_id, people=[[person]], today=session.date, now=now)
        return list(Appointment.objects.filter(pk__in=made).order_by("starts_at"))

    def colleague(self, role: Role, name: str) -> User:
        """With password and second factor; one of the coordination is one of the whole network."""
        user = UserFactory(staff=True, email=f"{name}@example.com")
        where = None if role == Role.NETWORK_COORDINATOR else self.consulate
        user.assignments.create(role=role, consulate=where, starts_at=LONG_AGO)
        return user

    def enter(self, page, user: User) -> None:
        """Signed in, for staff with both factors."""
        cookie = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.portal}])


def work_of_the_minute() -> None:
    """What beat, worker and relay do: people on the list of a closure get a proposal, and messages go out."""
    offers.tend(now=portal_time.now())
    deliver_everything()


def last_mail_to(address: str) -> str:
    deliver_everything()
    # Recipients are sealed in the database.
    return [one.body for one in OutgoingMessage.objects.order_by("pk") if one.recipient == address][-1]


def code_for(address: str) -> str:
    return re.search(r"\b\d{6}\b", last_mail_to(address)).group()
