"""Seats behind a queue, in a draw, of the telephone's share, and those that only the waiting list sees."""

from datetime import timedelta

import pytest

from appointments.models import Appointment, FreedSeat, Hold
from consulates.models import Gate, Seat
from consulates.models.slot import PUBLIC_SEAT_SQL
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.releases import keep_for_phone, release, times_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("mode", "let_in"), [(Gate.QUEUE, "admitted"), (Gate.DRAW, "allotted")])
def test_only_who_was_let_in_passes_the_gate_until_it_opens_to_all(mode, let_in):
    made, other = release(mode=mode), release(mode=mode)
    at = times_of(made)[0]

    def code(now=NOW, **facts):
        return make.hold(make.account(), at, now=now, **facts).code

    assert code() == "not_open"
    assert code(**{let_in: other.pk}) == "not_open"
    wrong = {"admitted": "allotted", "allotted": "admitted"}[let_in]
    assert code(**{wrong: made.pk}) == "not_open"
    assert code(**{let_in: made.pk}, now=NOW - timedelta(seconds=1)) == "not_open"
    assert code(**{let_in: made.pk}) == "ok"
    assert code(now=made.opens_to_all_at) == "ok"


def test_the_telephones_share_is_the_telephones_first_and_then_everybodys():
    until = NOW + HOUR
    at = times_of(release(make.session(seats=2), mode=Gate.OPEN, phone_until=until))[0]
    keep_for_phone(at, 1)
    assert make.hold(make.account(), at, 2).code == "full"
    assert make.hold(make.account(), at, pools=["phone", "public"]).ok
    assert Seat.objects.get(slot=at, unit=1).holder is not None
    Seat.objects.filter(slot=at).update(holder=None, until=None)

    assert make.hold(make.account(), at, 2, now=until).ok


def test_the_publics_seats_mean_the_same_in_queryset_and_sql():
    from tests.consulates.test_slots import MOMENTS  # the moments of that comparison, around its own now

    moment = MOMENTS[1]
    made = make.session(seats=3, slots=4, starts_at=NOW + timedelta(days=20))
    for slot, phone_until in zip(made.slots.all(), [None, *MOMENTS], strict=True):
        slot.opens_at, slot.phone_until = moment, phone_until
        slot.save()
        Seat.objects.filter(slot=slot).update(visible_at=moment)
        keep_for_phone(slot, 1)
    by_sql = Seat.objects.raw(
        "SELECT seat.id FROM consulates_seat seat JOIN consulates_slot slot ON slot.id = seat.slot_id"
        f" WHERE {PUBLIC_SEAT_SQL}",
        {"now": moment},
    )
    by_queryset = Seat.objects.free(now=moment).public(now=moment).filter(slot__starts_at__gt=moment)

    assert {seat.pk for seat in by_sql} == {seat.pk for seat in by_queryset}
    assert by_queryset.filter(pool="phone").count() == 2


def freed_seat(*, seats=1, mode=None):
    """A time whose one booked seat was given back at NOW, and rests for two hours."""
    made = make.session(seats=seats)
    if mode:
        release(made, mode=mode, opens_at=NOW - timedelta(days=1), opens_to_all_at=NOW + timedelta(days=9))
    [at] = made.slots.all()
    booker = make.account()
    passes = {"admitted": made.release_id, "allotted": made.release_id}
    held = make.hold(booker, at, seats, **passes)
    booked = make.confirm(booker, held, n=seats).facts["appointments"]
    ids = list(Appointment.objects.filter(pk__in=booked).values_list("seat_id", flat=True))
    make.cancel(booker, *booked)
    Seat.objects.filter(pk__in=ids).update(visible_at=NOW + 2 * HOUR)
    return at, ids, booker


def offer(booker, at, seats, *, now=NOW, length=HOUR / 2, **facts):
    values = {"resting": seats, "origin": "waiting", "expires_at": now + length} | facts
    return make.hold(booker, at, len(seats), now=now, **values)


@pytest.mark.parametrize("mode", [None, Gate.QUEUE, Gate.DRAW])
def test_a_resting_seat_is_offered_and_nobody_else_gets_it(mode):
    at, seats, _ = freed_seat(mode=mode)

    assert offer(make.account(), at, seats).ok
    assert offer(make.account(), at, seats).code == "full"
    assert make.hold(make.account(), at).code in {"full", "not_open"}


def test_an_offer_that_ends_late_is_none():
    at, seats, _ = freed_seat()
    assert offer(make.account(), at, seats, length=2 * HOUR + timedelta(seconds=1)).code == "full"
    assert offer(make.account(), at, seats, length=2 * HOUR).ok


def test_who_gave_a_seat_back_is_not_offered_it():
    at, seats, freer = freed_seat()
    assert offer(freer, at, seats).code == "full"


def test_seats_that_are_to_be_seen_already_or_were_never_given_are_not_offered():
    at, seats, _ = freed_seat()
    Seat.objects.filter(pk__in=seats).update(visible_at=NOW)
    assert offer(make.account(), at, seats).code == "full"
    FreedSeat.objects.all().delete()  # a plan keeps them back, and nobody let go of them
    Seat.objects.filter(pk__in=seats).update(visible_at=NOW + timedelta(hours=3))
    assert offer(make.account(), at, seats).code == "full"


def test_an_offer_that_ends_leaves_the_seat_to_the_next_at_once_and_to_all_when_it_was_to_be():
    at, seats, _ = freed_seat()
    first = offer(make.account(), at, seats)
    later = NOW + HOUR / 2
    assert first.ok
    assert offer(make.account(), at, seats, now=later - timedelta(seconds=1), length=HOUR).code == "full"
    second = make.account()
    held = offer(second, at, seats, now=later)
    assert held.ok
    make.claim_one(make.hold_only_request(second, "release", held.facts["hold"], now=later), now=later)
    assert make.hold(make.account(), at, now=NOW + 2 * HOUR - timedelta(seconds=1)).code == "full"
    assert make.hold(make.account(), at, now=NOW + 2 * HOUR).ok


@pytest.mark.parametrize("origin", ["draw", "waiting"])
def test_what_was_given_lasts_as_long_as_it_says_and_is_not_extended(origin):
    at, seats, _ = freed_seat()
    booker = make.account()
    held = offer(booker, at, seats, origin=origin)
    assert held.ok
    request = make.hold_only_request(booker, "extend", held.facts["hold"])
    assert make.claim_one(request, now=NOW).code == "already_extended"
    assert Seat.objects.get(pk=seats[0]).until == Hold.objects.get(pk=held.facts["hold"]).expires_at


def test_a_family_is_offered_all_its_seats_or_none():
    at, seats, _ = freed_seat(seats=2)
    Seat.objects.filter(pk=seats[0]).update(visible_at=NOW + HOUR / 4)
    assert offer(make.account(), at, seats).code == "full"
    Seat.objects.filter(pk=seats[0]).update(visible_at=NOW + HOUR)
    assert offer(make.account(), at, seats).ok
