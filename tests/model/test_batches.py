"""A batch answers what its requests would get one after the other, and leaves the same behind."""

import random
from collections import Counter

import pytest
from django.db import transaction

from appointments.claim import claim_batch
from appointments.models import Scope
from appointments.services.links import adopt_scopes
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, rows

pytestmark = [pytest.mark.django_db, pytest.mark.model]

# Without ids, which differ from run to run, and without the rests, which are drawn.
LEFT = {
    "seats": "SELECT s.slot_id, s.unit, h.account_id, a.account_id, a.applicant_id, s.visible_at > %s"
    " FROM consulates_seat s LEFT JOIN appointments_hold h ON h.id = s.holder"
    " LEFT JOIN appointments_appointment a ON a.id = s.holder ORDER BY 1, 2",
    "permits": "SELECT scope_id, ordinal, until FROM appointments_permit WHERE until > %s ORDER BY 1, 2",
    "keys": "SELECT account_id, operation, key, answer ->> 'code' FROM appointments_idempotency WHERE %s IS NOT NULL"
    " ORDER BY 1, 2, 3",
    "events": "SELECT kind, account_id, count(*) FROM appointments_event WHERE at = %s GROUP BY 1, 2 ORDER BY 1, 2",
}


def left_behind():
    return {name: rows(sql, NOW) for name, sql in LEFT.items()}


def a_world():
    offered = make.procedure()
    slots = list(make.session(seats=3, slots=4, procedures=[offered]).slots.all())
    slots += make.session(seats=2, slots=1, procedures=[offered]).slots.all()
    slots += make.session(seats=2, slots=1).slots.all()
    bookers = [make.account(phone=f"+121355504{n % 2:02d}") for n in range(5)]
    for booker in bookers:
        adopt_scopes(account=booker, now=NOW)
    Scope.objects.filter(kind=1, key=dict(make.scope_keys(bookers[4]))[1]).update(blocked_until=slots[0].starts_at)
    booked = [(who, make.book(who, slots[(n + 1) % 4])[0]) for n, who in enumerate(bookers[:3])]
    holds = [(who, make.hold(who, slots[n % 4])) for n, who in enumerate(bookers[:4])]
    return slots, bookers, holds, booked, {who.pk: make.people(who, 3) for who in bookers}, offered


def a_request(chance, world):
    slots, bookers, holds, booked, people, offered = world
    who, key = chance.choice(bookers), chance.choice([None, None, make.key("key", chance.choice("ab"))])
    owner, held = chance.choice(holds)
    customer, appointment = chance.choice(booked)
    someone = chance.choice([owner, owner, owner, who])
    attending = chance.sample(people[someone.pk], chance.choice([1, 1, 1, 2]))
    hold, any_slot = held.facts["hold"], chance.choice(slots)
    return chance.choice(
        [
            lambda: make.hold_request(who, any_slot, chance.randint(1, 3), idempotency=key),
            lambda: make.hold_request(who, chance.sample(slots, 2), procedure=offered.pk),
            lambda: make.hold_request(owner, any_slot, procedure=offered.pk, supersedes=hold),
            lambda: make.hold_request(
                customer, any_slot, procedure=offered.pk, replaces=[appointment], idempotency=key
            ),
            lambda: make.confirm_request(someone, hold, attending, idempotency=key),
            lambda: make.cancel_request(chance.choice([customer, customer, who]), appointment),
            lambda: make.hold_only_request(someone, chance.choice(["extend", "release"]), hold),
        ]
    )()


def comparable(answers):
    """The new ids of a run become their order of appearance; references are drawn."""
    names = {}

    def plain(value):
        if isinstance(value, list):
            return [plain(one) for one in value]
        return names.setdefault(value, len(names)) if isinstance(value, str) and len(value) == 36 else value

    def told(facts):
        return {name: len(value) if name == "references" else plain(value) for name, value in facts.items()}

    return [(answer.code, told(answer.facts)) for answer in answers]


def run_and_roll_back(run):
    with transaction.atomic():
        result = comparable(run()), left_behind()
        assert_books_balance(now=NOW)
        transaction.set_rollback(True)
    return result


def compare(seeds):
    seen = Counter()
    world = a_world()
    for seed in seeds:
        chance = random.Random(seed)
        requests = [a_request(chance, world) for _ in range(chance.randint(3, 12))]
        batch = run_and_roll_back(lambda requests=requests: claim_batch(requests, now=NOW))
        singly = run_and_roll_back(
            lambda requests=requests: [claim_batch([request], now=NOW)[0] for request in requests]
        )
        assert batch == singly, seed
        seen.update(code for code, _ in batch[0])
    return seen


def test_batch_answers_like_single_requests():
    seen = compare(range(150))
    assert {"ok", "full", "blocked", "lock_full", "key_reused", "unknown_hold", "several_sessions"} <= set(seen)


@pytest.mark.long
def test_batch_answers_like_single_requests_for_long():
    compare(range(1000, 3000))
