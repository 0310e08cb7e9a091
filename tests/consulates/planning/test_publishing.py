"""A month is published in one act as it was shown; sessions are held once they are over."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from consulates.calendars import spread
from consulates.models import Seat, Session
from consulates.planning.errors import NotOver, WorldChanged
from consulates.planning.publishing import mark_held, publish_drafts, seal_of
from consulates.services import sessions as supply
from consulates.services.sessions import NotDraft
from consulates.services.suspensions import resume, suspend
from consulates.views.staff.week import rows_of, totals
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return ConsulateFactory()


@pytest.fixture
def by(office):
    return planning.planner(office)


def drafts(office, by, days, **changes):
    passport = make.procedure()
    plans = (planning.plan(office, passport, after=n, **changes) for n in range(days))
    return planning.create(office, *plans, by=by).made


def month(office, by, days):
    """Four windows, of which a factor leaves three quarters on some days, with both pools."""
    made = drafts(office, by, days, windows=4, staff_seats=3, emergency_seats=2)
    planning.factor(office, "0.75", by=by, first=planning.DAY, last=planning.DAY + timedelta(days=days // 2))
    return list(Session.objects.filter(pk__in=made))


def test_a_month_has_the_seats_that_its_preview_said(office, by):
    sessions = month(office, by, 22)
    shown = totals(rows_of(sessions, now=NOW))
    _batch, published = publish_drafts(
        office=office, session_ids=[s.pk for s in sessions], opens_at=None,
        shown=seal_of(sessions, opens_at=None, office=office, by=by), by=by, now=NOW,
    )  # fmt: skip

    assert (published.sessions, published.seats, published.offered) == (22, shown["nominal"], shown["offered"])
    assert (shown["nominal"], shown["offered"]) == (22 * 16, 12 * 12 + 10 * 16)
    assert Seat.objects.count() == shown["nominal"]
    assert Seat.objects.free(now=NOW).count() == shown["offered"]
    for pool, seats in [("staff", 3), ("emergency", 2)]:
        found = Seat.objects.filter(pool=pool)
        assert (found.count(), found.filter(withdrawn_at=None).count()) == (22 * seats, 22 * seats)
        each = [found.filter(slot=slot).count() for slot in sessions[0].slots.order_by("starts_at")]
        assert each == spread(seats, 4)
    after = totals(rows_of(list(Session.objects.all()), now=NOW))
    assert (after["nominal"], after["offered"]) == (shown["nominal"], shown["offered"])


@pytest.mark.parametrize("batch_slots", [10_000, 20])
def test_publishing_asks_as_much_for_a_day_as_for_a_month(office, by, monkeypatch, batch_slots):
    """But for one statement for each batch of times."""
    monkeypatch.setattr(supply, "BATCH_SLOTS", batch_slots)
    sessions = month(office, by, 21)
    asked = {}
    for count, some in [(1, sessions[:1]), (20, sessions[1:])]:
        shown = seal_of(some, opens_at=None, office=office, by=by)
        with CaptureQueriesContext(connection) as queries:
            publish_drafts(office=office, session_ids=[s.pk for s in some], opens_at=None, shown=shown, by=by, now=NOW)
        asked[count] = len(queries)

    assert asked[20] - asked[1] == -(-80 // batch_slots) - 1


def test_a_factor_set_after_the_preview_is_shown_before_anything_is_published(office, by):
    made = drafts(office, by, 2)
    shown = seal_of(list(Session.objects.all()), opens_at=None, office=office, by=by)
    planning.factor(office, "0.5", by=by)

    with pytest.raises(WorldChanged):
        publish_drafts(office=office, session_ids=made, opens_at=None, shown=shown, by=by, now=NOW)
    assert not Seat.objects.exists()


def test_a_factor_for_other_days_changes_nothing_that_was_shown(office, by):
    made = drafts(office, by, 1)
    shown = seal_of(list(Session.objects.all()), opens_at=None, office=office, by=by)
    later = planning.DAY + timedelta(days=9)
    planning.factor(office, "0.5", by=by, first=later, last=later)

    publish_drafts(office=office, session_ids=made, opens_at=None, shown=shown, by=by, now=NOW)
    assert Seat.objects.free(now=NOW).count() == 8


def test_drafts_of_another_office_are_not_published(office, by):
    other = ConsulateFactory()
    foreign = drafts(other, by, 1)
    found = list(Session.objects.all())
    shown = seal_of(found, opens_at=None, office=office, by=by)

    with pytest.raises(NotDraft):
        publish_drafts(office=office, session_ids=foreign, opens_at=None, shown=shown, by=by, now=NOW)


def test_a_suspended_procedure_is_not_offered_where_it_is_published_within_the_days(office, by):
    passport, card = make.procedure(), make.procedure()
    plans = [planning.plan(office, passport, card, after=n) for n in range(3)]
    made = planning.create(office, *plans, by=by).made
    pause = suspend(
        consulate=office, procedure_id=passport.pk, first=planning.DAY, last=planning.DAY + timedelta(days=1),
        reason_es="No hay libretas.", reason_en="There are no booklets.", by=by, now=NOW,
    )  # fmt: skip
    planning.publish(office, made, by=by)
    first, _second, third = Session.objects.filter(pk__in=made).order_by("date")

    def days_of(procedure):
        return list(Session.objects.offering(procedure).order_by("date").values_list("date", flat=True))

    def hold(session, procedure):
        return make.hold(make.account(), session.slots.first(), procedure=procedure.pk).code

    assert days_of(passport) == [third.date]
    assert len(days_of(card)) == 3
    assert [hold(first, passport), hold(first, card), hold(third, passport)] == ["not_offered", "ok", "ok"]
    resume(pause, by=by, now=NOW)
    assert hold(first, passport) == "ok"


def held(**found):
    return list(Session.objects.filter(status="held", **found).values_list("pk", "held_at", "held_by"))


def test_a_session_that_is_over_is_held_with_who_and_when(office, by):
    session = planning.published(office)
    after = session.ends_at

    assert mark_held(session_ids=[session.pk], by=by, now=after) == 1
    assert held() == [(session.pk, after, by.pk)]


def test_held_again_keeps_who_and_when(office, by, monkeypatch):
    session = planning.published(office)
    mark_held(session_ids=[session.pk], by=by, now=session.ends_at)
    later = session.ends_at + timedelta(hours=1)

    assert mark_held(session_ids=[session.pk], by=planning.planner(office), now=later) == 0
    assert held() == [(session.pk, session.ends_at, by.pk)]
    assert AuditLine.objects.filter(action="session.held").count() == 1


def test_by_the_clock_nobody_is_named(office):
    session = planning.published(office)
    mark_held(session_ids=[session.pk], by=None, now=session.ends_at)

    assert held() == [(session.pk, session.ends_at, None)]


def test_drafts_running_sessions_and_unknown_ones_are_not_over_and_hold_up_the_others(office, by):
    over = planning.published(office)
    running = planning.published(office, after=1)
    [planned] = drafts(ConsulateFactory(), by, 1)
    now = running.ends_at - timedelta(seconds=1)
    with pytest.raises(NotOver) as error:
        mark_held(session_ids=[over.pk, running.pk, planned, 10**9], by=by, now=now)

    assert sorted(error.value.session_ids) == sorted([running.pk, planned, 10**9])
    assert held() == []


def test_a_publication_that_was_taken_back_is_not_held(office, by):
    batch = planning.publish(office, drafts(office, by, 1), by=by)
    planning.undo(batch, by=by)
    with pytest.raises(NotOver):
        mark_held(session_ids=batch.made, by=by, now=NOW + timedelta(days=30))


@pytest.mark.parametrize("columns", [{"status": "held"}, {"held_at": NOW}])
def test_held_has_its_moment_and_nothing_else_has(office, columns):
    session = planning.published(office)
    with pytest.raises(IntegrityError, match="consulates_session_held_has_its_moment"), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(**columns)
