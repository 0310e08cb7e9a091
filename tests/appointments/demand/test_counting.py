"""Who looked for a seat and found none is counted once, without personal data, and never at a citizen's cost."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.demand import counting
from appointments.models import DemandCell, Hold, WaitingEntry
from appointments.waiting import settling
from appointments.waiting.answering import accept
from consulates.models import Place, PlaceKind
from consulates.signals import search_unmet
from consulates.views import public
from mexitel.utils.time import now as real_clock
from tests.appointments import waiting_scene
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import (
    NOW,
    ConsulateFactory,
    PlaceFactory,
    ProcedureFactory,
    published_session,
    take_seats,
)
from tests.factories.scenes import houston

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
ADA = {
    "given_names": "Ada",
    "surname_1": "Ríos",
    "birth_date_day": "5",
    "birth_date_month": "4",
    "birth_date_year": "1988",
}
PHONE = "Mozilla/5.0 (Linux; Android 15) Firefox/140.0"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(public, "time", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def session():
    """In Houston, with all its seats taken."""
    PlaceFactory()
    PlaceFactory(key="88901", name="Las Vegas", state="NV", latitude=36.17, longitude=-115.14)
    office = ConsulateFactory(code="houston")
    session = published_session(office, ProcedureFactory(code="passport"))
    take_seats(session, until=NOW + timedelta(days=90))
    return session


def search(place="77002", client=None, *, agent=PHONE, address="192.0.2.7", **also):
    query = {"tramite": "passport", "lugar": place} | also
    response = (client or Client()).get(reverse("search"), query, headers={"User-Agent": agent}, REMOTE_ADDR=address)
    assert response.status_code == 200
    return response


def counted():
    counting.keep()
    cells = DemandCell.objects.order_by("zip3", "ended").values_list("week", "zip3", "ended", "looks", "people")
    return [tuple(row) for row in cells]


def test_a_search_without_a_seat_counts_once_a_day_for_its_area(session):
    for _again in range(3):
        search(personas="3")
    search(address="192.0.2.8")
    assert counted() == [(MONDAY, "770", "none", 2, 4)]
    assert counted() == [(MONDAY, "770", "none", 2, 4)]  # a second run of the task adds nothing


def test_seats_far_away_are_none_nearby_and_seats_nearby_count_nobody(session):
    take_seats(session, until=NOW - timedelta(days=1))
    search()
    assert counted() == []
    search("88901")
    assert counted() == [(MONDAY, "889", "far", 1, 1)]


def test_month_of_an_office_without_a_seat_counts_where_it_stands(session):
    url = reverse("office", args=["houston"])
    Client().get(url, headers={"User-Agent": PHONE})  # no procedure was chosen: somebody only looks
    assert counted() == []
    Client().get(url, {"tramite": "passport"}, headers={"User-Agent": PHONE})
    assert counted() == [(MONDAY, "770", "none", 1, 1)]


def test_the_interface_for_programs_counts_the_people_behind_it(session):
    query = {"procedure": "passport", "place": "77002"}
    assert Client().get(reverse("api_soonest"), query, headers={"User-Agent": "app of a club/2"}).status_code == 200
    assert [row[1:4] for row in counted()] == [("770", "none", 1)]


@pytest.mark.parametrize("agent", ["", "Googlebot/2.1", "curl/8.5", "python-requests/2.32"])
def test_programs_that_look_around_are_not_counted(session, agent):
    search(agent=agent)
    assert counted() == []


def test_a_whole_state_is_no_area_and_whoever_asks_for_every_town_counts_five_times(session):
    Place.objects.create(kind=PlaceKind.STATE, key="texas", name="Texas", state="TX", latitude=31.5, longitude=-99.3)
    search("Texas")
    assert counted() == []
    for number in range(8):
        ProcedureFactory(code=f"other-{number}")
        search(tramite=f"other-{number}")
    assert sum(row[3] for row in counted()) == counting.MOST_A_DAY


def test_nothing_that_is_kept_says_who_looked(session, own_redis):
    search(address="192.0.2.77")
    kept = []
    for key in own_redis.scan_iter("demand:*"):
        kept += [key, *(own_redis.hgetall(key) if own_redis.type(key) == b"hash" else [own_redis.get(key)])]
    text = b" ".join(kept)
    assert b"|none|1" in text  # what is to be counted is there
    assert not [told for told in (b"192.0.2.77", b"Mozilla", b"Firefox") if told in text]
    assert {own_redis.ttl(key) > 0 for key in own_redis.scan_iter("demand:[ms]*")} == {True}
    counted()
    assert {field.name for field in DemandCell._meta.get_fields()} == {
        "pk", "week", "zip3", "procedure", "ended", "looks", "people", "is_sample",
    }  # fmt: skip


def test_counting_asks_no_database_while_somebody_waits(session):
    search(address="192.0.2.9")  # what a process asks once
    with CaptureQueriesContext(connection) as counting_it:
        search()
    assert search_unmet.disconnect(counting.count_search)
    try:
        with CaptureQueriesContext(connection) as not_counting:
            search(address="192.0.2.8")
    finally:
        search_unmet.connect(counting.count_search)
    assert len(counting_it) == len(not_counting)
    assert [row[3] for row in counted()] == [2]


def test_without_redis_the_page_is_as_it_was(session, redis_server):
    redis_server.kill()
    search()
    redis_server.start()
    cache.breaker.open_seconds = 0
    assert counted() == []


def test_a_fault_of_the_counting_is_no_fault_of_the_page(session, monkeypatch, caplog):
    def fails(*args, **kwargs):
        raise RuntimeError("counting failed")

    monkeypatch.setattr(counting, "_who", fails)
    search()
    assert "counting failed" in caplog.text  # the control: it was asked


def test_what_the_database_refuses_is_counted_by_the_next_run(session, monkeypatch):
    search()
    with monkeypatch.context() as patched:
        patched.setattr(counting, "ADD", "SELECT no_such_function()")
        with pytest.raises(DatabaseError):
            counting.keep()
    assert counted() == [(MONDAY, "770", "none", 1, 1)]


def test_who_searched_and_books_counts_by_the_distance(monkeypatch):
    monkeypatch.setattr(public, "time", SimpleNamespace(now=real_clock))
    scene = houston()
    PlaceFactory(key="78701", name="Austin", latitude=30.27, longitude=-97.74)
    citizen = sign_in(Client(), UserFactory())
    page = search("78701", tramite=scene.adults.code).text
    assert 'name="near" value="30.27,-97.74"' in page
    slot = scene.first.slots.order_by("starts_at").first()
    wish = {"slots": f"{slot.pk}:1", "procedure": scene.adults.code}
    for near in ("30.27,-97.74", "no point", ""):
        citizen.post(reverse("hold_create"), wish | {"near": near})
        assert citizen.session["near"] == (near if near.startswith("30") else "")
    citizen.post(reverse("hold_create"), wish | {"near": "30.27,-97.74"})
    held = Hold.objects.get(outcome="")
    citizen.post(reverse("hold_person", args=[held.pk, 1]), ADA)
    for _tap in range(2):
        assert citizen.post(reverse("hold_check", args=[held.pk])).status_code == 302
    ends = [row[1:] for row in counted()]
    assert ends == [("787", "far", 1, 1), ("787", "to200", 1, 1)]  # nothing near, and a long way to what there is
    assert "near" not in citizen.session


def test_an_accepted_offer_counts_by_the_distance(django_capture_on_commit_callbacks):
    session = waiting_scene.office_day()  # in El Paso
    PlaceFactory(key="88001", name="Las Cruces", state="NM", latitude=32.3, longitude=-106.78)
    waiting_scene.waits(session, here=(32.3, -106.78), near="Las Cruces, NM", miles=100)
    waiting_scene.free(session)
    [offer] = waiting_scene.offers()
    with django_capture_on_commit_callbacks(execute=True):
        for _tap in range(2):
            accept(offer, now=waiting_scene.NOON + timedelta(minutes=1))
    assert [row[1:] for row in counted()] == [("880", "to50", 1, 1)]


def test_an_entry_of_the_waiting_list_that_ran_out_counts_once():
    session = waiting_scene.office_day()
    PlaceFactory(key="79901", name="El Paso", latitude=31.76, longitude=-106.48)
    PlaceFactory(key="88901", name="Las Vegas", state="NV", latitude=36.17, longitude=-115.14)
    waiting_scene.waits(session, party=2)
    waiting_scene.waits(session, here=(36.17, -115.14), near="Las Vegas, NV", miles=200)
    over = WaitingEntry.objects.latest("until").until + timedelta(hours=1)
    for _run in range(2):
        settling.end_entries(now=over)
    week = counting.monday_of(over.date())
    assert counted() == [(week, "799", "waited", 1, 2), (week, "889", "waited", 1, 1)]
