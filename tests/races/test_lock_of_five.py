"""Five at once from one mailbox, whatever it is called and however many try; and what stands behind the count."""

import contextlib
import http.client
import json
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from appointments.claim import claim_one
from appointments.errors import LockFull
from appointments.models import Appointment, CapOverride, Hold, Permit, Scope
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from appointments.services.links import adopt_scopes
from mexitel.api.tokens import open_token
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, number, permits_in_use
from tests.races.together import DEADLINE_SECONDS, Aside, codes, errors, together

CROWD = 200
ADA = {"given_names": "Ada", "surname_1": "Ríos"} | {
    f"birth_date_{part}": value for part, value in {"day": "5", "month": "4", "year": "1988"}.items()
}


def aliases(size):
    """Accounts of their own, in many spellings of one mailbox."""
    dotted = ["ana.maria", "a.namaria", "anam.aria", "anamaria"]
    return [make.account(f"{dotted[n % 4]}+{n}@{'gmail.com' if n % 2 else 'googlemail.com'}") for n in range(size)]


def book_through_services(booker, at):
    wish = Wish(at.pk, 1)
    held = hold_seats(account=booker, wishes=[wish], procedure_id=make.offered(at).pk, now=NOW)
    return confirm_hold(account=booker, hold_id=held.hold_id, people=[[make.entry()]], today=NOW.date(), now=NOW)


def race_of_aliases(size):
    times = list(make.session(seats=20, slots=10).slots.all())
    return together(
        [lambda who=who, at=times[n % 10]: book_through_services(who, at) for n, who in enumerate(aliases(size))]
    )


def book_over_http(portal, token, at):
    """Through the API, coming again when told to. The appointments, or the code of the refusal."""

    def post(path, body):
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": path[-60:],
        }
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(portal.url.removeprefix("http://"), timeout=DEADLINE_SECONDS)
            # The test server's queue is short: a reset is tried again, which the key makes safe.
            with contextlib.closing(connection), contextlib.suppress(ConnectionError):
                connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
                answer = connection.getresponse()
                told = json.loads(answer.read())
                if answer.status != 503 and told.get("code") != "busy":
                    return told
        raise TimeoutError(path)

    held = post("/holds", {"procedure": make.offered(at).code, "slots": [{"slot": at.pk, "seats": 1}]})
    if "id" not in held:
        return held["code"]
    person = {"given_names": "Rosa", "surname_1": "López", "birth_date": "1985-03-27"}
    booked = post(f"/holds/{held['id']}/confirm", {"people": [person]})
    return booked["appointments"] if "appointments" in booked else booked["code"]


def sent(client, address, fields=None):
    """As somebody who presses the button again when the page says that many are waiting (503)."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        answer = client.post(address, fields or {})
        if answer.status_code != 503 or time.monotonic() > deadline:
            return answer


def book_through_pages(client, at):
    """As a browser does: choose a time, say who attends, confirm. The last page's status."""
    held = sent(client, reverse("hold_create"), {"slots": f"{at.pk}:1", "procedure": make.offered(at).code})
    if held.status_code != 302:
        return held.status_code
    sent(client, reverse("hold_person", args=[held.url.split("/")[2], 1]), ADA)
    return sent(client, reverse("hold_check", args=[held.url.split("/")[2]])).status_code


@pytest.mark.usefixtures("many_parties")
def test_one_mailbox_on_web_and_api_at_once(portal, crowd):
    """Half of them through the pages, half through the API over real HTTP."""
    bookers, times = aliases(CROWD), list(make.session(seats=20, slots=10).slots.all())
    tokens = [open_token(account=booker, now=NOW).token for booker in bookers[: CROWD // 2]]
    browsers = [sign_in(Client(), booker) for booker in bookers[CROWD // 2 :]]
    results = together(
        [lambda token=token, at=times[n % 10]: book_over_http(portal, token, at) for n, token in enumerate(tokens)]
        + [lambda who=who, at=times[n % 10]: book_through_pages(who, at) for n, who in enumerate(browsers)]
    )
    booked = [result for result in results if isinstance(result, list) or result == 302]
    assert len(booked) == Appointment.objects.count() == mailbox_permits() == 5
    # On a slow machine some wait longer for the mailbox's lock than the database lets them: try again later.
    assert {result for result in results if result not in booked} <= {"lock_full", 409, 503}
    assert_books_balance(now=NOW)


def mailbox_permits():
    return Permit.objects.filter(scope__kind=2, until__gt=NOW).count()


@pytest.mark.usefixtures("many_parties")
def test_two_hundred_at_once_from_one_mailbox(live_db, crowd):
    results = race_of_aliases(CROWD)
    assert sum(isinstance(result, list) for result in results) == 5
    assert {type(error) for error in errors(results)} == {LockFull}
    assert Appointment.objects.count() == 5
    assert mailbox_permits() == 5
    assert_books_balance(now=NOW)


@pytest.mark.usefixtures("many_parties")
def test_unique_ordinals_stand_behind_the_count(live_db, crowd, take_away):
    take_away("scope_locks")
    results = race_of_aliases(40)
    assert Appointment.objects.count() <= 5
    assert mailbox_permits() <= 5
    assert "InternalError" in codes(results)  # the bug shows as raised errors, not as a sixth appointment


@pytest.mark.usefixtures("many_parties")
def test_control_without_locks_and_ordinals_more_than_five(live_db, crowd, take_away):
    take_away("scope_locks", "ordinals")
    race_of_aliases(40)
    assert Appointment.objects.count() > 5


@pytest.mark.usefixtures("many_parties")
def test_two_of_fifty_fit_after_a_cap_of_eight_fell_to_five(live_db):
    booker, at = make.account(), make.slot(seats=60)
    adopt_scopes(account=booker, now=NOW)
    Scope.objects.update(override_cap=8, override_until=NOW + timedelta(days=1))
    booked = make.book(booker, at, 8)
    make.cancel(booker, *booked[:5])
    Scope.objects.update(override_cap=None, override_until=None)
    times = make.session(
        seats=60, slots=50, procedures=[make.offered(at)], starts_at=NOW + timedelta(days=3)
    ).slots.all()
    results = together([lambda to=to: make.hold(booker, to) for to in times])
    assert codes(results) == ["lock_full"] * 48 + ["ok"] * 2
    assert permits_in_use(booker, now=NOW) == {"account": 5, "email": 5}
    assert_books_balance(now=NOW)


@pytest.mark.usefixtures("many_parties")
def test_parties_race_for_what_is_left_under_the_cap(live_db):
    booker = make.account()
    times = make.session(seats=5, slots=12).slots.all()
    results = together([lambda to=to, n=1 + place % 3: make.hold(booker, to, n) for place, to in enumerate(times)])
    assert set(codes(results)) == {"lock_full", "ok"}
    assert 3 <= permits_in_use(booker, now=NOW)["account"] <= 5
    assert_books_balance(now=NOW)


def block(booker):
    Scope.objects.filter(kind=2, key=dict(make.scope_keys(booker))[2]).update(blocked_until=NOW + timedelta(days=1))


def held_by_somebody():
    booker, at = make.account(), make.slot()
    return booker, make.hold(booker, at), make.people(booker, 1)


def test_block_first_then_the_confirmation_waits_and_is_refused(live_db):
    booker, held, attending = held_by_somebody()
    with transaction.atomic():
        block(booker)
        confirming = Aside(lambda: make.confirm(booker, held, attending))
        assert confirming.waits_for_a_lock()
    assert confirming.end().code == "blocked"
    assert Appointment.objects.count() == 0


def test_confirmation_first_then_the_block_waits(live_db):
    booker, held, attending = held_by_somebody()
    with transaction.atomic():
        assert make.confirm(booker, held, attending).ok
        blocking = Aside(lambda: block(booker))
        assert blocking.waits_for_a_lock()
    blocking.end()
    assert make.hold(booker, make.slot()).code == "blocked"


def test_control_without_scope_locks_a_confirmation_passes_a_block(live_db, take_away):
    take_away("scope_locks")
    booker, held, attending = held_by_somebody()
    with transaction.atomic():
        block(booker)
        confirming = Aside(lambda: make.confirm(booker, held, attending))
        assert not confirming.waits_for_a_lock()
        assert confirming.end().ok


@pytest.mark.usefixtures("many_parties")
@pytest.mark.parametrize("round_", range(3))
def test_phone_that_is_verified_while_everybody_books(live_db, round_):
    """Ten accounts verify one phone while they book: what they have counts there, and then nothing more fits."""
    times = list(make.session(seats=30, slots=2).slots.all())
    bookers = [make.account() for _ in range(10)]
    jobs = []
    for booker in bookers:
        verified = make.User.objects.get(pk=booker.pk)
        verified.phone_hash, verified.phone_verified_at = b"p" * 32, NOW
        jobs += [
            lambda who=booker: make.hold(who, times[0]),
            lambda who=verified: adopt_scopes(account=who, now=NOW),
            lambda who=verified: make.hold(who, times[1]),
        ]
    results = together(jobs)
    assert not errors(results)
    for booker in bookers:  # whoever held just after it was adopted is brought in by the next
        booker.phone_hash, booker.phone_verified_at = b"p" * 32, NOW
        adopt_scopes(account=booker, now=NOW)
    in_use = permits_in_use(bookers[0], now=NOW)["phone"]
    assert in_use == number("SELECT sum(cardinality(seat_ids)) FROM appointments_hold")
    assert {make.hold(booker, times[0], 2).code for booker in bookers} == {"lock_full" if in_use > 3 else "ok"}
    assert_books_balance(now=NOW)


def test_booking_and_adopting_do_not_deadlock_over_a_scope_that_is_new(live_db):
    """A booking has made the phone's row and not committed; adopting waits for it without holding the account."""
    booker, at = make.account(), make.slot(seats=5)
    assert make.hold(booker, at).ok
    booker.phone_hash, booker.phone_verified_at = b"p" * 32, NOW
    other = make.account()
    other.phone_hash, other.phone_verified_at = b"p" * 32, NOW
    with transaction.atomic():
        assert make.hold(other, at).ok
        adopting = Aside(lambda: adopt_scopes(account=booker, now=NOW))
        assert adopting.waits_for_a_lock()
        # The account's row is free: its owner releases a hold that has nothing to do with the phone.
        plain = make.User.objects.get(pk=booker.pk)
        assert claim_one(make.cancel_request(plain), now=NOW).ok
    assert adopting.end() == 1


@pytest.mark.usefixtures("many_parties")
def test_families_of_one_mailbox_race_for_eight(live_db):
    """Under many spellings and beside single bookings: one family in one go, or five single ones, never nine."""
    times = list(make.session(seats=20, slots=10).slots.all())
    bookers = list(enumerate(aliases(24)))
    family = [lambda who=who, at=times[n % 10]: make.hold(who, at, 8, origin="family") for n, who in bookers[:12]]
    single = [lambda who=who, at=times[n % 10]: make.hold(who, at) for n, who in bookers[12:]]
    results = together([*family, *single])
    assert set(codes(results)) <= {"ok", "lock_full", "busy"}
    assert mailbox_permits() in {5, 8}
    assert CapOverride.objects.count() == sum(held.party == 8 for held in Hold.objects.open(now=NOW)) <= 1
    assert_books_balance(now=NOW)
