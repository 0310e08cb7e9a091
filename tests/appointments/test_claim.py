"""The claim's answers, one at a time: each refusal can be reached, and leaves every table as it was."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from appointments.claim import claim_batch, claim_one
from appointments.errors import REFUSALS
from appointments.models import Appointment, Hold, IdempotencyKey, Permit, Scope
from appointments.services.links import adopt_scopes
from consulates.models import Seat, Session, Slot
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import fingerprints, permits_in_use
from tests.factories.resting import LONGEST

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


def test_hold_takes_a_seat_and_a_permit_in_each_scope_until_it_expires():
    booker, at = make.account(phone="+12135550001"), make.slot()
    held = make.hold(booker, at)
    assert held.ok
    [seat] = Seat.objects.filter(slot=at)
    assert str(seat.holder) == held.facts["hold"]
    assert LATER + timedelta(minutes=1) <= seat.until <= LATER + timedelta(minutes=10)
    assert permits_in_use(booker, now=NOW) == {"account": 1, "email": 1, "phone": 1}
    assert permits_in_use(booker, now=LATER) == {"account": 0, "email": 0, "phone": 0}


def test_confirm_makes_an_appointment_that_lasts_to_the_end_of_its_session():
    booker, at = make.account(), make.slot()
    [appointment_id] = make.book(booker, at)
    appointment = Appointment.objects.get(pk=appointment_id)
    assert (appointment.status, appointment.until) == ("booked", at.session.ends_at)
    assert set(Permit.objects.values_list("holder", "until")) == {(appointment.pk, appointment.until)}
    assert Seat.objects.get(pk=appointment.seat_id).holder == appointment.pk
    assert appointment.attendees.get().position == 1


def test_second_tap_on_a_time_is_the_same_hold():
    booker, at = make.account(), make.slot(seats=5)
    assert make.hold(booker, at) == make.hold(booker, at, now=NOW + timedelta(seconds=1))
    assert Hold.objects.count() == 1


def test_second_tap_on_confirm_gives_the_same_appointments():
    booker, at = make.account(), make.slot(seats=3)
    held = make.hold(booker, at, 3)
    first, again = make.confirm(booker, held, n=3), make.confirm(booker, held, n=3)
    assert again.facts["appointments"] == first.facts["appointments"]
    assert Appointment.objects.count() == 3


def test_the_same_slot_named_twice_gives_two_different_seats():
    booker, at = make.account(), make.slot(seats=2)
    held = make.hold(booker, [at, at])
    assert held.ok
    assert len(set(Hold.objects.get().seat_ids)) == 2
    assert make.confirm(booker, held, n=2).ok


def test_hold_that_supersedes_uses_the_same_permits():
    booker, times = make.account(), make.session(seats=5, slots=2).slots.all()
    held = make.hold(booker, times[0], 5)
    other = make.hold(booker, times[1], 5, supersedes=held.facts["hold"])
    assert other.ok
    assert permits_in_use(booker, now=NOW) == {"account": 5, "email": 5}
    assert make.confirm(booker, held, n=5).code == "hold_expired"


def test_a_hold_that_is_superseded_frees_nothing_where_it_never_paid():
    """A phone verified between two holds is full with somebody else's appointments."""
    neighbour, booker = make.account(phone="+12135550002"), make.account()
    times = make.session(seats=6, slots=2).slots.all()
    make.book(neighbour, times[0], 5)
    held = make.hold(booker, times[0])
    booker.phone_hash, booker.phone_verified_at = neighbour.phone_hash, NOW
    other = make.hold(booker, times[1], supersedes=held.facts["hold"])
    assert (other.code, other.facts["scope"], other.facts["active"]) == ("lock_full", 3, 5)


def test_a_time_that_closed_is_not_given_to_somebody_who_holds_another_seat_of_it():
    booker, at = make.account(), make.slot(seats=5)
    assert make.hold(booker, at).ok
    assert make.hold(booker, at, 2, procedure=make.procedure().pk).code == "not_offered"
    Slot.objects.filter(pk=at.pk).update(closed_at=NOW)
    assert make.hold(booker, at, 2).code == "closed"


def test_a_strangers_hold_and_appointment_look_unknown():
    owner, stranger, at = make.account(), make.account(), make.slot(seats=2)
    held = make.hold(owner, at)
    [booked] = make.book(make.account(), at)
    assert make.confirm(stranger, held).code == "unknown_hold"
    assert claim_one(make.hold_only_request(stranger, "release", held.facts["hold"]), now=NOW).code == "unknown_hold"
    assert make.cancel(stranger, booked).code == "unknown_appointment"
    assert make.hold(stranger, make.slot(), replaces=[booked]).code == "not_movable"


def test_a_strangers_person_is_an_error_and_takes_no_place():
    owner, stranger, at = make.account(), make.account(), make.slot()
    held = make.hold(stranger, at)
    with pytest.raises(Exception, match="a person who is not of account"):
        make.confirm(stranger, held, make.people(owner, 1))


def test_nobody_holds_without_a_scope():
    request = make.hold_request(make.account(), make.slot()) | {"scopes": []}
    with pytest.raises(Exception, match="without a scope"):
        claim_one(request, now=NOW)


def full():
    at = make.slot()
    make.book(make.account(), at)
    return make.hold_request(make.account(), at), NOW


def closed():
    at = make.slot()
    Slot.objects.filter(pk=at.pk).update(closed_at=NOW)
    return make.hold_request(make.account(), at), NOW


def closed_while_held():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    Slot.objects.filter(pk=at.pk).update(closed_at=NOW)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def staff_seat_that_nobody_signed_for():
    booker, at = make.account(), make.slot()
    Seat.objects.filter(slot=at).update(pool="staff")
    held = make.hold(booker, at, pools=["staff"])
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def session_withdrawn_while_held():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    Session.objects.filter(pk=at.session_id).update(status="draft", published_at=None)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def started():
    at = make.slot()
    return make.hold_request(make.account(), at), at.starts_at


def started_while_held():
    booker, at = make.account(), make.slot(starts_at=NOW + timedelta(minutes=5))
    held = make.hold(booker, at)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW + timedelta(minutes=5)


def opens_later():
    at = make.slot()
    Slot.objects.filter(pk=at.pk).update(opens_at=NOW + timedelta(microseconds=1))
    return make.hold_request(make.account(), at), NOW


def drawn():
    at = make.slot()
    Slot.objects.filter(pk=at.pk).update(gate="draw")
    return make.hold_request(make.account(), at), NOW


def queued():
    at = make.slot()
    Slot.objects.filter(pk=at.pk).update(gate="queue")
    return make.hold_request(make.account(), at), NOW


def no_such_slot():
    at = make.slot()
    return make.hold_request(make.account(), at) | {"slots": [{"slot": at.pk + 1000, "seats": 1}]}, NOW


def draft_session():
    at = make.slot(status="draft", published_at=None)
    return make.hold_request(make.account(), at), NOW


def another_procedure():
    return make.hold_request(make.account(), make.slot(), procedure=make.procedure().pk), NOW


def several_sessions():
    offered = make.procedure()
    slots = [make.slot(procedures=[offered]) for _ in range(2)]
    return make.hold_request(make.account(), slots), NOW


def lock_full():
    booker, at = make.account(), make.slot(seats=6)
    make.book(booker, at, 5)
    return make.hold_request(booker, at), NOW


def party_above_the_cap():
    return make.hold_request(make.account(), make.slot(seats=6), 6), NOW


def phone_gained_and_full():
    neighbour, booker, at = make.account(phone="+12135550003"), make.account(), make.slot(seats=6)
    make.book(neighbour, at, 5)
    held = make.hold(booker, at)
    booker.phone_hash, booker.phone_verified_at = neighbour.phone_hash, NOW
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def block(booker, *, kind):
    adopt_scopes(account=booker, now=NOW)  # makes the rows
    keys = dict(make.scope_keys(booker))
    Scope.objects.filter(kind=kind, key=keys[kind]).update(blocked_until=NOW + timedelta(days=30))


def blocked():
    booker = make.account()
    block(booker, kind=2)
    return make.hold_request(booker, make.slot()), NOW


def blocked_while_held():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    block(booker, kind=1)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def blocked_mover():
    """In a scope that has nothing in use: the block is the cap, not the count."""
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    booker.email = "another@example.com"
    Scope.objects.create(kind=2, key=dict(make.scope_keys(booker))[2], cap=5, blocked_until=NOW + timedelta(days=1))
    return make.hold_request(booker, make.slot(procedures=[make.offered(at)]), replaces=booked), NOW


def expired():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), LATER


def expired_before_more_time():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    return make.hold_only_request(booker, "extend", held.facts["hold"], now=LATER), LATER


def lost_to_a_faster_clock():
    """The seat went to somebody whose clock is ahead; the hold's own clock says that it stands."""
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    assert make.hold(make.account(), at, now=LATER + timedelta(minutes=10)).ok
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def permits_lost_to_a_faster_clock():
    booker, at = make.account(), make.slot(seats=6)
    held = make.hold(booker, at)
    assert make.hold(booker, at, 5, now=LATER + timedelta(seconds=61)).ok
    return make.hold_only_request(booker, "extend", held.facts["hold"]), NOW


def unknown_hold():
    booker = make.account()
    return make.confirm_request(booker, uuid4(), make.people(booker, 1)), NOW


def extended_before():
    booker, at = make.account(), make.slot()
    request = make.hold_only_request(booker, "extend", make.hold(booker, at).facts["hold"])
    assert claim_one(request, now=NOW).ok
    return request, NOW


def one_person_for_two_seats():
    booker, at = make.account(), make.slot(seats=2)
    held = make.hold(booker, at, 2)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1)), NOW


def the_same_person_twice():
    booker, at = make.account(), make.slot(seats=2)
    held = make.hold(booker, at, 2)
    return make.confirm_request(booker, held.facts["hold"], make.people(booker, 1) * 2), NOW


def person_booked_in_the_same_group():
    booker, first, second = make.account(), make.procedure(group="passport"), make.procedure(group="passport")
    who = make.people(booker, 1)
    at = make.slot(procedures=[first])
    assert make.confirm(booker, make.hold(booker, at), who).ok
    held = make.hold(booker, make.slot(procedures=[second]))
    return make.confirm_request(booker, held.facts["hold"], who), NOW


def unknown_appointment():
    return make.cancel_request(make.account(), uuid4()), NOW


def one_of_two_is_a_strangers():
    booker, at = make.account(), make.slot(seats=2)
    return make.cancel_request(booker, *make.book(booker, at), *make.book(make.account(), at)), NOW


def move_to_a_full_time_keeps_the_open_move():
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    assert make.hold(booker, make.slot(procedures=[make.offered(at)]), replaces=booked).ok
    taken = make.slot(procedures=[make.offered(at)])
    make.book(make.account(), taken)
    return make.hold_request(booker, taken, replaces=booked), NOW


def one_seat_for_two_that_have_an_open_move():
    booker, at = make.account(), make.slot(seats=2)
    booked = make.book(booker, at, 2)
    assert make.hold(booker, make.slot(seats=2, procedures=[make.offered(at)]), 2, replaces=booked).ok
    return make.hold_request(booker, make.slot(procedures=[make.offered(at)]), replaces=booked), NOW


def cancelled_before_its_move():
    booker, at = make.account(), make.slot()
    booked = make.book(booker, at)
    assert make.cancel(booker, *booked).ok
    return make.hold_request(booker, make.slot(procedures=[make.offered(at)]), replaces=booked), NOW


def begun():
    booker, at = make.account(), make.slot()
    return make.cancel_request(booker, *make.book(booker, at)), at.starts_at


def another_body_under_the_key():
    booker, at = make.account(), make.slot(seats=5)
    assert make.hold(booker, at, idempotency=make.key(body="one seat")).ok
    return make.hold_request(booker, at, 2, idempotency=make.key(body="two seats")), NOW


def two_parties_held():
    booker, at = make.account(), make.session(slots=3).slots.all()
    assert make.hold(booker, at[0]).ok
    assert make.hold(booker, at[1]).ok
    return make.hold_request(booker, at[2]), NOW


def one_left_to_expire():
    booker, at = make.account(), make.session(slots=2).slots.all()
    assert make.hold(booker, at[0]).ok
    return make.hold_request(booker, at[1]), LATER


def given_back_a_while_ago():
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    assert claim_one(make.hold_only_request(booker, "release", held.facts["hold"]), now=NOW).ok
    return make.hold_request(booker, at), NOW + timedelta(minutes=20)


REACHED = {
    "too_many_holds": [two_parties_held],
    "cool_down": [one_left_to_expire],
    "held_before": [given_back_a_while_ago],
    "full": [full, move_to_a_full_time_keeps_the_open_move],
    "closed": [closed, closed_while_held, session_withdrawn_while_held],
    "started": [started, started_while_held],
    "not_open": [opens_later, drawn, queued],
    "unknown_slot": [no_such_slot, draft_session],
    "not_offered": [another_procedure],
    "several_sessions": [several_sessions],
    "lock_full": [lock_full, party_above_the_cap, phone_gained_and_full],
    "blocked": [blocked, blocked_while_held, blocked_mover],
    "hold_expired": [expired, expired_before_more_time, lost_to_a_faster_clock, permits_lost_to_a_faster_clock],
    "unknown_hold": [unknown_hold],
    "already_extended": [extended_before],
    "people_missing": [one_person_for_two_seats],
    "applicant_twice": [the_same_person_twice],
    "applicant_booked": [person_booked_in_the_same_group],
    "unknown_appointment": [unknown_appointment, one_of_two_is_a_strangers],
    "not_movable": [one_seat_for_two_that_have_an_open_move, cancelled_before_its_move],
    "not_cancellable": [begun],
    "not_granted": [staff_seat_that_nobody_signed_for],
    "key_reused": [another_body_under_the_key],
}
# Needs a second transaction: tests/races/test_seats.py; is said before the claim: tests/appointments/test_family.py.
ELSEWHERE = {"busy", "not_one_family", "other_people"}


def test_every_refusal_is_reached():
    assert set(REACHED) | ELSEWHERE == set(REFUSALS)


@pytest.mark.parametrize(
    ("code", "arrange"),
    [(code, arrange) for code, ways in REACHED.items() for arrange in ways],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_refusal_leaves_everything_as_it_was(code, arrange):
    request, now = arrange()
    claim_batch(
        [
            {
                "op": "hold",
                "account": request["account"],
                "scopes": request["scopes"],
                "slots": [],
                "pools": [],
                "replaces": [],
                "channel": "web",
            }
        ],
        now=now,
    )  # a refusal that makes missing lock rows
    before = fingerprints()
    assert claim_one(request, now=now).code == code
    assert fingerprints() == before


def test_refusal_with_a_key_writes_the_idempotency_row_and_nothing_else():
    at = make.slot()
    make.book(make.account(), at)
    booker = make.account()
    adopt_scopes(account=booker, now=NOW)
    before = fingerprints()
    assert make.hold(booker, at, idempotency=make.key()).code == "full"
    assert fingerprints() == before
    assert IdempotencyKey.objects.get().answer == {"code": "full"}


def test_refused_request_stays_refused_under_its_key_when_a_seat_came_free():
    other, booker, at = make.account(), make.account(), make.slot()
    booked = make.book(other, at)
    assert make.hold(booker, at, idempotency=make.key()).code == "full"
    make.cancel(other, *booked)
    tomorrow = NOW + LONGEST
    assert make.hold(booker, at, idempotency=make.key(), now=tomorrow).facts == {"replayed": True}
    assert make.hold(booker, at, now=tomorrow).ok


def test_key_is_forgotten_after_a_day():
    booker, at = make.account(), make.slot(seats=5)
    first = make.hold(booker, at, idempotency=make.key(body="one"))
    later = NOW + timedelta(hours=24)
    assert make.hold(booker, at, idempotency=make.key(body="one"), now=later).facts["hold"] == first.facts["hold"]
    later += timedelta(seconds=1)
    second = make.hold(booker, at, 2, idempotency=make.key(body="two"), now=later)
    assert second.ok
    assert "replayed" not in second.facts


def test_one_key_twice_in_a_batch_answers_like_one_after_the_other():
    booker, at = make.account(), make.slot(seats=5)
    one = make.hold_request(booker, at, 1, idempotency=make.key(body="one"))
    two = make.hold_request(booker, at, 2, idempotency=make.key(body="two"))
    first, second, third = claim_batch([one, two, one], now=NOW)
    assert first.ok
    assert second.code == "key_reused"
    assert third.facts["hold"] == first.facts["hold"]
    assert third.facts["replayed"]


def test_a_bigger_party_keeps_the_seats_of_its_own_hold():
    booker, at = make.account(), make.slot(seats=3)
    held = make.hold(booker, at, 2)
    bigger = make.hold(booker, at, 3, supersedes=held.facts["hold"])
    assert bigger.ok
    assert Hold.objects.get(pk=held.facts["hold"]).outcome == "superseded"
    assert set(Seat.objects.filter(slot=at).values_list("holder", flat=True)) == {UUID(bigger.facts["hold"])}
    assert make.confirm(booker, bigger, n=3).ok


def test_without_naming_its_own_hold_the_bigger_party_finds_the_time_full():
    booker, at = make.account(), make.slot(seats=3)
    make.hold(booker, at, 2)
    assert make.hold(booker, at, 3).code == "full"


def test_a_strangers_hold_lends_no_seats():
    stranger, booker, at = make.account(), make.account(), make.slot(seats=3)
    held = make.hold(stranger, at, 2)
    assert make.hold(booker, at, 3, supersedes=held.facts["hold"]).code == "full"


def test_asking_again_with_another_party_keeps_no_seat_longer():
    booker, at = make.account(), make.slot(seats=3)
    held = make.hold(booker, at, 2)
    Hold.objects.update(extended=True)
    later = NOW + timedelta(minutes=5)
    again = make.hold(booker, at, 1, supersedes=held.facts["hold"], now=later)
    assert datetime.fromisoformat(again.facts["expires_at"]) == LATER
    assert Hold.objects.get(pk=again.facts["hold"]).extended


def test_a_move_that_ran_out_lends_no_seats():
    booker = make.account()
    times = make.session(seats=2, slots=2).slots.all()
    ids = make.book(booker, times[0], 2)
    make.hold(booker, times[1], 1, replaces=ids[:1])
    past = LATER + timedelta(seconds=30)  # its seat rests for a minute at least
    assert make.hold(booker, times[1], 2, replaces=ids, now=past).code == "full"


def test_a_family_adds_somebody_to_its_move():
    booker = make.account()
    times = make.session(seats=2, slots=2).slots.all()
    ids = make.book(booker, times[0], 2)
    make.hold(booker, times[1], 1, replaces=ids[:1])
    assert make.hold(booker, times[1], 2, replaces=ids).ok


def test_another_time_has_its_own_ten_minutes():
    booker, times = make.account(), make.session(seats=2, slots=2).slots.all()
    held = make.hold(booker, times[0], 2)
    later = NOW + timedelta(minutes=5)
    other = make.hold(booker, times[1], 2, supersedes=held.facts["hold"], now=later)
    assert datetime.fromisoformat(other.facts["expires_at"]) == LATER + timedelta(minutes=5)
