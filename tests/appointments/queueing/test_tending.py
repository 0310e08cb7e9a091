"""The steps of a queue: the drawn order and no other, once, whatever is killed, forgotten or away."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache

from appointments.allocation import drawing
from appointments.allocation.order import Ticket, rank
from appointments.models import Drawing, QueueDesk, QueueTicket
from appointments.queueing import facts, tending
from appointments.queueing.admission import CHOOSES_IN, enter
from appointments.queueing.joining import join, leave
from appointments.queueing.telling import tell_joined
from consulates.models import Release, Seat
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.queues import DRAWN, MINUTE, OPENS, SECOND, joined, opened, queue, run, ticket, tickets
from tests.factories.releases import keep_for_phone, times_of

pytestmark = pytest.mark.django_db


def order(made):
    return [one.code for one in tickets(made)]


def called(made):
    return [one.rank for one in tickets(made) if one.is_called]


def messages(kind):
    return OutboxMessage.objects.filter(kind=kind).count()


def test_the_order_is_the_rank_of_the_sealed_list():
    made = queue()
    codes = {ticket(made, account).code for account in joined(made, 30)}
    run(made, OPENS + 3 * SECOND, DRAWN)

    expected = rank(drawing.seed_of(made), [Ticket(code) for code in codes])
    assert order(made) == [one.code for one in expected]
    assert [one.rank for one in tickets(made)] == list(range(1, 31))
    assert Drawing.objects.get().tickets == 30


def test_who_comes_late_stands_behind_in_order_of_arrival():
    made = queue()
    joined(made, 5)
    run(made, OPENS + 3 * SECOND)
    late = joined(made, 3, now=OPENS + 4 * SECOND)
    run(made, DRAWN)
    latest = joined(made, 2, now=DRAWN + SECOND)
    run(made, DRAWN + 2 * SECOND)

    assert [one.account for one in tickets(made)][5:] == late + latest
    assert [one.rank for one in tickets(made)] == list(range(1, 11))


def test_nothing_is_sealed_before_those_of_the_last_moment_are_in():
    made = queue()
    joined(made, 1, now=OPENS - SECOND / 2)
    run(made, OPENS + SECOND)
    assert Drawing.objects.get().sealed_at is None


class Killed(BaseException):
    pass


def test_killed_between_any_two_steps_it_ends_the_same_and_once(monkeypatch):
    """Each run dies right after one step; the next begins at the first again."""
    made = queue(seats=1, slots=3)
    codes = {ticket(made, account).code for account in joined(made, 12)}
    now = OPENS + 3 * SECOND
    for last in [*range(len(tending.STEPS)), *range(len(tending.STEPS))]:
        monkeypatch.setattr(tending, "STEPS", [*ALL[: last + 1], _die])
        with pytest.raises(Killed):
            tending.tend(made, now=now)
        now += 2 * SECOND
    monkeypatch.setattr(tending, "STEPS", ALL)
    run(made, now, now + 2 * SECOND)

    expected = rank(drawing.seed_of(made), [Ticket(code) for code in codes])
    assert order(made) == [one.code for one in expected]
    assert called(made) == [1, 2, 3]
    assert messages("queue.called") == 3


ALL = list(tending.STEPS)


def _die(release, now):
    raise Killed


def test_only_one_of_many_looks_in_a_second():
    made = queue()
    assert tending.tend(made, now=OPENS)
    assert not tending.tend(made, now=OPENS + SECOND / 2)
    assert tending.tend(made, now=OPENS + SECOND)


def test_as_many_are_called_as_there_are_seats_and_the_next_as_they_finish():
    made = queue(seats=1, slots=3)
    opened(made, 10)
    assert called(made) == [1, 2, 3]

    first = tickets(made)[0].account
    enter(account=first, release_id=made.pk, now=DRAWN)
    make.confirm(first, make.hold(first, times_of(made)[0], now=DRAWN, admitted=made.pk), now=DRAWN)
    run(made, DRAWN + 2 * SECOND)
    assert tickets(made)[0].done == "booked"
    assert called(made) == [1, 2, 3]

    # The other two let their time go by: their seats are offered to the next.
    run(made, DRAWN + tending.COMES_WITHIN + SECOND)
    assert [one.done for one in tickets(made)[:4]] == ["booked", "lapsed", "lapsed", ""]
    assert called(made)[:5] == [1, 2, 3, 4, 5]


def test_who_holds_a_seat_is_not_reckoned_with_twice():
    made = queue(seats=1, slots=2)
    accounts = opened(made, 6)
    assert called(made) == [1, 2]
    enter(account=accounts[0], release_id=made.pk, now=DRAWN)
    make.hold(accounts[0], times_of(made)[0], now=DRAWN, admitted=made.pk)
    run(made, DRAWN + 2 * SECOND)
    assert called(made) == [1, 2]


def test_nobody_is_called_when_nothing_is_free_and_the_page_knows_why():
    made = queue(seats=1, slots=1)
    opened(made, 3)
    Seat.objects.filter(slot__session__release=made).update(holder=made_up(), until=NOW + timedelta(days=20))
    run(made, DRAWN + tending.COMES_WITHIN + SECOND)
    assert called(made) == [1]
    assert facts.count(made, now=DRAWN + tending.COMES_WITHIN).phase == "full"


def made_up():
    from uuid import uuid4

    return uuid4()


@pytest.mark.parametrize("first", ["web", "phone"])
def test_callers_have_seats_of_their_own_in_the_same_order(first):
    """Also when a caller is the first of all: that one chooses with everybody, and the next caller is called too."""
    made = queue(seats=1, slots=2, phone_until=OPENS + timedelta(hours=5))
    for at in times_of(made)[:1]:
        keep_for_phone(at, 1)
    joined(made, 20)
    joined(made, 2, channel="phone")
    run(made, OPENS + 3 * SECOND)
    tending.draw(made, DRAWN)
    tending.give_ranks(made, DRAWN)
    bring_to_front(made, first)
    run(made, DRAWN + SECOND)

    callers = [one.rank for one in tickets(made) if one.channel == "phone" and one.rank > 1]
    assert called(made) == [1, callers[0]]
    desk = QueueDesk.objects.get()
    assert (desk.called_to, desk.phone_called_to) == (1, callers[0])
    run(made, DRAWN + 3 * SECOND)
    assert called(made) == [1, callers[0]]


def bring_to_front(made, channel):
    """The draw decides who is first: here the first of a channel changes places with whoever is."""
    first, chosen = tickets(made)[0], next(one for one in tickets(made) if one.channel == channel)
    if first == chosen:
        return
    for one, place in ((first, None), (chosen, 1), (first, chosen.rank)):
        QueueTicket.objects.filter(pk=one.pk).update(rank=place)


def test_redis_may_be_emptied_at_any_moment(redis_server):
    made = queue(seats=1, slots=3)
    accounts = opened(made, 10)
    before = [(one.code, one.rank, one.admitted_at) for one in tickets(made)]
    cache.clear()
    facts.path_of(made.pk).unlink()

    assert [(one.code, one.rank, one.admitted_at) for one in tickets(made)] == before
    told = facts.facts_of(made, now=DRAWN + SECOND)
    assert (told.phase, told.called_to, told.people) == ("calling", 3, 10)
    make.confirm(accounts[0], make.hold(accounts[0], times_of(made)[0], now=DRAWN, admitted=made.pk), now=DRAWN)
    run(made, DRAWN + tending.RECKONED_FOR + SECOND)
    assert called(made) == [1, 2, 3, 4, 5]


def test_the_file_says_what_everybody_may_know_and_nothing_of_anybody(queue_files):
    made = queue(seats=1, slots=3)
    opened(made, 10)
    told = json.loads((queue_files / f"{made.pk}.json").read_bytes())

    assert told["phase"] == "calling"
    assert (told["called_to"], told["free"], told["people"]) == (3, 3, 10)
    assert set(told) == {
        "phase", "at", "called_to", "phone_called_to", "free", "phone_free", "back", "people", "called_a_minute",
        "again", "spread",
    }  # fmt: skip
    assert len((queue_files / f"{made.pk}.json").read_bytes()) < 250


def test_queues_are_tended_when_there_is_something_to_do():
    made = queue()
    assert list(tending.to_tend(now=NOW - timedelta(hours=2))) == [made]
    tending.tend_all(now=NOW - timedelta(hours=2))
    assert list(tending.to_tend(now=NOW - timedelta(hours=1, minutes=30))) == []
    assert list(tending.to_tend(now=OPENS - MINUTE)) == [made]
    assert list(tending.to_tend(now=made.opens_to_all_at)) == []


def test_one_queue_that_fails_stops_no_other(monkeypatch):
    first, second = queue(), queue()
    monkeypatch.setattr(
        tending, "STEPS", [lambda release, now: 1 / 0 if release == first else tending.promise(release, now)]
    )
    assert tending.tend_all(now=NOW) == 1
    assert Drawing.objects.filter(release=second).exists()


def test_who_asked_is_reminded_an_hour_before_and_once():
    made = queue(opens_at=NOW + timedelta(hours=3))
    joined(made, 1)
    joined(made, 1, remind=True)
    for minutes in (150, 59, 58):
        tending.remind(made, made.opens_at - minutes * MINUTE)
    assert messages("queue.soon") == 1


def test_whoever_joined_is_told_once_that_it_is_cancelled():
    made = queue()
    joined(made, 3)
    Release.objects.filter(pk=made.pk).update(
        state="cancelled", cancel_reason="x", cancelled_at=NOW, cancelled_by=made.approved_by
    )
    tending.tend_all(now=NOW)
    assert messages("queue.cancelled") == 3
    assert tell_joined(made.pk, now=NOW) == 0
    assert messages("queue.cancelled") == 3


def test_who_comes_back_after_the_time_is_let_in_and_who_was_not_called_is_not():
    made = queue(seats=1, slots=2)
    accounts = opened(made, 6)
    later = DRAWN + tending.COMES_WITHIN + SECOND
    run(made, later)
    assert tickets(made)[0].done == "lapsed"
    assert enter(account=accounts[0], release_id=made.pk, now=later).until == later + CHOOSES_IN
    assert ticket(made, accounts[0]).done == ""
    with pytest.raises(Exception, match="not_your_turn"):
        enter(account=accounts[5], release_id=made.pk, now=later)


def test_who_left_and_came_back_after_their_rank_was_called_is_let_in():
    made = queue(seats=1, slots=2)
    joined(made, 4)
    run(made, OPENS + 3 * SECOND)
    drawing.take_round(made, DRAWN)
    tending.give_ranks(made, DRAWN)
    [first, *_others] = tickets(made)
    leave(account=first.account, release=made, now=DRAWN)
    run(made, DRAWN)
    assert called(made) == [2, 3]
    join(account=first.account, release_id=made.pk, now=DRAWN)
    assert enter(account=first.account, release_id=made.pk, now=DRAWN).until == DRAWN + CHOOSES_IN
