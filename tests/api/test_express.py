"""Holding and confirming past the framework: the same answers and the same rows as by the API's ordinary way."""

import json
import random
import re
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Hold
from appointments.views.express import express_booking
from mexitel.api import passes
from mexitel.api.express import MOST_IN_A_MINUTE, Pace
from mexitel.utils.crypto import encrypt
from mexitel.utils.time import now as clock
from tests.api.conftest import Api, in_utc, person, signed_in
from tests.factories.blocks import blocked as block

VOLATILE = [
    (re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"), "<id>"),
    (re.compile(r'"(expires_at|booked_at|reference|until)": ?"[^"]*"'), r'"\1"'),
]


class Passed(Exception):
    """The call went on to the application."""


@pytest.fixture
def express():
    """``express(api, path, data)`` answers past the framework or raises Passed with the body that was handed on."""
    made = express_booking(refuse)

    def call(api: Api, path: str, data, *, key="one", token=None, body=None, **extra):
        body = json.dumps(data).encode() if body is None else body
        headers = {"Authorization": f"Bearer {api.token if token is None else token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        asked = RequestFactory(headers=headers).post(f"/api/v1{path}", body, content_type="application/json", **extra)
        environ = asked.environ | {"wsgi.input": BytesIO(body)}
        got = SimpleNamespace()
        [content] = made(
            environ, lambda status, found: got.__dict__.update(status=int(status[:3]), headers=dict(found))
        )
        got.text = content.decode()
        got.json = json.loads(content)
        return got

    return call


def refuse(environ, start_response):
    raise Passed(environ["wsgi.input"].read())


def wish(supply, slot=0, seats=1, **more):
    return {"procedure": supply.adult.code, "slots": [{"slot": supply.slots[slot].pk, "seats": seats}], **more}


def test_a_booking_from_the_hold_to_the_appointment(api, supply, express):
    held = express(api, "/holds", wish(supply))
    booked = express(api, f"/holds/{held.json['id']}/confirm", {"people": [person()]})
    assert (held.status, booked.status) == (201, 200)
    assert held.headers["Location"].endswith(held.json["id"])
    assert held.headers["X-Content-Type-Options"] == "nosniff"
    [mine] = booked.json["appointments"]
    assert api.get(f"/appointments/{mine['id']}").json() == mine
    assert Appointment.objects.get().channel == "api"


def test_a_key_is_good_across_both_ways(api, supply, express):
    first = express(api, "/holds", wish(supply))
    again = express(api, "/holds", wish(supply))
    ordinary = api.post("/holds", wish(supply), key="one")
    assert first.json == again.json == ordinary.json()
    assert (again.headers["Idempotency-Replayed"], ordinary["Idempotency-Replayed"]) == ("true", "true")
    assert express(api, "/holds", wish(supply, seats=2)).json["code"] == "key_reused"
    assert Hold.objects.count() == 1


def test_who_is_blocked_is_refused(api, supply, express):
    block("address", api.account.email)
    assert express(api, "/holds", wish(supply)).json["code"] == "blocked"
    assert not Hold.objects.exists()


def test_the_guards_are_asked(api, supply, express, settings):
    settings.BOOKING_GUARDS = ["tests.api.guards.refuse_everything"]
    assert express(api, "/holds", wish(supply)).status == 409
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"token": ""},
        {"token": "mxt_forged"},
        {"body": b"{"},
        {"body": b'{"a": 1, "a": 2}'},
        {"QUERY_STRING": "a=1"},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_HOST": "elsewhere.example"},
        {"CONTENT_TYPE": "text/plain"},
    ],
    ids=str,
)
def test_what_is_not_plainly_such_a_call_goes_on_as_it_came(api, supply, express, changes):
    body = changes.get("body") or json.dumps(wish(supply)).encode()
    with pytest.raises(Passed) as passed:
        express(api, "/holds", wish(supply), **changes)
    assert passed.value.args == (body,)
    assert not Hold.objects.exists()


def test_a_token_that_was_closed_is_over_at_once(api, supply, express):
    express(api, "/holds", wish(supply))
    api.delete("/sessions")
    with pytest.raises(Passed):
        express(api, "/holds", wish(supply, 1), key="two")


# -- with a pass -----------------------------------------------------------------------------------


def test_with_a_pass_nobody_is_looked_up(api, stranger, supply, express):
    taken, people = api.post("/passes", key="").json()["token"], {"people": [person()]}
    express(stranger, "/holds", wish(supply))  # from now on the procedure and the times are known
    with CaptureQueriesContext(connection) as statements:
        held = express(api, "/holds", wish(supply), token=taken)
    assert (held.status, len(statements)) == (201, 1)  # the claim
    with CaptureQueriesContext(connection) as statements:
        booked = express(api, f"/holds/{held.json['id']}/confirm", people, token=taken)
    assert (booked.status, len(statements)) == (200, 3)  # the hold, the guards, the claim
    assert api.get("/appointments").json()["items"] == booked.json["appointments"]


def test_a_pass_is_a_token_everywhere(api, supply, hold):
    taken = api.post("/passes", key="").json()
    with_it = Api(taken["token"])
    assert with_it.get(f"/holds/{hold['id']}").json() == hold
    assert in_utc(taken["expires_at"]) <= clock() + passes.VALID_FOR


def test_a_pass_ends_by_itself_and_nobody_makes_one(api, monkeypatch):
    taken = api.post("/passes", key="").json()["token"]
    assert passes.read_pass(taken, now=clock()).account == api.account
    assert passes.read_pass(taken, now=clock() + passes.VALID_FOR) is None
    forged = passes.PREFIX + encrypt(json.dumps(["join", 9e9, 1, 1, "", None, None]))
    assert [passes.read_pass(text, now=clock()) for text in (forged, "mxp_", "mxp_x", api.token)] == [None] * 4
    assert Api(forged).get("/appointments").json()["code"] == "token_invalid"


def test_signed_out_a_pass_confirms_nothing(api, supply, express):
    taken = api.post("/passes", key="").json()["token"]
    held = express(api, "/holds", wish(supply), token=taken)
    api.delete("/sessions")
    with pytest.raises(Passed):  # where it is told that the token is over
        express(api, f"/holds/{held.json['id']}/confirm", {"people": [person()]}, token=taken)
    assert not Appointment.objects.exists()
    assert Api(taken).post("/holds", wish(supply)).status_code == 401


def test_whoever_may_not_sign_in_any_more_confirms_nothing(api, supply, express):
    taken = api.post("/passes", key="").json()["token"]
    held = express(api, "/holds", wish(supply), token=taken)
    api.account.is_active = False
    api.account.save()
    with pytest.raises(Passed):
        express(api, f"/holds/{held.json['id']}/confirm", {"people": [person()]}, token=taken)
    assert Api(taken).post(f"/holds/{held.json['id']}/confirm", {"people": [person()]}).status_code == 401
    assert not Appointment.objects.exists()


def test_a_bug_goes_the_long_way(api, supply, express, settings):
    settings.BOOKING_GUARDS = [f"{__name__}.crash"]
    with pytest.raises(Passed):
        express(api, "/holds", wish(supply))
    assert not Hold.objects.exists()


def crash(attempt):
    raise ZeroDivisionError


def test_above_the_pace_calls_are_counted_as_every_other():
    pace, now = Pace(2), clock()
    assert [pace.allows(1, now=now) for _ in range(3)] == [True, True, False]
    assert pace.allows(2, now=now)
    assert pace.allows(1, now=now.replace(year=now.year + 1))


def test_an_account_goes_the_long_way_after_its_share(api, supply, express):
    for _call in range(MOST_IN_A_MINUTE):
        express(api, "/holds", wish(supply))
    with pytest.raises(Passed):
        express(api, "/holds", wish(supply))


# -- both ways say the same ------------------------------------------------------------------------


def any_hold(chance, supply):
    typed = wish(supply, chance.randrange(8), chance.choice([1, 1, 1, 2, 3]))
    typed |= chance.choice([{}] * 6 + [{"procedure": "nothing"}, {"slots": []}, {"more": 1}, {"turn": "forged"}])
    if chance.random() < 0.1:
        typed["slots"][0:1] = [{"slot": chance.choice([0, 10**12]), "seats": 1}]
    return "/holds", typed


def any_confirmation(chance, holds):
    hold = chance.choice(holds)
    people = [person(chance.choice(["Rosa", "Ana", "Luis", ""])) for _ in range(chance.choice([0, 1, 1, 1, 2]))]
    return f"/holds/{hold}/confirm", {"people": people} | chance.choice([{}] * 6 + [{"more": 1}])


def same(status, text):
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    return status, text


def undone(call):
    """What ``call`` answers, and nothing of what it did."""
    with transaction.atomic():
        answer = call()
        transaction.set_rollback(True)
    return answer


def answered(call):
    """What the way past the framework says; None where it leaves the answer to the ordinary one."""
    try:
        return call()
    except Passed:
        return None


def both_ways(seed, supply, express, settings):
    """Sends random requests both ways; returns the codes that were seen."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"booking": (settings.RATE_LIMITS["booking"][0], "9999/m")}
    chance, seen = random.Random(seed), set()
    for turn in range(12):
        api, holds = signed_in(f"persona{turn}@example.org"), ["0190f3a8-0000-7000-8000-000000000000"]
        signs = [api.token, api.post("/passes", key="").json()["token"]]
        for call in range(10):
            path, data = any_hold(chance, supply) if call < 5 else any_confirmation(chance, holds)
            sent = {"key": f"{turn}-{call - (chance.random() < 0.2)}"}
            speaks = {"HTTP_ACCEPT_LANGUAGE": chance.choice(["es", "en-US", ""])}
            headers = {"Accept-Language": speaks["HTTP_ACCEPT_LANGUAGE"]}
            ordinary = undone(lambda: api.post(path, data, headers=headers, **sent))  # noqa: B023 - called at once
            seen.add(ordinary.json().get("code", ordinary.status_code))
            past = answered(lambda: express(api, path, data, token=chance.choice(signs), **sent, **speaks))  # noqa: B023
            if past is None:
                assert ordinary.json()["code"] == "unknown_hold"
                continue
            assert same(past.status, past.text) == same(ordinary.status_code, ordinary.content.decode()), (path, data)
            told = ("Idempotency-Replayed", "Content-Language", "Content-Type", "Cache-Control", "Retry-After")
            assert [past.headers.get(name) for name in told] == [ordinary.headers.get(name) for name in told]
            if past.status == 201:
                holds.append(past.json["id"])
    return seen


def test_random_requests_are_answered_alike(supply, express, settings):
    seen = both_ways(40, supply, express, settings)
    assert {200, 201, "full", "too_many_holds", "unknown_hold", "key_reused", "invalid"} <= seen, seen


@pytest.mark.long
@pytest.mark.parametrize("seed", range(41, 66))
def test_thousands_of_random_requests_are_answered_alike(supply, express, settings, seed):
    both_ways(seed, supply, express, settings)
