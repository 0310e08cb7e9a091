"""Proposals: near, soon, together, held, answered once, renewed, and in the end somebody calls."""

from datetime import timedelta

import pytest

from appointments.closing import acts, answers
from appointments.closing.answers import OfferState
from appointments.errors import HoldExpired
from appointments.models import Appointment, Hold, Orphan, OrphanCall
from appointments.notifications import closures, handlers
from consulates.models import Session, Slot
from mexitel.outbox.models import OutboxMessage, OutgoingMessage
from tests.closing.scene import states, tend, town
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def closed(**places):
    """A couple, of a day that was closed, with the proposal that they got."""
    here = town(**places)
    here.people([2])
    closure = here.close()
    tend()
    return here, closure


def hold_of(closure):
    return Hold.objects.get(pk=Orphan.objects.filter(closure=closure).first().hold_id)


def test_family_is_offered_the_soonest_time_together():
    _here, closure = closed(days=(12, 9, 20))
    hold = hold_of(closure)

    slots = Slot.objects.filter(pk__in=hold.slot_ids)
    assert {slot.session.starts_at for slot in slots} == {NOW + timedelta(days=9)}
    assert len(set(hold.slot_ids)) == 1
    assert (hold.origin, hold.scope_ids, len(hold.seat_ids)) == ("closure", [], 2)
    assert hold.expires_at == NOW + timedelta(hours=48)
    assert states(closure) == {"offered": 2}
    assert_books_balance(now=NOW)


def test_near_comes_before_soon_and_two_hundred_miles_are_the_end():
    here = town(room=0)
    near, far, too_far = (make.office() for _ in range(3))
    for office, degrees, day in ((near, 1, 20), (far, 2, 12), (too_far, 8, 10)):
        made = make.session(seats=4, procedures=[here.offered], consulate=office, starts_at=NOW + timedelta(days=day))
        Session.objects.filter(pk=made.pk).update(latitude=float(made.latitude) + degrees)
    here.people([2])
    closure = here.close()
    tend()

    assert Slot.objects.get(pk=hold_of(closure).slot_ids[0]).consulate == near
    [orphan, _mate] = Orphan.objects.all()
    found = answers.alternatives(answers.party_of(orphan), now=NOW)
    assert [option.session.consulate for option in found] == [near, far]


def test_proposal_of_the_next_days_leaves_time_to_come():
    here = town(days=(1,))
    here.people([1])
    closure = here.close()
    tend()
    slot = Slot.objects.get(pk=hold_of(closure).slot_ids[0])
    assert slot.starts_at > NOW + timedelta(hours=24)
    assert hold_of(closure).expires_at == slot.starts_at - timedelta(hours=6)


def test_full_account_gets_its_proposal_too():
    here = town(seats=5)
    here.people([5])
    closure = here.close()
    tend()
    assert states(closure) == {"offered": 5}
    assert permits_in_use(here.bookers[0], now=NOW)["account"] == 5


def test_accepting_is_the_move_and_accepting_again_says_the_same():
    here, closure = closed()
    hold = hold_of(closure)
    for _tap in range(3):
        assert answers.accept(hold.pk, now=LATER).state == OfferState.ACCEPTED

    assert states(closure) == {"accepted": 2}
    assert {one.slot_id for one in Appointment.objects.all()} == set(hold.slot_ids)
    assert set(Appointment.objects.values_list("status", "times_moved")) == {("booked", 1)}
    assert OutboxMessage.objects.filter(kind="appointment.moved").count() == 1
    assert permits_in_use(here.bookers[0], now=LATER)["account"] == 2
    assert_books_balance(now=LATER)


def test_accepting_after_the_closed_day_is_over_works_while_the_offer_stands():
    here = town(days=(12,))
    here.people([1])
    closure = here.close()
    late = here.day.ends_at + timedelta(hours=5)
    tend(late)
    assert answers.accept(hold_of(closure).pk, now=late + timedelta(hours=1)).state == OfferState.ACCEPTED
    assert_books_balance(now=late + timedelta(hours=1))


def test_accepting_too_late_is_refused_and_renewed_once_then_somebody_calls():
    _here, closure = closed()
    first = hold_of(closure)
    late = NOW + timedelta(hours=49)
    with pytest.raises(HoldExpired):
        answers.accept(first.pk, now=late)
    assert answers.offer_of(first.pk, now=late).state == OfferState.OVER

    tend(late)
    second = hold_of(closure)
    assert second.pk != first.pk
    assert states(closure) == {"offered": 2}
    assert OutboxMessage.objects.filter(kind="closure.offered").count() == 2
    tend(late + timedelta(hours=49))
    assert states(closure) == {"to_call": 2}
    tend(late + timedelta(hours=60))
    assert Orphan.objects.filter(hold_id=None, offers=2).count() == 2
    assert_books_balance(now=late + timedelta(hours=60))


def test_who_moves_themselves_or_cancels_has_left_the_list():
    here, closure = closed()
    one, other = Orphan.objects.order_by("pk")
    held = make.hold(here.bookers[0], here.elsewhere.slots.last(), replaces=[str(one.appointment_id)])
    make.confirm(here.bookers[0], held, [])
    make.cancel(here.bookers[0], str(other.appointment_id))

    assert states(closure) == {"moved": 1, "cancelled": 1}
    with pytest.raises(HoldExpired):
        answers.accept(Orphan.objects.get(pk=one.pk).hold_id, now=LATER)
    assert answers.offer_of(one.hold_id, now=LATER).state == OfferState.MOVED
    assert_books_balance(now=LATER)


def test_who_only_looks_at_other_times_is_not_disturbed_and_gets_another_proposal():
    here, closure = closed()
    ids = [str(pk) for pk in Orphan.objects.values_list("appointment_id", flat=True)]
    assert make.hold(here.bookers[0], here.elsewhere.slots.last(), 2, replaces=ids).ok
    tend(LATER)
    assert states(closure) == {"to_offer": 2}
    tend(NOW + timedelta(minutes=40))
    assert states(closure) == {"offered": 2}
    assert_books_balance(now=NOW + timedelta(minutes=40))


def test_offered_time_that_is_closed_too_is_replaced():
    here, closure = closed(days=(10, 15))
    first = hold_of(closure)
    second = acts.close(
        consulate=here.office, session_ids=[here.elsewhere.pk], reason=acts.Reason("Otra", "Again"), by=here.manager(),
        now=LATER,
    )  # fmt: skip
    acts.carry_out(second.pk, now=LATER)
    tend(LATER)
    assert hold_of(closure).pk != first.pk
    assert states(closure) == {"offered": 2}
    assert_books_balance(now=LATER)


def test_proposal_is_not_extended_to_ten_minutes():
    here, closure = closed()
    answer = make.claim_one(make.hold_only_request(here.bookers[0], "extend", hold_of(closure).pk), now=NOW)
    assert answer.code == "already_extended"


def test_no_seats_are_said_once_and_looked_for_again():
    here, closure = closed(room=0)
    assert states(closure) == {"no_seat": 2}
    tend(NOW + timedelta(minutes=31))
    assert OutboxMessage.objects.filter(kind="closure.no_seat").count() == 1
    make.session(seats=2, procedures=[here.offered], consulate=here.office, starts_at=NOW + timedelta(days=20))
    tend(NOW + timedelta(minutes=62))
    assert states(closure) == {"offered": 2}


def test_blocked_booker_is_called_by_a_person():
    from appointments.models import Scope

    here = town()
    here.people([1])
    Scope.objects.update(blocked_until=NOW + timedelta(days=99))
    closure = here.close()
    tend()
    assert states(closure) == {"to_call": 1}


# -- the clerk ---------------------------------------------------------------------------------


def test_calls_are_noted_for_the_family_and_leave_only_by_an_end():
    here, closure = closed()
    clerk, orphan = here.manager(), Orphan.objects.first()
    answers.note_call(orphan, outcome="no_answer", note="buzón", by=clerk, now=LATER)
    assert states(closure) == {"offered": 2}
    answers.note_call(orphan, outcome="reached", note="", by=clerk, now=LATER)
    assert states(closure) == {"reached": 2}
    answers.note_call(orphan, outcome="unreachable", note="", by=clerk, now=LATER)
    assert states(closure) == {"unreachable": 2}
    assert Orphan.objects.filter(ended_at=LATER).count() == 2
    assert OrphanCall.objects.count() == 6
    answers.accept(hold_of(closure).pk, now=LATER)  # the mail was read after all
    assert states(closure) == {"accepted": 2}
    with pytest.raises(answers.NotOnTheList):
        answers.note_call(orphan, outcome="reached", note="", by=clerk, now=LATER)


@pytest.mark.parametrize("outcome", ["", "reached", "no_answer", "unreachable"])
def test_clerk_books_what_the_person_chooses(outcome):
    here, closure = closed(days=(10, 15))
    clerk, orphan = here.manager(), Orphan.objects.first()
    if outcome:
        answers.note_call(orphan, outcome=outcome, note="", by=clerk, now=LATER)
    orphan.refresh_from_db()
    party = answers.party_of(orphan)
    [_first, second] = answers.alternatives(party, now=LATER)
    answers.book_for(party, second, by=clerk, channel="phone", now=LATER)

    assert states(closure) == {"accepted": 2}
    assert {one.starts_at for one in Appointment.objects.all()} == {second.choice.starts_at}
    assert set(Orphan.objects.values_list("handled_by_id", flat=True)) == {clerk.pk}
    assert_books_balance(now=LATER)


def test_seat_that_is_gone_when_the_clerk_books_changes_nothing():
    here, closure = closed(days=(10, 15), room=2)
    party = answers.party_of(Orphan.objects.first())
    chosen = answers.alternatives(party, now=LATER)[-1]
    for slot, seats in chosen.choice.parts:
        assert make.hold(make.account(), Slot.objects.get(pk=slot), seats).ok
    before = hold_of(closure).pk
    with pytest.raises(answers.SeatGone):
        answers.book_for(party, chosen, by=here.manager(), channel="phone", now=LATER)
    assert (states(closure), hold_of(closure).pk) == ({"offered": 2}, before)


def test_looked_for_again_when_the_clerk_asks():
    here, closure = closed()
    for hours in (49, 98):
        tend(NOW + timedelta(hours=hours))
    assert states(closure) == {"to_call": 2}
    answers.offer_again(Orphan.objects.first(), by=here.manager(), now=NOW + timedelta(hours=99))
    tend(NOW + timedelta(hours=99))
    assert states(closure) == {"offered": 2}


# -- messages ----------------------------------------------------------------------------------


def deliver(kind, now=LATER):
    payload = OutboxMessage.objects.filter(kind=f"closure.{kind}").latest("id").payload
    getattr(closures, kind)(outbox_id=1, payload=payload, now=now)


def test_proposal_is_told_once_on_every_channel(db):
    here = town()
    here.people([1])
    type(here.bookers[0]).objects.filter(pk=here.bookers[0].pk).update(
        phone="+12135550155", phone_hash=b"1" * 32, phone_verified_at=NOW
    )
    here.close()
    tend()
    deliver("offered")
    deliver("offered")
    assert sorted(OutgoingMessage.objects.values_list("kind", "channel")) == [
        ("closure.offered", "mail"),
        ("closure.offered", "sms"),
    ]
    mail = OutgoingMessage.objects.get(channel="mail").body
    assert "/oferta/" in mail
    assert "Hay una tormenta." in mail


def test_nothing_is_told_of_a_proposal_that_was_answered():
    _here, closure = closed()
    answers.accept(hold_of(closure).pk, now=LATER)
    deliver("offered")
    assert not OutgoingMessage.objects.exists()
    payload = OutboxMessage.objects.get(kind="appointment.moved").payload
    handlers.moved(outbox_id=1, payload=payload, now=LATER)
    assert "text/calendar" in OutgoingMessage.objects.get().body


def test_no_seat_is_told():
    closed(room=0)
    deliver("no_seat")
    assert "Seguimos buscando" in OutgoingMessage.objects.get().body


def test_task_does_it_all():
    from appointments.tasks import tend_closures

    here = town()
    here.people([1])
    here.close()
    assert tend_closures() == {"carried_on": 0, "lapsed": 0, "offered": 1, "kept": 0}
