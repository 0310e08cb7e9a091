"""An agent and a caller at once: one limit, one appointment, one contact."""

from datetime import timedelta

import pytest

from appointments.errors import BookingError
from appointments.models import Appointment, Recovery
from appointments.phone.recovery import apply_due_recoveries, start_recovery, stop_recovery
from appointments.services import cancel_appointments, confirm_hold, hold_seats
from appointments.services.callers import register_caller
from appointments.services.hold import Wish
from consulates.models import Role
from mexitel.accounts.models import CodeRequest, User
from mexitel.accounts.services import set_phone
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW, offered
from tests.factories.ledger import assert_books_balance, permits_in_use
from tests.factories.staff import staff_with
from tests.races.together import codes, errors, together

PHONE = "+12135550177"


def books(account, at, *, agent_id=None):
    """One appointment for somebody new, by the caller or by an agent for them."""
    by = {"agent_id": agent_id, "call_reference": "LL-7", "channel": "phone"} if agent_id else {}

    def job():
        held = hold_seats(account=account, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=NOW, **by)
        people = [[make.entry()]]
        return confirm_hold(account=account, hold_id=held.hold_id, people=people, today=at.session.date, now=NOW, **by)

    return job


@pytest.mark.usefixtures("many_parties")
def test_agents_and_the_caller_at_once_reach_five_and_no_sixth(live_db):
    agents = [staff_with(Role.PHONE_AGENT).pk for _ in range(4)]
    # One hold and another: each in a slot of its own, because a second tap on the same one is the same hold.
    caller, times = make.account("llama@example.com"), list(make.session(seats=2, slots=12).slots.all())

    results = together([books(caller, at, agent_id=(agents * 3)[n] if n % 2 else None) for n, at in enumerate(times)])

    assert codes(results).count("lock_full") == 7
    assert Appointment.objects.filter(account=caller).count() == 5
    assert permits_in_use(caller, now=NOW) == {"account": 5, "email": 5}
    assert_books_balance(now=NOW)


@pytest.mark.usefixtures("many_parties")
def test_agents_for_two_callers_of_one_stated_phone_reach_two(live_db):
    agent = staff_with(Role.PHONE_AGENT)
    callers = [register_caller(phone=PHONE, agent=agent, now=NOW) for _ in range(4)]
    at = make.slot(seats=9)

    results = together([books(caller, at, agent_id=agent.pk) for caller in callers])

    assert codes(results).count("lock_full") == 2
    assert Appointment.objects.count() == 2
    assert_books_balance(now=NOW)


def test_agent_never_pays_so_that_many_callers_are_served_at_once(live_db):
    agent, at = staff_with(Role.PHONE_AGENT), make.slot(seats=20)
    callers = [register_caller(phone=f"+1213555{2000 + n}", agent=agent, now=NOW) for n in range(12)]

    results = together([books(caller, at, agent_id=agent.pk) for caller in callers])

    assert errors(results) == []
    assert Appointment.objects.filter(agent_id=agent.pk).count() == 12


def test_agent_moves_what_the_caller_cancels_and_one_of_them_wins(live_db):
    agent = staff_with(Role.PHONE_AGENT)
    caller, times = make.account("llama@example.com"), list(make.session(seats=2, slots=2).slots.all())
    [booked] = books(caller, times[0])()

    def move():
        held = hold_seats(
            account=caller,
            wishes=[Wish(times[1].pk, 1)],
            procedure_id=offered(times[0]).pk,
            replaces=[booked],
            now=NOW,
            agent_id=agent.pk,
        )
        return confirm_hold(
            account=caller, hold_id=held.hold_id, people=[], today=times[1].session.date, now=NOW, agent_id=agent.pk
        )

    results = together([move, lambda: cancel_appointments(account=caller, appointment_ids=[booked], now=NOW)])

    assert all(isinstance(one, BookingError) for one in errors(results))
    assert Appointment.objects.get(pk=booked).status == "cancelled"
    assert_books_balance(now=NOW)


def test_new_contact_is_stopped_or_applied_and_never_both(live_db, monkeypatch):
    for _round in range(6):
        account, tokens = UserFactory(), []
        monkeypatch.setattr(
            "appointments.phone.recovery.tell_recovery",
            lambda *, stop_url, tokens=tokens, **more: tokens.append(stop_url.rstrip("/").rsplit("/", 1)[1]),
        )
        now = clock()
        start_recovery(
            account=account,
            contact=f"nueva{_round}@example.com",
            right=4,
            agent=staff_with(Role.PHONE_AGENT),
            call_reference="LL-7",
            time_zone="America/Chicago",
            now=now,
        )
        due = now + timedelta(hours=24)
        results = together(
            [
                lambda due=due: apply_due_recoveries(now=due),
                lambda due=due, tokens=tokens: stop_recovery(token=tokens[0], now=due),
                lambda due=due: apply_due_recoveries(now=due),
            ]
        )

        assert errors(results) == []
        outcome = Recovery.objects.get(account=account).outcome
        email = User.objects.get(pk=account.pk).email
        assert (outcome, email) in {("applied", f"nueva{_round}@example.com"), ("stopped", account.email)}
        assert results[0] + results[2] == (1 if outcome == "applied" else 0)


def test_phone_that_is_verified_counts_what_the_caller_has(live_db):
    agent, at = staff_with(Role.PHONE_AGENT), make.slot(seats=9)
    caller = register_caller(phone=PHONE, agent=agent, now=NOW)
    books(caller, at, agent_id=agent.pk)()
    set_phone(user=caller, proved=CodeRequest(address=PHONE), now=NOW)

    assert permits_in_use(User.objects.get(pk=caller.pk), now=NOW) == {"account": 1, "phone": 1}
    assert_books_balance(now=NOW)
