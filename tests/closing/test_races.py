"""Confirmations and moves that are under way while a day is closed."""

from datetime import timedelta

import pytest
from django.db import transaction

from appointments.closing import acts
from appointments.models import Appointment, Orphan
from tests.closing.scene import STORM, states, tend, town
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance
from tests.races.together import Aside, errors, together

pytestmark = pytest.mark.races


def begun(here):
    """Decided, and not carried out yet."""
    return acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=here.manager(), now=NOW)


def booked_unlisted(here):
    return Appointment.objects.filter(session=here.day, status="booked").count()


def confirmation_in_flight():
    """Somebody has confirmed and not committed when the closure is decided and carried out."""
    here = town()
    booker, slot = make.account(), here.day.slots.first()
    held, attending = make.hold(booker, slot), make.people(booker, 1)
    manager = here.manager()
    with transaction.atomic():
        assert make.confirm(booker, held, attending).ok
        closing = Aside(lambda: here.close(by=manager))
        waited = closing.waits_for_a_lock()
    closing.end()
    return here, waited


def test_closing_waits_for_a_confirmation_and_lists_it(live_db):
    here, waited = confirmation_in_flight()
    assert waited
    assert booked_unlisted(here) == 0
    assert Orphan.objects.count() == 1
    assert_books_balance(now=NOW)


def test_control_without_waiting_somebody_is_booked_in_a_closed_time(live_db, monkeypatch):
    monkeypatch.setattr(acts, "wait_for_confirmations", lambda closure_id: None)
    monkeypatch.setattr(acts, "withdraw_seats", lambda closure_id: None)
    here, waited = confirmation_in_flight()
    assert not waited
    assert booked_unlisted(here) == 1


def test_confirmation_after_the_decision_is_refused(live_db):
    here = town()
    booker, slot = make.account(), here.day.slots.first()
    held = make.hold(booker, slot)
    begun(here)
    assert make.confirm(booker, held).code == "closed"


def test_confirmation_that_waits_for_the_withdrawal_is_refused(live_db):
    here = town()
    booker = make.account()
    held, attending = make.hold(booker, here.day.slots.first()), make.people(booker, 1)
    with transaction.atomic():
        closure = begun(here)
        acts.withdraw_seats(closure.pk)
        confirming = Aside(lambda: make.confirm(booker, held, attending))
        assert confirming.waits_for_a_lock()
    assert confirming.end().code == "closed"


def suspension_in_flight():
    """The same, when the procedure is suspended and the time stays open for others."""
    here = town()
    booker, slot = make.account(), here.day.slots.first()
    held, attending = make.hold(booker, slot), make.people(booker, 1)
    manager = here.manager()

    def suspend():
        closure = acts.close_procedure(
            consulate=here.office,
            procedure=here.offered,
            first=here.day.date,
            last=here.day.date,
            reason=STORM,
            by=manager,
            now=NOW,
        )
        acts.carry_out(closure.pk, now=NOW)

    with transaction.atomic():
        assert make.confirm(booker, held, attending).ok
        suspending = Aside(suspend)
        waited = suspending.waits_for_a_lock()
    suspending.end()
    return here, waited


def test_suspension_waits_for_a_confirmation_and_lists_it(live_db):
    here, waited = suspension_in_flight()
    assert waited
    assert booked_unlisted(here) == 0
    assert Orphan.objects.count() == 1
    assert_books_balance(now=NOW)


def test_control_without_waiting_a_suspended_procedure_stays_booked(live_db, monkeypatch):
    monkeypatch.setattr(acts, "wait_for_confirmations", lambda closure_id: None)
    here, waited = suspension_in_flight()
    assert not waited
    assert booked_unlisted(here) == 1


@pytest.mark.parametrize("round_", range(3))
def test_everything_at_once_while_a_day_is_closed(live_db, round_):
    """Bookings, moves into the day and out of it, cancellations of whole families, and two who close."""
    here = town(seats=12, slots=6, room=12)
    people = here.people([3, 2, 1] * 4)
    moving_in = make.account()
    outside = make.book(moving_in, here.elsewhere.slots.last(), 2)
    manager, slots = here.manager(), list(here.day.slots.all())
    new = [make.account() for _ in range(8)]
    attending = {booker.pk: make.people(booker, 2) for booker in new}

    def book(booker, slot):
        held = make.hold(booker, slot, 2)
        return make.confirm(booker, held, attending[booker.pk]) if held.ok else held

    def move(booker, ids, slot):
        held = make.hold(booker, slot, len(ids), replaces=ids)
        return make.confirm(booker, held, []) if held.ok else held

    def own(booker):
        return [str(one.pk) for one in people if one.account_id == booker.pk]

    def close():
        closing = acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=manager, now=NOW)
        acts.carry_out(closing.pk, now=NOW)

    jobs = [lambda booker=booker, n=n: book(booker, slots[n % 6]) for n, booker in enumerate(new)]
    jobs += [lambda booker=booker: make.cancel(booker, *reversed(own(booker))) for booker in here.bookers[:4]]
    jobs += [
        lambda booker=booker: move(booker, own(booker), here.elsewhere.slots.first()) for booker in here.bookers[4:7]
    ]
    jobs += [lambda: move(moving_in, outside, slots[3]), close, lambda: acts.carry_on(now=NOW)]
    results = together(jobs)

    assert not errors(results)
    acts.carry_on(now=NOW)
    assert booked_unlisted(here) == 0
    orphaned = set(Appointment.objects.filter(status="orphaned").values_list("pk", flat=True))
    assert set(Orphan.objects.open().values_list("appointment_id", flat=True)) == orphaned
    assert_books_balance(now=NOW)


def test_two_tasks_at_once_offer_everybody_one_time(live_db):
    here = town(room=12)
    here.people([2, 1, 1, 2])
    closure = here.close()
    assert not errors(together([tend] * 3))
    assert states(closure) == {"offered": 6}
    assert set(Orphan.objects.values_list("offers", flat=True)) == {1}
    assert_books_balance(now=NOW)
    assert_books_balance(now=NOW + timedelta(hours=60))
