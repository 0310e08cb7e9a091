"""Closures, work lists, changed hours, suspensions; and the page of a proposal, which a link opens."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from appointments.models import Appointment, Closure, Orphan
from consulates.models import Session, Suspension
from tests.factories.accounts import UserFactory
from tests.factories.consulates import ProcedureFactory
from tests.staff.matrix import MANAGERS, PLANNERS, Open, Staff, World, in_office

NEXT_YEAR = datetime(2036, 6, 3, 16, tzinfo=UTC)
SIGNERS = MANAGERS | {"senior_reviewer"}


def session(world: World) -> Session:
    office = world.office
    return Session.objects.create(
        consulate=office, kind="weekday", date=date(2036, 6, 3), opens_local=time(9), closes_local=time(11),
        time_zone="America/Chicago", starts_at=NEXT_YEAR, ends_at=NEXT_YEAR + timedelta(hours=2), city="Houston",
        state="TX", latitude=Decimal(29), longitude=Decimal(-95), windows=1, slot_minutes=30, status="published",
        published_at=NEXT_YEAR - timedelta(days=4000),
    )  # fmt: skip


def closure(world: World) -> Closure:
    """Done, so that whatever is posted to it changes nothing."""
    return Closure.objects.create(
        kind="close", state="done", consulate=world.office, session_ids=[], counted=0, reason_es="Tormenta",
        reason_en="Storm", created_at=NEXT_YEAR, created_by=UserFactory(staff=True, second_factor=False),
        since=NEXT_YEAR, done_at=NEXT_YEAR,
    )  # fmt: skip


def person(world: World) -> dict:
    lost, act = session(world), closure(world)
    appointment = Appointment.objects.create(
        reference="MATRIX234", account=UserFactory(), party_id="0192f5a0-0000-7000-8000-000000000001",
        procedure=ProcedureFactory(), procedure_group="passport", consulate=world.office, session=lost, slot_id=1,
        seat_id=1, scope_ids=[], status="orphaned", channel="web", created_at=NEXT_YEAR, starts_at=NEXT_YEAR,
        until=lost.ends_at,
    )  # fmt: skip
    orphan = Orphan.objects.create(
        closure=act, consulate=world.office, appointment=appointment, session_id=lost.pk, starts_at=NEXT_YEAR,
        state="to_offer", look_at=NEXT_YEAR, created_at=NEXT_YEAR, changed_at=NEXT_YEAR,
    )  # fmt: skip
    return in_office(world) | {"closure_id": act.pk, "orphan_id": orphan.pk}


def of_closure(world: World) -> dict:
    return in_office(world) | {"closure_id": closure(world).pk}


def of_session(world: World) -> dict:
    return in_office(world) | {"session_id": session(world).pk}


def of_suspension(world: World) -> dict:
    made = Suspension.objects.create(
        consulate=world.office, procedure=ProcedureFactory(), first_date=date(2036, 6, 3), last_date=date(2036, 6, 4),
        reason_es="Sin tarjetas", reason_en="No cards", created_at=NEXT_YEAR,
        created_by=UserFactory(staff=True, second_factor=False),
    )  # fmt: skip
    return in_office(world) | {"suspension_id": made.pk}


ROWS = {
    "offer": Open(),
    "staff_closures": Staff(get=MANAGERS, kwargs=in_office),
    "staff_closure_new": Staff(get=MANAGERS, post=MANAGERS, kwargs=in_office),
    "staff_closure": Staff(get=MANAGERS, kwargs=of_closure),
    "staff_closure_sign": Staff(get=SIGNERS, post=SIGNERS, kwargs=of_closure),
    "staff_orphan": Staff(get=MANAGERS, post=MANAGERS, kwargs=person),
    "staff_hours": Staff(get=PLANNERS, post=PLANNERS, kwargs=of_session),
    "staff_suspensions": Staff(get=PLANNERS, kwargs=in_office),
    "staff_suspension_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_suspension_end": Staff(post=PLANNERS, kwargs=of_suspension),
}
