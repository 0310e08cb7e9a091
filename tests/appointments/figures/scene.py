"""One day of one office on which everything happened: kept, missed, cancelled, moved away, freed and taken again."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, connection, transaction

from appointments.claim import claim_one
from appointments.models import Appointment, FrozenMonth
from appointments.models.attendance import AttendanceState
from appointments.services.day import take_step
from appointments.services.day_end import close_day
from appointments.statistics import facts, freezing
from appointments.statistics.facts import OfficeDay
from consulates.models import Consulate, Procedure, Role, Session, Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.staff import staff_with

REBOOKED = NOW + timedelta(days=2)


@dataclass(frozen=True)
class Scene:
    """``over`` is the next day at noon of the office, when its facts can be made."""

    office: Consulate
    session: Session
    procedure: Procedure
    clerk: User
    over: datetime

    @property
    def day(self) -> date:
        return self.session.date

    @property
    def office_day(self) -> OfficeDay:
        return OfficeDay(self.office.pk, self.day)

    def make_facts(self) -> None:
        facts.make([self.office_day])

    def note(self, appointment: str, to: AttendanceState, at: datetime) -> None:
        take_step(appointment_id=appointment, to=to, by=self.clerk, now=at)


def a_full_day(*, starts_at: datetime = make.IN_TWO_WEEKS) -> Scene:
    """Of ten places three are withdrawn and one is for emergencies; five were booked and three of them stood."""
    office, procedure = make.office(), make.procedure()
    session = make.session(seats=5, slots=2, procedures=[procedure], consulate=office, starts_at=starts_at)
    Session.objects.filter(pk=session.pk).update(date=local_day(starts_at, office.time_zone))
    session.refresh_from_db()
    first, second = session.slots.order_by("starts_at")
    first.seats.filter(unit=5).update(withdrawn_at=NOW - timedelta(days=1))
    second.seats.filter(unit__in=(1, 2)).update(withdrawn_at=NOW - timedelta(days=1))
    second.seats.filter(unit=3).update(pool="emergency")
    scene = Scene(office, session, procedure, staff_with(Role.DESK_CLERK, office), session.ends_at + timedelta(days=1))

    comes, misses, leaves, moves = (one_booked(first) for _ in range(4))
    cancel(leaves, now=NOW + timedelta(hours=1))
    move(moves, make.slot(procedures=[procedure], starts_at=starts_at + timedelta(days=30)), now=NOW)
    one_booked(first, now=REBOOKED)  # on one of the two places that were freed
    scene.note(comes, AttendanceState.ATTENDED, session.starts_at)
    scene.note(misses, AttendanceState.NO_SHOW, session.starts_at + timedelta(minutes=1))
    return scene


def one_booked(at: Slot, *, now: datetime = NOW) -> str:
    return make.book(make.account(), at, now=now)[0]


def cancel(appointment: str, *, now: datetime) -> None:
    booker = Appointment.objects.get(pk=appointment).account
    assert claim_one(make.cancel_request(booker, appointment), now=now).ok


def move(appointment: str, to: Slot, *, now: datetime) -> None:
    booker = Appointment.objects.get(pk=appointment).account
    held = make.hold(booker, to, replaces=[appointment], now=now)
    assert make.confirm(booker, held, [], now=now).ok


def close(scene: Scene, *, at: datetime) -> None:
    """Everybody who is left came; the office closes the day."""
    left = Appointment.objects.filter(session=scene.session, status="booked")
    for appointment in left.values_list("pk", flat=True):
        scene.note(appointment, AttendanceState.ATTENDED, at)
    close_day(session_id=scene.session.pk, by=scene.clerk, now=at)


def after(month: date, day: int) -> datetime:
    """Noon of a day of the next month."""
    following = freezing.last_day(month) + timedelta(days=day)
    return datetime(following.year, following.month, following.day, 23, tzinfo=UTC)


def frozen_scene() -> tuple[Scene, FrozenMonth]:
    scene = a_full_day()
    month = scene.day.replace(day=1)
    scene.make_facts()
    return scene, freezing.freeze(month, now=after(month, 6))


def constraint_of(error: BaseException) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""


def violated(statement: str, values=()) -> str:
    """The constraint that refuses the statement; empty when nothing does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as error:
        return constraint_of(error)
    return ""
