"""Batches that touch the same scopes in opposite orders, and everything at once: no deadlock, and the books balance."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from appointments.claim import claim_batch
from appointments.models import Appointment, Hold
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, number, rows
from tests.races.together import errors, together


def deadlocks():
    """As the server counted them in this test's own database; the threads' own counts are in by then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
    return number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def opposite_orders(rounds, workers=4):
    """Every batch books for the same accounts and phones, half of them backwards, through changing scopes."""
    bookers = [make.account(phone=f"+1213555010{n % 2}") for n in range(4)]
    at = make.slot(seats=100)

    def work(backwards):
        for place in range(rounds):
            now = NOW + timedelta(minutes=11 * place)  # the holds of the round before are over
            order = bookers[::-1] if backwards else bookers
            claim_batch([make.hold_request(who, at, 1, now=now) for who in order], now=now)

    return together([lambda backwards=n % 2: work(backwards) for n in range(workers)])


def test_overlapping_scopes_in_opposite_order_never_deadlock(live_db):
    results = opposite_orders(40)
    assert errors(results) == []
    assert deadlocks() == 0


def test_scopes_that_are_made_in_opposite_order_never_deadlock(live_db):
    at = make.slot(seats=150)
    for _ in range(8):
        bookers = [make.account() for _ in range(6)]
        results = together(
            [
                lambda order=order: claim_batch([make.hold_request(who, at) for who in order], now=NOW)
                for order in (bookers, bookers[::-1], bookers[3:] + bookers[:3])
            ]
        )
        assert errors(results) == []
    assert deadlocks() == 0


def test_control_scopes_locked_in_two_orders_deadlock(live_db, take_away):
    opposite_orders(1)  # the rows are there
    take_away("lock_order")
    found = errors(opposite_orders(2))
    assert any(isinstance(error, OperationalError) and "deadlock" in str(error) for error in found)


STORMY = {
    *[(verb, "ok") for verb in ("hold", "confirm", "cancel", "move", "confirm move", "extend", "release")],
    ("hold", "full"),
    ("hold", "lock_full"),
    ("confirm", "hold_expired"),
}


def storm(workers, steps, seed):
    """Every verb on few times, few accounts, few phones, with clocks that differ by minutes."""
    offered = make.procedure()
    times = list(make.session(seats=8, slots=6, procedures=[offered]).slots.all())
    bookers = [make.account(phone=f"+121355502{n % 3:02d}") for n in range(6)]
    people = {booker.pk: make.people(booker, 8) for booker in bookers}

    seen = Counter()

    def work(worker):
        chance = random.Random(f"{seed} {worker}")
        for step in range(steps):
            now = NOW + timedelta(minutes=step, seconds=chance.randint(-90, 90))
            booker, at = chance.choice(bookers), chance.choice(times)
            holds = Hold.objects.filter(account=booker, outcome="").values_list("pk", "seat_ids", "replaces")
            booked = list(Appointment.objects.filter(account=booker, status="booked").values_list("pk", flat=True))
            verb = chance.choice(["hold", "hold", "confirm", "confirm", "cancel", "move", "move", "extend", "release"])
            answer = None
            if verb == "hold":
                answer = make.hold(booker, at, chance.randint(1, 3), now=now)
            elif verb == "move" and booked:
                answer = make.hold(booker, at, replaces=[chance.choice(booked)], now=now)
            elif verb == "cancel" and booked:
                answer = make.cancel(booker, *chance.sample(booked, chance.randint(1, min(2, len(booked)))), now=now)
            elif holds and verb in {"confirm", "extend", "release"}:
                hold, seats, replaces = chance.choice(list(holds))
                verb += " move" if replaces else ""
                if verb.startswith("confirm"):
                    attending = [] if replaces else chance.sample(people[booker.pk], len(seats))
                    answer = make.claim_one(make.confirm_request(booker, hold, attending), now=now)
                else:
                    answer = make.claim_one(make.hold_only_request(booker, verb.split()[0], hold, now=now), now=now)
            if answer:
                seen[verb, answer.code] += 1

    results = together([lambda n=n: work(n) for n in range(workers)])
    assert errors(results) == []
    assert set(seen) >= STORMY, seen
    end = NOW + timedelta(minutes=steps + 2)  # after the last of the clocks
    for moment in (end, end + timedelta(hours=2), times[0].session.ends_at):
        assert_books_balance(now=moment)
    assert deadlocks() == 0
    assert (
        rows("SELECT seat_id FROM appointments_appointment WHERE status = 'booked' GROUP BY 1 HAVING count(*) > 1")
        == []
    )
    in_use = rows("SELECT count(*) FROM appointments_permit WHERE until > %s GROUP BY scope_id", end)
    assert max((count for (count,) in in_use), default=0) <= 5  # the limits may leave nothing in use


@pytest.mark.parametrize("seed", range(2))
def test_everything_at_once_balances(live_db, seed):
    storm(workers=8, steps=60, seed=seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_everything_at_once_balances_for_long(live_db, seed):
    storm(workers=16, steps=400, seed=f"long {seed}")
