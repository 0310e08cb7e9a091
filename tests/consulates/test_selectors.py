from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from consulates import selectors
from consulates.models import Pool, Seat
from consulates.places import Found
from consulates.selectors import Order
from tests.factories.consulates import (
    NOW,
    ConsulateFactory,
    ProcedureFactory,
    published_session,
    take_seats,
    venue,
)

pytestmark = pytest.mark.django_db

HOUSTON = Found("77002", 29.756, -95.365)
TUESDAY, WEDNESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 28)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def procedure():
    return ProcedureFactory()


@pytest.fixture
def houston():
    return ConsulateFactory(code="houston")


@pytest.fixture
def phoenix():
    return ConsulateFactory(phoenix=True)


def galveston(**changes):
    """A town fifty miles from Houston."""
    place = {"latitude": Decimal("29.30135"), "longitude": Decimal("-94.79770"), "time_zone": "America/Chicago"}
    return venue("Galveston", "TX", **(place | changes))


def codes(hits):
    return [(hit.session.consulate.code, hit.stop.city, hit.session.date) for hit in hits]


def test_a_month_counts_free_seats_day_by_day(houston, procedure):
    tuesday = published_session(houston, procedure)
    published_session(houston, procedure, day=WEDNESDAY)
    take_seats(tuesday, until=LATER, keep=1)

    month = selectors.office_month(houston, first=TUESDAY, last=date(2026, 12, 31), now=NOW)

    assert [(day.day, day.free, day.kinds) for day in month.values()] == [
        (TUESDAY, 4, ("weekday",)),
        (WEDNESDAY, 8, ("weekday",)),
    ]


def test_a_month_keeps_to_its_days_and_to_the_procedure(houston, procedure):
    published_session(houston, procedure)
    published_session(houston, day=WEDNESDAY)
    assert list(selectors.office_month(houston, first=TUESDAY, last=WEDNESDAY, now=NOW, procedure=procedure)) == [
        TUESDAY
    ]
    assert list(selectors.office_month(houston, first=WEDNESDAY, last=WEDNESDAY, now=NOW)) == [WEDNESDAY]


def test_only_public_visible_and_given_seats_are_counted(houston):
    session = published_session(houston)
    first, second, third, fourth = session.slots.all()
    Seat.objects.filter(slot=first).update(pool=Pool.STAFF)
    Seat.objects.filter(slot=second).update(withdrawn_at=NOW)
    Seat.objects.filter(slot=third).update(visible_at=NOW + timedelta(seconds=1))
    fourth.closed_at = NOW
    fourth.save()
    month = selectors.office_month(houston, first=TUESDAY, last=TUESDAY, now=NOW)
    assert month[TUESDAY].free == 0
    assert selectors.earliest_by_office(now=NOW) == {}
    assert selectors.soonest(now=NOW) == []


def test_what_opens_later_is_announced_and_not_counted(houston, procedure):
    published_session(houston, procedure, opens_at=NOW + timedelta(days=1))
    day = selectors.office_month(houston, first=TUESDAY, last=TUESDAY, now=NOW)[TUESDAY]
    assert (day.free, day.next_opening) == (0, NOW + timedelta(days=1))
    [opening] = selectors.next_openings(now=NOW, consulates=[houston], procedure=procedure)
    assert (opening.opens_at, opening.slots, opening.first) == (NOW + timedelta(days=1), 4, TUESDAY)
    assert selectors.next_openings(now=NOW + timedelta(days=1), consulates=[houston]) == []


def test_an_abandoned_seat_comes_back_by_the_clock_alone(houston):
    session = published_session(houston)
    take_seats(session, until=NOW + timedelta(minutes=10))
    assert selectors.soonest(now=NOW + timedelta(minutes=9)) == []
    [hit] = selectors.soonest(now=NOW + timedelta(minutes=10))
    assert hit.session == session


def test_times_that_have_begun_are_gone(houston):
    session = published_session(houston)
    [found] = selectors.office_day(houston, TUESDAY, now=session.starts_at)
    assert found.choices[0].starts_at == session.starts_at + timedelta(minutes=30)
    assert selectors.office_day(houston, TUESDAY, now=session.ends_at) == []


def test_a_day_offers_what_fits_the_party(houston, procedure):
    session = published_session(houston, procedure)
    take_seats(session, until=LATER, keep=1)
    [found] = selectors.office_day(houston, TUESDAY, now=NOW, procedure=procedure, party=3)
    assert found.free == 4
    assert [len(choice.parts) for choice in found.choices] == [3, 3]
    [found] = selectors.office_day(houston, TUESDAY, now=NOW, procedure=procedure, party=5)
    assert found.choices == []


def test_a_draft_is_nowhere_to_be_seen(houston, procedure):
    session = published_session(houston, procedure)
    session.status, session.published_at = "draft", None
    session.save()
    assert selectors.office_month(houston, first=TUESDAY, last=TUESDAY, now=NOW) == {}
    assert selectors.office_day(houston, TUESDAY, now=NOW) == []
    assert selectors.soonest(now=NOW) == []
    assert selectors.earliest_by_office(now=NOW) == {}


def test_the_earliest_comes_first_and_near_places_before_far_ones(houston, phoenix, procedure):
    published_session(houston, procedure, day=SATURDAY, kind="saturday")
    published_session(houston, procedure, day=WEDNESDAY, kind="mobile", venue=galveston())
    published_session(phoenix, procedure)

    assert codes(selectors.soonest(now=NOW, procedure=procedure, near=HOUSTON)) == [
        ("houston", "Galveston", WEDNESDAY),
        ("houston", "Houston", SATURDAY),
        ("phoenix", "Phoenix", TUESDAY),
    ]


def test_the_nearest_comes_first_when_asked(houston, procedure):
    published_session(houston, procedure, day=SATURDAY, kind="saturday")
    published_session(houston, procedure, day=WEDNESDAY, kind="mobile", venue=galveston())
    hits = selectors.soonest(now=NOW, procedure=procedure, near=HOUSTON, order=Order.NEAREST)
    assert [hit.stop.city for hit in hits] == ["Houston", "Galveston"]
    assert [round(hit.miles) for hit in hits] == [12, 46]


def test_without_a_place_the_earliest_of_all_comes_first(houston, phoenix, procedure):
    published_session(houston, procedure, day=WEDNESDAY)
    published_session(phoenix, procedure)
    hits = selectors.soonest(now=NOW, procedure=procedure)
    assert [hit.stop.city for hit in hits] == ["Phoenix", "Houston"]
    assert {hit.miles for hit in hits} == {None}


def test_far_places_are_not_asked_when_there_is_enough_near(houston, phoenix, procedure):
    for number in range(selectors.ENOUGH):
        published_session(houston, procedure, kind="mobile", venue=galveston(name=f"Escuela {number}"))
    published_session(phoenix, procedure)
    assert {hit.stop.city for hit in selectors.soonest(now=NOW, procedure=procedure, near=HOUSTON)} == {"Galveston"}


def test_a_weekend_search_finds_saturdays_and_sundays_only(houston, procedure):
    published_session(houston, procedure)
    published_session(houston, procedure, day=SATURDAY, kind="saturday")
    sunday = SATURDAY + timedelta(days=1)
    published_session(houston, procedure, day=sunday, kind="mobile", venue=galveston())
    hits = selectors.soonest(now=NOW, procedure=procedure, weekend=True)
    assert [hit.session.date for hit in hits] == [SATURDAY, sunday]


def test_the_search_skips_full_sessions_and_sessions_without_the_procedure(houston, procedure):
    published_session(houston)
    full = published_session(houston, procedure, day=WEDNESDAY)
    take_seats(full, until=LATER)
    thursday = published_session(houston, procedure, day=date(2026, 11, 26))
    [hit] = selectors.soonest(now=NOW, procedure=procedure)
    assert hit.session == thursday


@pytest.mark.parametrize("party", [1, 2, 3, 4, 5])
def test_the_search_and_the_day_agree_on_where_a_party_fits(houston, procedure, party):
    session = published_session(houston, procedure, windows=3)
    for slot, keep in zip(session.slots.all(), [1, 0, 2, 3], strict=True):
        Seat.objects.filter(slot=slot, unit__gt=keep).update(until=LATER)
    [found] = selectors.office_day(houston, TUESDAY, now=NOW, procedure=procedure, party=party)
    [hit] = selectors.soonest(now=NOW, procedure=procedure, party=party)
    assert hit.choice == found.choices[0]
    assert hit.choice.parts[0][1] == {1: 1, 2: 2, 3: 2, 4: 2, 5: 2}[party]


def test_a_slot_that_opens_later_is_a_gap(houston, procedure):
    session = published_session(houston, procedure, windows=1)
    second = session.slots.all()[1]
    second.opens_at = LATER
    second.save()
    [hit] = selectors.soonest(now=NOW, procedure=procedure, party=2)
    assert hit.choice.starts_at == session.starts_at + timedelta(minutes=60)


def test_the_first_free_day_is_the_day_of_the_place(phoenix):
    night = published_session(phoenix, day=TUESDAY, opens=time(20), closes=time(22))
    assert night.starts_at.date() == WEDNESDAY
    assert selectors.earliest_by_office(now=NOW) == {phoenix.id: TUESDAY}


def test_queries_do_not_grow_with_rows(houston, phoenix, procedure, django_assert_num_queries):
    days = [TUESDAY, WEDNESDAY, date(2026, 11, 26)]
    for number, day in enumerate(days):
        published_session(houston, procedure, day=day)
        published_session(phoenix, procedure, day=day)
        published_session(houston, procedure, day=day, kind="mobile", venue=galveston())
        if number not in (0, 2):
            continue
        with django_assert_num_queries(1):
            selectors.office_month(houston, first=TUESDAY, last=LATER.date(), now=NOW)
        with django_assert_num_queries(3):
            selectors.office_day(houston, TUESDAY, now=NOW, procedure=procedure)
        with django_assert_num_queries(1):
            selectors.earliest_by_office(now=NOW)
        with django_assert_num_queries(4):
            selectors.soonest(now=NOW, procedure=procedure)
        with django_assert_num_queries(5):
            selectors.soonest(now=NOW, procedure=procedure, near=HOUSTON)
        with django_assert_num_queries(1):
            selectors.next_openings(now=NOW, consulates=[houston, phoenix])


def test_distances_are_miles_over_the_earth():
    los_angeles, new_york = (34.0522, -118.2437), (40.7128, -74.0060)
    assert round(selectors.miles_between(los_angeles, new_york)) == 2446
    assert selectors.miles_between(new_york, new_york) == 0
    assert round(selectors.miles_between((0, 0), (0, 180))) == 12437
