"""How much a booker may hold at once, what waits after holds that came to nothing, and whose a freed seat is not."""

from datetime import timedelta

import pytest

from appointments.errors import CoolingDown
from appointments.models import FreedSeat, Hold
from appointments.refusals import sentence
from appointments.services.hold import Wish, hold_seats
from appointments.services.links import adopt_scopes, link_accounts
from consulates.models import Seat
from mexitel.utils.crypto import keyed_hash
from tests.factories import appointments as make
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def later(minutes):
    return NOW + minutes * MINUTE


def of_one_mailbox():
    return make.account("rosa.perez@gmail.com"), make.account("rosaperez+cita@gmail.com")


def times(n, *, seats=9):
    return list(make.session(seats=seats, slots=n).slots.all())


def release(booker, held, *, now=NOW):
    return make.claim_one(make.hold_only_request(booker, "release", held.facts["hold"], now=now), now=now)


def leave(booker, n, *, at):
    """``n`` holds that run out one after the other; returns the end of the last one."""
    now = NOW - timedelta(hours=5)
    for place in range(n):
        assert make.hold(booker, at[place], now=now).ok
        now += timedelta(minutes=75)
    return now - timedelta(minutes=65)


# -- two open parties ----------------------------------------------------------------------------------------------


def test_a_third_party_waits_for_the_first_to_end():
    booker, at = make.account(), times(4)
    assert make.hold(booker, at[0], 2).ok
    assert make.hold(booker, at[1], now=later(2)).ok
    refused = make.hold(booker, at[2], now=later(3))
    assert (refused.code, refused.facts["active"], refused.facts["cap"]) == ("too_many_holds", 2, 2)
    assert (refused.facts["minutes"], Hold.objects.count()) == (7, 2)


def test_another_time_instead_of_an_open_one_meets_no_limit():
    booker, at = make.account(), times(4)
    first = make.hold(booker, at[0])
    assert make.hold(booker, at[1]).ok
    assert make.hold(booker, at[2], supersedes=first.facts["hold"]).ok


@pytest.mark.parametrize("origin", ["draw", "waiting", "closure", "redress", "emergency", "walk_in"])
def test_what_others_decided_is_not_counted(origin):
    booker, at = make.account(), times(4)
    for place in (0, 1):
        assert make.hold(booker, at[place], origin=origin).ok
    assert make.hold(booker, at[2]).ok
    assert make.hold(booker, at[3]).ok
    assert make.hold(booker, times(1)[0], origin=origin).ok


def test_a_move_is_not_counted():
    booker, at = make.account(), times(4)
    booked = make.book(booker, at[0])
    assert make.hold(booker, at[1]).ok
    assert make.hold(booker, at[2]).ok
    assert make.hold(booker, at[3], replaces=booked, origin="replacement").ok


def test_the_caller_is_counted_and_the_agent_is_not():
    caller, at = make.account(), times(5)
    assert make.hold(caller, at[0]).ok
    assert make.hold(caller, at[1], agent=7).ok
    assert make.hold(caller, at[2], agent=7).code == "too_many_holds"
    assert make.hold(make.account(), at[2], agent=7).ok
    assert make.hold(make.account(), at[2], agent=7).ok


def test_two_accounts_of_one_mailbox_and_of_one_group_are_one_booker():
    one, other = of_one_mailbox()
    stranger, at = make.account(), times(4)
    assert make.hold(one, at[0]).ok
    assert make.hold(other, at[1]).ok
    assert make.hold(one, at[2]).code == "too_many_holds"
    assert make.hold(stranger, at[2]).ok
    link_accounts(accounts=[one, stranger], cap=5, now=NOW)
    assert make.hold(stranger, at[3]).code == "too_many_holds"


# -- the wait after holds that ran out -----------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8)])
def test_the_wait_doubles_with_each_hold_left_to_expire(left, minutes):
    booker, at = make.account(), times(6)
    end = leave(booker, left, at=at)
    refused = make.hold(booker, at[5], now=end + minutes * MINUTE - timedelta(seconds=1))
    assert (refused.code, refused.facts["minutes"]) == ("cool_down", 1)
    assert make.hold(booker, at[5], now=end + minutes * MINUTE).ok


def test_the_wait_is_an_hour_at_most():
    booker, at = make.account(), times(2)
    held = make.hold(booker, at[0])
    base = Hold.objects.get(pk=held.facts["hold"])
    for place in range(1, 12):
        Hold.objects.create(
            account=booker, procedure=base.procedure, slot_ids=base.slot_ids, seat_ids=[], scope_ids=base.scope_ids,
            channel="web", created_at=NOW, expires_at=base.expires_at - place * MINUTE,
        )  # fmt: skip
    assert make.hold(booker, at[1], now=base.expires_at + 59 * MINUTE).code == "cool_down"
    assert make.hold(booker, at[1], now=base.expires_at + 60 * MINUTE).ok


def test_a_booking_and_a_day_make_it_forgotten():
    booker, at = make.account(), times(6)
    leave(booker, 3, at=at)
    assert make.book(booker, at[5], now=later(5))
    assert make.hold(booker, at[4], now=later(6)).ok
    assert make.hold(booker, at[3], now=later(18)).ok  # the wait of one, not of four
    other = make.account()
    leave(other, 4, at=at)
    assert make.hold(other, at[5], now=NOW + timedelta(hours=24)).ok
    assert make.hold(other, at[5], now=NOW + timedelta(hours=24, minutes=12)).ok


def test_what_was_given_back_costs_no_wait():
    booker, at = make.account(), times(3)
    assert release(booker, make.hold(booker, at[0])).ok
    assert make.hold(booker, at[1], now=later(1)).ok


def test_a_time_that_the_office_closed_was_not_left():
    booker, at = make.account(), times(2)
    assert make.hold(booker, at[0]).ok
    at[0].closed_at = later(5)
    at[0].save()
    assert make.hold(booker, at[1], now=later(10)).ok


def test_the_telephone_is_a_way_out_of_the_wait_on_the_web():
    booker, at = make.account(), times(6)
    end = leave(booker, 4, at=at)
    assert make.hold(booker, at[5], now=end).code == "cool_down"
    assert make.hold(booker, at[5], now=end, agent=7).ok
    assert make.hold(booker, at[4], now=end + 10 * MINUTE, agent=7).code == "cool_down"


def test_the_sentence_says_why_until_when_and_who_helps(settings):
    settings.CONTACT_PHONE = "1-877-639-4835"
    booker, at = make.account(), times(6)
    end = leave(booker, 4, at=at)
    wish = [Wish(at[5].pk, 1)]
    with pytest.raises(CoolingDown) as refused:
        hold_seats(account=booker, wishes=wish, procedure_id=make.offered(at[5]).pk, now=end + MINUTE)
    text = sentence(refused.value.code, refused.value.facts)
    assert "7 minutos" in text
    assert "1-877-639-4835" in text


# -- the same seat again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["released", "expired", "another time instead"])
def test_the_same_seat_is_for_others_for_half_an_hour(how):
    booker, [at, elsewhere] = make.account(), times(2, seats=2)
    held = make.hold(booker, at)
    ended = later(10)
    if how == "released":
        ended = later(1)
        release(booker, held, now=ended)
    elif how != "expired":
        ended = later(1)
        make.hold(booker, elsewhere, supersedes=held.facts["hold"], now=ended)
    [let_go] = Hold.objects.get(pk=held.facts["hold"]).seat_ids
    Seat.objects.filter(pk=let_go).update(until=ended)
    again = make.hold(booker, at, now=ended + 15 * MINUTE)
    assert let_go not in Hold.objects.get(pk=again.facts["hold"]).seat_ids
    Hold.objects.filter(pk=again.facts["hold"]).delete()
    Seat.objects.filter(slot=at).exclude(pk=let_go).update(until=ended + timedelta(days=1))
    refused = make.hold(booker, at, now=ended + 29 * MINUTE)
    assert (refused.code, refused.facts["minutes"]) == ("held_before", 1)
    assert make.hold(make.account(), at, now=ended + 29 * MINUTE).ok
    Seat.objects.filter(pk=let_go).update(until=ended)
    assert make.hold(booker, at, now=ended + 30 * MINUTE).ok


def test_more_seats_at_the_same_time_keep_their_own():
    booker, at = make.account(), make.slot(seats=3)
    held = make.hold(booker, at)
    assert make.hold(booker, at, 3, supersedes=held.facts["hold"], now=later(1)).ok


# -- whose a freed seat is not -------------------------------------------------------------------------------------


def freed(booker, at, *, now=NOW):
    """``booker`` cancels; the seat is seen again after its rest."""
    booked = make.book(booker, at, now=now)
    assert make.cancel(booker, *booked, now=now).ok
    Seat.objects.filter(slot=at).update(visible_at=now)
    return later(60)


def test_who_freed_a_seat_cannot_take_it_through_another_account_of_the_mailbox():
    one, other = of_one_mailbox()
    at = make.slot()
    now = freed(one, at)
    refused = make.hold(other, at, now=now)
    assert refused.code == "held_before"
    assert refused.facts["minutes"] == 23 * 60
    assert make.hold(make.account(), at, now=now).ok


@pytest.mark.parametrize("linked", ["before", "after"])
def test_whoever_is_linked_with_them_cannot_either(linked):
    one, other, at = make.account(), make.account(), make.slot()
    if linked == "before":
        link_accounts(accounts=[one, other], cap=5, now=NOW)
    now = freed(one, at)
    if linked == "after":
        link_accounts(accounts=[one, other], cap=5, now=NOW)
    assert make.hold(other, at, now=now).code == "held_before"
    assert make.hold(make.account(), at, now=now).ok


def test_a_phone_proven_afterwards_carries_it_to_the_next_account():
    one, other, at = make.account(), make.account(), make.slot()
    now = freed(one, at)
    for booker in (one, other):
        booker.phone_hash, booker.phone_verified_at = keyed_hash("phone", "+12135550077"), NOW
        adopt_scopes(account=booker, now=NOW)
    assert make.hold(other, at, now=now).code == "held_before"


def test_it_is_free_for_them_after_a_day():
    booker, at = make.account(), make.slot()
    freed(booker, at)
    assert make.hold(booker, at, now=NOW + timedelta(hours=24)).ok


def test_a_move_may_be_undone_for_the_same_people():
    booker, [at, elsewhere] = make.account(), times(2, seats=1)
    booked = make.book(booker, at)
    moving = {"replaces": booked, "origin": "replacement"}
    assert make.confirm(booker, make.hold(booker, elsewhere, **moving), []).ok
    Seat.objects.filter(slot=at).update(visible_at=NOW)
    assert FreedSeat.objects.values_list("appointment_id", flat=True).distinct().count() == 1
    assert make.hold(booker, at, now=later(1)).code == "held_before"
    back = make.hold(booker, at, now=later(1), **moving)
    assert back.ok
    assert make.confirm(booker, back, [], now=later(2)).ok
