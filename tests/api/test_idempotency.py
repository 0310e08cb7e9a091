import json

import pytest
from django.db import InterfaceError, OperationalError

from appointments.claim import Answer
from appointments.models import Appointment, Hold
from consulates.models import Seat
from tests.api.conftest import person, take_hold


def body_for(supply, **more):
    return {"procedure": supply.adult.code, "slots": [{"slot": supply.slots[0].pk, "seats": 1}], **more}


def test_same_key_and_body_get_the_same_hold(api, supply):
    first = api.post("/holds", body_for(supply), key="k1")
    again = api.post("/holds", body_for(supply), key="k1")
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Hold.objects.count() == 1


def test_order_of_members_and_spaces_do_not_matter(api, supply):
    api.post("/holds", body_for(supply), key="k1")
    turned = json.dumps(dict(reversed(body_for(supply).items())), indent=2)
    assert api.post("/holds", raw=turned, key="k1")["Idempotency-Replayed"] == "true"


def test_same_key_with_another_body_is_422(api, supply):
    api.post("/holds", body_for(supply), key="k1")
    other = body_for(supply) | {"slots": [{"slot": supply.slots[1].pk, "seats": 1}]}
    refused = api.post("/holds", other, key="k1")
    assert (refused.status_code, refused.json()["code"], refused.json()["stored"]) == (422, "key_reused", False)


def test_same_key_of_another_account_is_another_key(api, stranger, supply):
    api.post("/holds", body_for(supply), key="k1")
    assert "Idempotency-Replayed" not in stranger.post("/holds", body_for(supply), key="k1")


def test_refusal_is_stored_and_stays(api, stranger, supply):
    take_hold(stranger, supply, seats=2)
    refused = api.post("/holds", body_for(supply), key="k1")
    assert (refused.json()["code"], refused.json()["stored"]) == ("full", True)
    Seat.objects.filter(slot=supply.slots[0]).update(until=None, holder=None)
    again = api.post("/holds", body_for(supply), key="k1")
    assert (again.json()["code"], again["Idempotency-Replayed"]) == ("full", "true")
    assert api.post("/holds", body_for(supply), key="k2").status_code == 201


def test_confirm_and_cancel_are_replayed(api, hold):
    path, people = f"/holds/{hold['id']}/confirm", {"people": [person()]}
    first, again = api.post(path, people, key="c"), api.post(path, people, key="c")
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    [booked] = first.json()["appointments"]
    cancel = {"appointments": [booked["id"]]}
    api.post("/appointments/cancel", cancel, key="x")
    assert api.post("/appointments/cancel", cancel, key="x")["Idempotency-Replayed"] == "true"
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    "path", ["/holds", "/holds/0190aaaa-7a60-7c1e-8a1b-2f6f0c1d2e3f/confirm", "/appointments/cancel"]
)
def test_missing_key_is_said_first(api, supply, path):
    refused = api.post(path, {}, key="")
    assert (refused.status_code, refused.json()["code"], refused.json()["stored"]) == (400, "key_missing", False)


@pytest.mark.parametrize("key", [" ", "a b", "ñ", "x" * 201, "tab\there"])
def test_key_that_cannot_be_one(api, supply, key):
    refused = api.post("/holds", body_for(supply), key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "key_invalid")


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("closed")])
def test_database_away_is_503_and_not_stored(api, supply, monkeypatch, error):
    def away(*args, **kwargs):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr("appointments.services.hold.claim_one", away)
        refused = api.post("/holds", body_for(supply), key="k1")
    assert (refused.status_code, refused.json()["stored"], refused["Retry-After"]) == (503, False, "5")
    assert api.post("/holds", body_for(supply), key="k1").status_code == 201


def test_busy_seat_is_409_to_be_tried_again(api, supply, monkeypatch):
    monkeypatch.setattr("appointments.services.hold.claim_one", lambda request, now: Answer("busy"))
    refused = api.post("/holds", body_for(supply), key="k1")
    assert (refused.status_code, refused.json()["code"], refused.json()["stored"]) == (409, "busy", False)
    assert refused["Retry-After"] == "1"


def test_mistake_in_the_body_does_not_use_up_the_key(api, supply):
    assert api.post("/holds", body_for(supply, party=1), key="k1").json()["stored"] is False
    assert api.post("/holds", body_for(supply), key="k1").status_code == 201
