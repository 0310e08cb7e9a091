"""Cancelled, appealed and made good while somebody else acts: each has one outcome, and the books balance."""

from datetime import date, timedelta

from antifraud.errors import AppealOpen, DecidedAlready
from antifraud.models import Appeal, PriorityToken
from antifraud.redress.appealing import Found, appeal_decision, booker_of, decide_decision_appeal
from antifraud.redress.cancelling import cancel_for
from antifraud.redress.tokens import show_identity, use_token
from appointments.errors import BookingError
from appointments.models import Appointment
from appointments.services import hold_seats
from appointments.services.hold import Wish
from consulates.models import Seat
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.blocks import reviewer
from tests.factories.cases import suspected
from tests.factories.ledger import assert_books_balance
from tests.factories.redress import applicant, cancelled, decided
from tests.races.together import errors, together

LATER = NOW + timedelta(hours=1)


def asks(scene):
    return lambda: appeal_decision(tokens=[scene.token], person=booker_of(scene.token), words="-", by="link", now=NOW)


def test_two_who_carry_out_one_decision_cancel_once(live_db):
    decision = decided(suspected(people=3))
    done = together([lambda: cancel_for(decision, now=NOW)] * 3)

    assert sorted(len(one) for one in done) == [0, 0, 3]
    assert PriorityToken.objects.count() == 3
    assert_books_balance(now=NOW)


def test_a_booker_who_cancels_at_the_same_moment_is_first_or_second_and_no_token_is_left_over(live_db):
    case = suspected(people=1)
    decision, mine = decided(case), Appointment.objects.get()
    together([lambda: cancel_for(decision, now=NOW), lambda: make.cancel(mine.account, mine.pk)])

    mine.refresh_from_db()
    assert PriorityToken.objects.exists() == (mine.cancelled_by == "reviewer")
    assert_books_balance(now=NOW)


def test_two_appeals_at_once_are_one_and_two_answers_are_one(live_db):
    scene = cancelled()
    assert [type(one) for one in errors(together([asks(scene), asks(scene)]))] == [AppealOpen]
    asked, first, second = Appeal.objects.get(), reviewer(), reviewer()

    def decides(who):
        return lambda: decide_decision_appeal(
            appeal_id=asked.pk, reviewer=who, found=Found.MISTAKE, answer="-", now=NOW
        )

    assert [type(one) for one in errors(together([decides(first), decides(second)]))] == [DecidedAlready]
    assert Appointment.objects.filter(status="booked").count() == 1
    assert_books_balance(now=NOW)


def test_whoever_books_the_freed_seat_and_whoever_gets_it_back_have_one_winner(live_db):
    scene, other, who = cancelled(), make.account(), reviewer()
    asked, lost = asks(scene)(), scene.token.appointment
    Seat.objects.filter(pk=lost.seat_id).update(visible_at=NOW)
    at = lost.session.slots.get()
    [_, taken] = together(
        [
            lambda: decide_decision_appeal(
                appeal_id=asked.pk, reviewer=who, found=Found.MISTAKE, answer="-", now=LATER
            ),
            lambda: hold_seats(account=other, wishes=[Wish(at.pk, 1)], procedure_id=lost.procedure_id, now=LATER),
        ]
    )

    token = PriorityToken.objects.get()
    assert (token.used_at is None) == (not isinstance(taken, BookingError))
    assert token.used_at is not None or token.is_usable(now=LATER)
    assert_books_balance(now=LATER)


def test_two_taps_on_a_place_give_one_appointment(live_db):
    scene, me = cancelled(), applicant()
    show_identity(token_id=scene.token.pk, account=me, birth_date=date(1990, 5, 17), now=NOW)
    slot_id = scene.token.appointment.slot_id
    together([lambda: use_token(token_id=scene.token.pk, account=me, slot_id=slot_id, now=NOW)] * 3)

    assert Appointment.objects.filter(account=me).count() == 1
    assert_books_balance(now=NOW)
