"""A move re-points the row; a cancellation frees permits at once and the seat after its rest."""

from datetime import UTC, timedelta

import pytest

from appointments.claim import claim_one
from appointments.models import ApplicantClaim, Appointment, FreedSeat, Hold
from consulates.calendars import zone
from consulates.models import Seat
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use
from tests.factories.resting import LONGEST, could_be_seen

pytestmark = pytest.mark.django_db
# Eleven, and eight in the morning, where the office is; on a day to come, whenever the tests run.
NOON = NOW.replace(hour=18, minute=0, second=0) + timedelta(days=1)
MORNING = NOON.astimezone(zone("America/Denver")).replace(hour=8).astimezone(UTC)


def move(booker, booked, to, *, seats=1, now=NOW):
    held = make.hold(booker, to, seats, replaces=booked, now=now)
    assert held.ok, held
    return make.confirm(booker, held, [], now=now)


def family_of_five():
    booker, at = make.account(), make.slot(seats=5)
    return booker, at, make.book(booker, at, 5)


def test_full_family_moves():
    booker, at, booked = family_of_five()
    to = make.slot(seats=5, procedures=[make.offered(at)], starts_at=NOW + timedelta(days=20))
    assert move(booker, booked, to, seats=5).facts["appointments"] == booked
    rows = Appointment.objects.filter(pk__in=booked)
    assert {(row.slot_id, row.starts_at, row.until, row.times_moved, row.move_hold_id) for row in rows} == {
        (to.pk, to.starts_at, to.session.ends_at, 1, None)
    }
    assert permits_in_use(booker, now=at.session.ends_at) == {"account": 5, "email": 5}
    assert set(ApplicantClaim.objects.values_list("until", flat=True)) == {to.session.ends_at}
    assert make.hold(booker, make.slot()).code == "lock_full"
    assert_books_balance(now=NOW)


def test_one_of_a_full_family_moves():
    booker, at, booked = family_of_five()
    assert move(booker, booked[2:3], make.slot(procedures=[make.offered(at)])).ok
    assert_books_balance(now=NOW)


def test_moved_people_keep_their_order():
    booker, at, booked = family_of_five()
    to = make.slot(seats=5, procedures=[make.offered(at)])
    backwards = booked[::-1]
    held = make.hold(booker, to, 5, replaces=backwards)
    answers = [make.confirm(booker, held, []).facts["appointments"] for _ in range(2)]
    assert answers == [backwards, backwards]
    seats = dict(Appointment.objects.values_list("pk", "seat_id"))
    assert [seats[Appointment.objects.get(pk=one).pk] for one in backwards] == Hold.objects.get(
        pk=held.facts["hold"]
    ).seat_ids


def test_second_move_hold_replaces_the_first():
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    first, second = (make.slot(procedures=[make.offered(at)]) for _ in range(2))
    one = make.hold(booker, first, replaces=booked)
    two = make.hold(booker, second, replaces=booked)
    assert Hold.objects.get(pk=one.facts["hold"]).outcome == "superseded"
    assert make.confirm(booker, one, []).code == "hold_expired"
    assert make.confirm(booker, two, []).ok


def test_move_hold_that_ran_out_leaves_the_appointment_as_it_was():
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    to = make.slot(procedures=[make.offered(at)])
    held = make.hold(booker, to, replaces=booked)
    late = NOW + timedelta(minutes=10)
    assert make.confirm(booker, held, [], now=late).code == "hold_expired"
    assert Appointment.objects.get().slot_id == at.pk
    assert make.hold(make.account(), to, now=late + timedelta(minutes=10)).ok
    assert make.cancel(booker, *booked, now=late).ok


def test_cancelling_one_of_a_family_that_is_moving_ends_the_move():
    booker, at, booked = family_of_five()
    held = make.hold(booker, make.slot(seats=5, procedures=[make.offered(at)]), 5, replaces=booked)
    assert make.cancel(booker, booked[0]).ok
    assert make.confirm(booker, held, []).code == "hold_expired"
    assert Appointment.objects.filter(move_hold_id=None).count() == 5
    assert_books_balance(now=NOW)


def test_orphaned_appointment_moves_and_is_booked_again():
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    Appointment.objects.update(status="orphaned")
    Seat.objects.filter(slot=at).update(holder=None, until=None, withdrawn_at=NOW)
    assert move(booker, booked, make.slot(procedures=[make.offered(at)])).ok
    assert Appointment.objects.get().status == "booked"
    assert FreedSeat.objects.count() == 0
    assert_books_balance(now=NOW)


def test_cancelling_twice_tells_once():
    booker, at = make.account(), make.slot(seats=2)
    booked = make.book(booker, at, 2)
    assert make.cancel(booker, booked[0]).ok
    assert make.cancel(booker, booked[0], booked[0]).ok
    assert make.cancel(booker, *booked).ok
    told = OutboxMessage.objects.filter(kind="appointment.cancelled").order_by("id").values_list("payload", flat=True)
    assert list(told) == [{"appointments": [booked[0]]}, {"appointments": [booked[1]]}]


def test_cancelled_permits_are_free_at_once():
    booker, _, booked = family_of_five()
    assert make.cancel(booker, *booked).ok
    assert permits_in_use(booker, now=NOW) == {"account": 0, "email": 0}
    assert make.hold(booker, make.slot(seats=5), 5).ok
    assert_books_balance(now=NOW)


def test_cancelled_person_may_be_booked_again():
    booker, at = make.account(), make.slot(seats=2)
    who = make.people(booker, 1)
    booked = make.confirm(booker, make.hold(booker, at), who).facts["appointments"]
    make.cancel(booker, *booked)
    assert make.confirm(booker, make.hold(booker, at), who).ok


@pytest.mark.parametrize(
    ("freed_at", "starts_in", "since", "shortest", "longest"),
    [
        (NOON, timedelta(days=14), NOON, 15, 240),
        (NOON, timedelta(days=1), NOON, 15, 240),
        (NOON, timedelta(hours=23), NOON, 5, 30),
        # At night it comes back in the morning, on the clock of the place, so that who sleeps has the same chance.
        (MORNING - timedelta(hours=8), timedelta(days=14), MORNING, 15, 240),
        (MORNING - timedelta(hours=8), timedelta(hours=23), MORNING - timedelta(hours=8), 5, 30),
    ],
)
def test_freed_seat_rests_for_a_random_time(freed_at, starts_in, since, shortest, longest):
    at = make.slot(seats=60, starts_at=freed_at + starts_in)
    for _ in range(12):
        booker = make.account()
        make.cancel(booker, *make.book(booker, at, 5, now=freed_at), now=freed_at)
    seats = Seat.objects.filter(slot=at, visible_at__gt=freed_at)
    rests = [(seat.visible_at - since).total_seconds() / 60 for seat in seats]
    assert len(rests) == 60
    assert shortest <= min(rests) < max(rests) <= longest
    assert max(rests) - min(rests) > (longest - shortest) / 2
    assert len(set(rests)) == 60


@pytest.mark.parametrize("minutes_before_eight", [0, 240, 700, 899])
def test_no_moment_lies_in_the_night(minutes_before_eight):
    """Freed in the evening, one part of the seats comes back before 21 and the rest after 8."""
    freed_at = MORNING - timedelta(minutes=minutes_before_eight)
    at = make.slot(seats=30, starts_at=MORNING + timedelta(days=9))
    for _ in range(6):
        booker = make.account()
        make.cancel(booker, *make.book(booker, at, 5, now=freed_at), now=freed_at)
    for seat in Seat.objects.filter(slot=at):
        place = {"starts_at": at.starts_at, "time_zone": at.session.time_zone}
        assert could_be_seen(seat.visible_at, freed=freed_at, **place), seat.visible_at


def test_freed_seat_is_not_for_its_freer_until_a_day_later():
    booker, other, at = make.account("ana.b@gmail.com"), make.account(), make.slot()
    make.cancel(booker, *make.book(booker, at))
    seen = NOW + LONGEST
    alias = make.account("anab+1@gmail.com")
    for who in (booker, alias):
        assert make.hold(who, at, now=seen).code == "held_before"
        assert make.hold(who, at, now=NOW + timedelta(hours=24) - timedelta(seconds=1)).code == "held_before"
    assert make.hold(other, at, now=NOW + timedelta(minutes=4)).code == "full"
    assert make.hold(alias, at, now=NOW + timedelta(hours=24)).ok


def test_moved_from_seat_is_not_for_its_mover():
    booker, at = make.account(), make.slot()
    move(booker, make.book(booker, at), make.slot(procedures=[make.offered(at)]))
    assert make.hold(booker, at, now=NOW + LONGEST).code == "held_before"
    assert make.hold(make.account(), at, now=NOW + LONGEST).ok


def test_abandoned_seat_is_booked_again_with_no_task():
    at = make.slot()
    expired = [make.hold(make.account(), at), NOW + timedelta(minutes=10)]
    assert make.hold(make.account(), at, now=expired[1] + timedelta(seconds=59)).code == "full"
    make.book(make.account(), at, now=expired[1] + timedelta(minutes=10))


def test_released_seat_rests_like_an_expired_one():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    assert claim_one(make.hold_only_request(booker, "release", held.facts["hold"]), now=NOW).ok
    until = Seat.objects.get(slot=at).until
    assert NOW + timedelta(minutes=1) <= until <= NOW + timedelta(minutes=10)
    assert permits_in_use(booker, now=NOW) == {"account": 0, "email": 0}


def test_extended_hold_keeps_seat_and_permits_for_ten_more_minutes():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    late = NOW + timedelta(minutes=9)
    assert claim_one(make.hold_only_request(booker, "extend", held.facts["hold"], now=late), now=late).ok
    later = NOW + timedelta(minutes=18)
    assert permits_in_use(booker, now=later) == {"account": 1, "email": 1}
    assert make.hold(make.account(), at, now=later).code == "full"
    assert make.confirm(booker, held, now=later).ok
    assert_books_balance(now=later)
