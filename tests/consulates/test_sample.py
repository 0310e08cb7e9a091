from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count

from consulates import reference, sample, selectors, tasks
from consulates.models import Consulate, Procedure, Seat, Session, SessionKind, Slot
from consulates.places import Found
from consulates.services import plan_session
from tests.factories.consulates import NOW, session_plan

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def network(module_db):
    reference.load_offices()
    reference.load_procedures()
    reference.load_places()


def test_the_sample_is_a_rolling_month_of_all_offices(network):
    added = sample.fill(now=NOW)

    assert 190_000 < added.seats < 230_000
    assert Consulate.objects.annotate(days=Count("sessions")).filter(days__lt=20).count() == 0
    assert set(Session.objects.values_list("kind", flat=True)) == set(SessionKind.values)
    assert set(Session.objects.values_list("is_sample", "status")) == {(True, "published")}
    # Nobody has booked anything: seats are offered or withdrawn, never held.
    assert not Seat.objects.exclude(holder=None, until=None).exists()
    assert sample.fill(now=NOW).sessions == 0

    tomorrow = NOW + timedelta(days=1)
    more = sample.fill(now=tomorrow)
    newest = Session.objects.order_by("-id")[: more.sessions]
    assert 40 < more.sessions < 120
    assert {session.date for session in newest} == {NOW.date() + timedelta(days=sample.DAYS)}

    some_are_open = Slot.objects.open(now=NOW).count()
    later = selectors.next_openings(now=NOW, consulates=Consulate.objects.all(), limit=500)
    assert some_are_open > 5000
    assert len({opening.consulate for opening in later}) == 51
    passport = Procedure.objects.get(code="passport-adult-first")
    anchorage = Found("Anchorage", 61.2, -149.9)
    hits = selectors.soonest(now=NOW, procedure=passport, near=anchorage, weekend=True)
    assert len(hits) >= selectors.ENOUGH


def test_the_sample_leaves_the_days_of_staff_alone(network):
    office = Consulate.objects.get(code="houston")
    own = plan_session(session_plan(office))
    sample.fill(now=NOW, days=3)
    assert list(office.sessions.filter(date=own.date, place_name="")) == [own]


def test_the_commands_say_what_they_did(network, capsys):
    call_command("load_reference")
    call_command("sample_month", days=1)
    said = capsys.readouterr().out
    assert "offices: 0 created, 0 updated" in said
    assert "places:" not in said
    assert "seats added" in said


@pytest.mark.parametrize(
    ("day", "rests"),
    [("2026-11-26", True), ("2026-11-16", True), ("2026-12-25", True), ("2026-11-24", False), ("2027-02-01", True)],
)
def test_the_sample_rests_on_holidays(day, rests):
    assert sample.is_holiday(date.fromisoformat(day)) is rests


def test_the_task_adds_days_only_where_data_are_samples(network, settings):
    settings.EMBEDDED = False
    assert tasks.roll_sample_month() == 0
    assert Session.objects.count() == 0
