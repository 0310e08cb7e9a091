from datetime import date, time, timedelta
from decimal import Decimal
from time import perf_counter

import pytest

from consulates import calendars, services
from consulates.models import Seat, Session, SessionStatus, Slot
from consulates.services import (
    NotDraft,
    SessionOverlaps,
    plan_session,
    plan_sessions,
    publish_session,
    publish_sessions,
)
from tests.factories.consulates import NOW, ConsulateFactory, ProcedureFactory, session_plan, venue

pytestmark = pytest.mark.django_db


def test_a_plan_keeps_wall_time_and_derives_utc():
    session = plan_session(session_plan(ConsulateFactory(), procedures=[ProcedureFactory()]))
    assert session.status == SessionStatus.DRAFT
    assert (session.starts_at, session.ends_at) == session.hours.in_utc()
    assert session.starts_at.isoformat() == "2026-11-24T15:00:00+00:00"
    assert session.procedures.count() == 1
    assert Slot.objects.count() == 0


def test_a_session_elsewhere_keeps_the_hour_of_its_place():
    session = plan_session(session_plan(ConsulateFactory(), kind="mobile", venue=venue()))
    assert session.time_zone == "America/Los_Angeles"
    assert session.starts_at.isoformat() == "2026-11-24T17:00:00+00:00"


def test_an_unverified_address_does_not_become_the_address_of_a_session():
    session = plan_session(session_plan(ConsulateFactory(unverified=True)))
    assert (session.street_address, session.postal_code, session.city) == ("", "", "Houston")


def test_two_sessions_in_one_place_do_not_overlap():
    office = ConsulateFactory()
    plan_session(session_plan(office))
    with pytest.raises(SessionOverlaps):
        plan_session(session_plan(office, opens=time(10, 30), closes=time(12)))
    assert Session.objects.count() == 1


def test_sessions_that_touch_or_lie_elsewhere_are_fine():
    office = ConsulateFactory()
    plan_sessions(
        [
            session_plan(office),
            session_plan(office, opens=time(11), closes=time(12)),
            session_plan(office, kind="mobile", venue=venue()),
            session_plan(office, kind="mobile", venue=venue(name="Escuela")),
            session_plan(ConsulateFactory()),
        ]
    )
    assert Session.objects.count() == 5


def test_one_impossible_plan_leaves_nothing():
    office = ConsulateFactory()
    switch = session_plan(office, kind="sunday", day=date(2027, 3, 14), opens=time(2, 30))
    with pytest.raises(calendars.NonexistentLocalTime):
        plan_sessions([session_plan(office), switch])
    with pytest.raises(calendars.NoRoomForASlot):
        plan_session(session_plan(office, closes=time(9, 10)))
    assert Session.objects.count() == 0


def test_publishing_makes_one_seat_per_window_and_slot():
    session = plan_session(session_plan(ConsulateFactory()))
    opens_at = NOW + timedelta(days=1)

    published = publish_session(session, opens_at=opens_at, now=NOW)

    session.refresh_from_db()
    assert published == services.Published(sessions=1, slots=4, seats=8, offered=8)
    assert (session.status, session.published_at) == (SessionStatus.PUBLISHED, NOW)
    assert [slot.starts_at for slot in session.slots.all()] == [
        session.starts_at + timedelta(minutes=30 * number) for number in range(4)
    ]
    assert set(session.slots.values_list("opens_at", "gate", "consulate")) == {(opens_at, "open", session.consulate_id)}
    assert list(Seat.objects.values_list("unit", flat=True).order_by("slot", "unit")) == [1, 2] * 4
    assert set(Seat.objects.values_list("pool", "visible_at", "withdrawn_at")) == {("public", NOW, None)}


def test_the_capacity_factor_withdraws_seats_that_can_be_given_back():
    plan = session_plan(ConsulateFactory(), windows=5, capacity_factor=Decimal("0.9"))
    published = publish_session(plan_session(plan), opens_at=NOW, now=NOW)
    assert (published.seats, published.offered) == (20, 18)
    assert Seat.objects.filter(withdrawn_at=NOW).count() == 2
    assert Seat.objects.free(now=NOW).count() == 18


def test_a_factor_of_zero_offers_nothing():
    plan = session_plan(ConsulateFactory(), capacity_factor=Decimal(0))
    assert publish_session(plan_session(plan), opens_at=NOW, now=NOW).offered == 0
    assert Seat.objects.free(now=NOW).count() == 0


def test_a_session_is_published_once():
    session = plan_session(session_plan(ConsulateFactory()))
    publish_session(session, opens_at=NOW, now=NOW)
    with pytest.raises(NotDraft) as refusal:
        publish_sessions([session.id, 10**9], opening=lambda _session, _number: NOW, now=NOW)
    assert refusal.value.session_ids == [session.id, 10**9]
    assert Seat.objects.count() == 8


def test_a_month_of_a_large_office_is_published_within_two_seconds():
    office, procedures = ConsulateFactory(), ProcedureFactory.create_batch(8)
    days = [date(2026, 12, 1) + timedelta(days=number) for number in range(31)]
    kinds = {5: "saturday", 6: "sunday"}
    plans = [
        session_plan(
            office,
            day=day,
            kind=kinds.get(day.weekday(), "weekday"),
            opens=time(8),
            closes=time(16),
            windows=20,
            procedures=procedures,
        )
        for day in days
    ]

    started = perf_counter()
    sessions = plan_sessions(plans)
    published = publish_sessions([each.id for each in sessions], opening=lambda _session, _number: NOW, now=NOW)

    assert published.seats == 31 * 16 * 20
    assert perf_counter() - started < 2
