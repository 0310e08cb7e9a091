"""Moves and cancellations of the same appointments at once: one after the other, never half of each."""

from collections import Counter
from datetime import timedelta

import pytest

from appointments.models import Appointment, Hold
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from appointments.services.recount import recount
from consulates.models import Seat
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance
from tests.races import guards
from tests.races.together import errors, together

ROUNDS = 12


def a_booking(seats=1):
    booker, at = make.account(), make.slot(seats=seats)
    return booker, at, make.book(booker, at, seats)


def free_or_resting(at):
    return Seat.objects.filter(slot=at, holder=None, visible_at__gt=NOW).count()


def move_against_cancellation():
    booker, at, booked = a_booking()
    to = make.slot(procedures=[make.offered(at)])
    held = make.hold(booker, to, replaces=booked)
    moved, cancelled = together([lambda: make.confirm(booker, held, []), lambda: make.cancel(booker, *booked)])
    return at, to, moved, cancelled


def test_move_and_cancellation_at_once(live_db):
    outcomes = Counter()
    for _ in range(ROUNDS):
        at, to, moved, cancelled = move_against_cancellation()
        assert cancelled.ok
        assert moved.code in {"ok", "hold_expired"}
        outcomes[moved.code] += 1
        # Whatever came first: nobody has a seat in the old time, and nobody comes to the new one.
        assert free_or_resting(at) == 1
        assert free_or_resting(to) == (1 if moved.ok else 0)
    assert not Appointment.objects.exclude(status="cancelled").exists()
    assert_books_balance(now=NOW)


def test_control_without_locks_a_move_and_a_cancellation_clash(live_db, owner_connection, take_away):
    take_away("scope_locks")
    with owner_connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE FUNCTION lock_own_rows(p_requests jsonb) RETURNS void LANGUAGE sql AS ''")
        # The cancellation waits until the move has decided, the move until the cancellation has read what it will free.
        cursor.execute("CREATE SEQUENCE met")
        wait = "FOR i IN 1..500 LOOP EXIT WHEN (SELECT is_called FROM met); PERFORM pg_sleep(0.01); END LOOP;"
        guards.rewrite(cursor, "confirm_move", "    FOR place IN", f"{guards.MEET}    FOR place IN")
        guards.rewrite(cursor, "claim_cancel", "    FOR a IN", f"    {wait}\n    FOR a IN")
        read = "        SELECT * INTO h FROM"
        guards.rewrite(cursor, "claim_cancel", read, f"        PERFORM nextval('met');\n{read}")
    _, _, moved, cancelled = move_against_cancellation()
    # The server speaks where the lock did not, or the new seat is lost to somebody who cancelled.
    assert errors([moved, cancelled]) or recount(now=NOW).seats_stray == 1


def test_two_moves_of_one_appointment_at_once(live_db):
    for _ in range(ROUNDS):
        booker, at, booked = a_booking()
        targets = [make.slot(procedures=[make.offered(at)]) for _ in range(2)]

        def move(to, booker=booker, booked=booked):
            held = make.hold(booker, to, replaces=booked)
            return make.confirm(booker, held, []) if held.ok else held

        results = together([lambda to=to: move(to) for to in targets])
        assert not errors(results)
        answers = Counter(answer.code for answer in results)
        assert answers["ok"] >= 1
        assert set(answers) <= {"ok", "hold_expired"}
        appointment = Appointment.objects.get(pk=booked[0])
        assert appointment.times_moved == answers["ok"]
        assert Seat.objects.filter(holder=appointment.pk).get().slot_id == appointment.slot_id
        assert appointment.slot_id in {to.pk for to in targets}
    assert_books_balance(now=NOW)


def test_full_families_that_move_past_each_other(live_db):
    """Everybody holds five and wants where somebody else was; a move needs no permit, and takes no seat twice."""
    offered = make.procedure()
    times = list(make.session(seats=12, slots=4, procedures=[offered]).slots.all())
    families = [make.account() for _ in range(8)]
    booked = [make.book(family, times[n % 4], 5) if n < 8 and n % 4 < 4 else [] for n, family in enumerate(families)]
    elsewhere = list(
        make.session(seats=12, slots=4, procedures=[offered], starts_at=NOW + timedelta(days=9)).slots.all()
    )

    def move(n):
        held = make.hold(families[n], elsewhere[(n + 1) % 4], 5, replaces=booked[n])
        return make.confirm(families[n], held, []) if held.ok else held

    results = together([lambda n=n: move(n) for n in range(8)])
    assert not errors(results)
    assert {answer.code for answer in results} == {"ok"}
    assert Appointment.objects.filter(slot_id__in=[to.pk for to in elsewhere], times_moved=1).count() == 40
    assert_books_balance(now=NOW)


@pytest.mark.parametrize("order", [1, -1])
def test_two_tabs_save_one_family_in_another_order(live_db, order):
    booker = make.account()
    family = [make.entry(name) for name in ("Ana", "Berta", "Carla", "Dora", "Elena")]
    times = [make.slot(seats=5) for _ in range(2)]
    holds = [
        hold_seats(account=booker, wishes=[Wish(times[0].pk, 2)], procedure_id=make.offered(times[0]).pk, now=NOW),
        hold_seats(account=booker, wishes=[Wish(times[1].pk, 2)], procedure_id=make.offered(times[1]).pk, now=NOW),
    ]
    orders = [family[:2], family[1::-1]][::order]
    results = together(
        [
            lambda held=held, who=who: confirm_hold(
                account=booker, hold_id=held.hold_id, people=[[one] for one in who], today=NOW.date(), now=NOW
            )
            for held, who in zip(holds, orders, strict=True)
        ]
    )
    assert not errors(results)
    assert Appointment.objects.count() == 4
    assert Hold.objects.filter(outcome="confirmed").count() == 2
