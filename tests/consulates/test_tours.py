from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from consulates.models import Seat, Session, SessionStatus, Slot, Stop, Tour
from consulates.services import SessionOverlaps, plan_session
from consulates.services.tours import (
    LocalMoment,
    NothingToPublish,
    OpensTooLate,
    StopPublished,
    StopTooLong,
    TeamElsewhere,
    TourNameTaken,
    preview_tour,
    publish_tour,
    remove_stop,
    save_stop,
    save_tour,
)
from mexitel.audit.models import AuditLine
from tests.factories import tours as make
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW, ConsulateFactory, ProcedureFactory, session_plan, venue

pytestmark = pytest.mark.django_db
# Of 16 January 2027, a Saturday in Reno: the Wednesday three weeks before its week, ten in the morning there.
THREE_WEEKS_BEFORE = datetime(2026, 12, 23, 18, 0, tzinfo=UTC)


@pytest.fixture
def office():
    return ConsulateFactory()


@pytest.fixture
def tour(office):
    return make.tour(office)


def test_a_stop_makes_one_draft_a_day_at_the_hours_of_its_place(tour):
    procedure = ProcedureFactory()
    stop = make.stop(tour, procedures=[procedure])

    sessions = list(stop.sessions.order_by("date"))
    assert [session.date for session in sessions] == [date(2027, 1, 16), date(2027, 1, 17)]
    assert {(session.kind, session.status, session.time_zone) for session in sessions} == {
        ("mobile", "draft", "America/Los_Angeles")
    }
    assert sessions[0].starts_at == datetime(2027, 1, 16, 17, tzinfo=UTC)
    assert list(sessions[0].procedures.all()) == [procedure]
    assert (stop.starts_at, stop.ends_at) == (sessions[0].starts_at, sessions[1].ends_at)
    assert AuditLine.objects.filter(action="tour.stop", office_id=tour.consulate_id).count() == 1


def test_a_team_is_at_one_stop_at_a_time(tour):
    make.stop(tour)
    elsewhere = {"venue": venue("Elko"), "first_day": date(2027, 1, 17), "last_day": date(2027, 1, 18)}

    with pytest.raises(TeamElsewhere):
        make.stop(tour, **elsewhere)
    with pytest.raises(TeamElsewhere):
        make.stop(make.tour(tour.consulate, name="Otra gira"), **elsewhere)
    assert Stop.objects.count() == 1
    assert Session.objects.count() == 2


def test_other_teams_other_offices_and_other_days_are_free(tour):
    make.stop(tour)
    elsewhere = {"venue": venue("Elko")}

    make.stop(make.tour(tour.consulate, name="Otra gira", team="B"), **elsewhere)
    make.stop(make.tour(ConsulateFactory(city="Reno")))
    make.stop(tour, **elsewhere, first_day=date(2027, 1, 18), last_day=date(2027, 1, 18))
    assert Stop.objects.count() == 4


def test_a_stop_says_of_its_tour_what_the_tour_says(tour):
    stop = make.stop(tour)
    with pytest.raises(IntegrityError, match="consulates_stop_repeats_its_tour"), transaction.atomic():
        Stop.objects.filter(pk=stop.pk).update(team="B")


def test_changing_the_team_takes_its_stops_along_unless_it_is_elsewhere(tour):
    stop = make.stop(tour)
    save_tour(
        consulate=tour.consulate, tour=tour, kind="mobile", name="x", team="C", vehicle="", kit="", by=None, now=NOW
    )
    stop.refresh_from_db()
    assert stop.team == "C"

    other = make.tour(tour.consulate, name="Otra", team="D")
    make.stop(other, venue=venue("Elko"))
    values = {"kind": "mobile", "name": "Otra", "team": "C", "vehicle": "", "kit": ""}
    with pytest.raises(TeamElsewhere):
        save_tour(consulate=tour.consulate, tour=other, **values, by=UserFactory(), now=NOW)


def test_the_kind_of_a_tour_stays_once_it_has_stops(tour):
    values = {"name": tour.name, "team": "A", "vehicle": "", "kit": ""}
    save = {"consulate": tour.consulate, "tour": tour, "by": UserFactory(), "now": NOW}
    assert save_tour(kind="on_wheels", **values, **save).kind == "on_wheels"
    make.stop(tour)
    save_tour(kind="mobile", **values, **save)
    tour.refresh_from_db()
    assert tour.kind == "on_wheels"


def test_a_name_is_used_once_in_an_office(tour):
    with pytest.raises(TourNameTaken):
        make.tour(tour.consulate)
    assert make.tour(ConsulateFactory(city="Reno")).name == tour.name


def test_an_overlapping_session_leaves_neither_stop_nor_drafts(tour):
    plan_session(session_plan(tour.consulate, kind="mobile", day=date(2027, 1, 17), venue=venue()))
    with pytest.raises(SessionOverlaps):
        make.stop(tour)
    assert (Stop.objects.count(), Session.objects.count()) == (0, 1)


def test_a_stop_has_an_end(tour):
    with pytest.raises(StopTooLong):
        make.stop(tour, last_day=date(2027, 2, 16))


def test_changing_a_stop_makes_its_drafts_anew(tour):
    stop = make.stop(tour)
    save_stop(tour=tour, stop=stop, plan=make.stop_plan(opens=time(10), last_day=date(2027, 1, 16)), by=None, now=NOW)
    [session] = Session.objects.all()
    assert (session.opens_local, list(Stop.objects.get().sessions.all())) == (time(10), [session])


def test_removing_a_stop_takes_its_drafts(tour):
    remove_stop(stop=make.stop(tour), by=UserFactory(), now=NOW)
    assert (Stop.objects.count(), Session.objects.count()) == (0, 0)
    assert AuditLine.objects.filter(action="tour.stop_removed").exists()


def test_preview_says_what_publishing_makes(tour):
    make.stop(tour)
    make.stop(tour, venue=venue("Elko"), first_day=date(2027, 1, 20), last_day=date(2027, 1, 20), windows=5)

    preview = preview_tour(tour, now=NOW)
    assert [(each.sessions, each.slots, each.seats) for each in preview] == [(2, 8, 16), (1, 4, 20)]
    assert [each.opens_at for each in preview] == [THREE_WEEKS_BEFORE, THREE_WEEKS_BEFORE + timedelta(days=7)]

    published = publish_tour(tour=tour, by=UserFactory(), now=NOW)
    assert (published.sessions, published.slots, published.seats) == (3, 12, 36)
    assert Seat.objects.count() == 36
    assert {slot.opens_at for slot in Slot.objects.all()} == {each.opens_at for each in preview}
    assert preview_tour(tour, now=NOW) == []
    with pytest.raises(NothingToPublish):
        publish_tour(tour=tour, by=UserFactory(), now=NOW)


def test_a_chosen_moment_is_read_on_the_clocks_of_each_stop(tour):
    make.stop(tour)
    make.stop(
        tour,
        venue=venue("El Paso", "TX", time_zone="America/Denver"),
        first_day=date(2027, 1, 20),
        last_day=date(2027, 1, 20),
    )
    publish_tour(tour=tour, opening=LocalMoment(date(2027, 1, 4), time(8)), by=UserFactory(), now=NOW)
    assert sorted(set(Slot.objects.values_list("opens_at", flat=True))) == [
        datetime(2027, 1, 4, 15, tzinfo=UTC),
        datetime(2027, 1, 4, 16, tzinfo=UTC),
    ]


def test_a_wednesday_that_has_gone_by_opens_at_once(tour):
    make.stop(tour)
    late = datetime(2027, 1, 10, tzinfo=UTC)
    publish_tour(tour=tour, by=UserFactory(), now=late)
    assert set(Slot.objects.values_list("opens_at", flat=True)) == {late}


def test_places_do_not_open_after_a_stop_began(tour):
    make.stop(tour)
    with pytest.raises(OpensTooLate):
        publish_tour(tour=tour, opening=LocalMoment(date(2027, 1, 16), time(12)), by=UserFactory(), now=NOW)
    assert set(Session.objects.values_list("status", flat=True)) == {SessionStatus.DRAFT}


def test_what_is_published_is_neither_changed_nor_removed_here(tour):
    stop = make.stop(tour)
    publish_tour(tour=tour, by=UserFactory(), now=NOW)
    with pytest.raises(StopPublished):
        save_stop(tour=tour, stop=stop, plan=make.stop_plan(opens=time(8)), by=UserFactory(), now=NOW)
    with pytest.raises(StopPublished):
        remove_stop(stop=stop, by=UserFactory(), now=NOW)
    assert Seat.objects.count() == 16
    assert Tour.objects.get().stops.count() == 1
