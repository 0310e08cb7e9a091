"""The waiting list for machines."""

from datetime import timedelta

import pytest

from appointments.models import WaitingEntry
from mexitel.utils.time import now as clock
from tests.api.conftest import person
from tests.factories.waiting import offer_now


@pytest.fixture
def rosa(api, supply):
    return api.post("/applicants", person(), key="").json()["id"]


def join(api, supply, *applicants, **more):
    until = (clock() + timedelta(days=30)).date().isoformat()
    told = {"procedure": supply.adult.code, "applicants": applicants, "near": "90012", "until": until}
    return api.post("/waiting-list", told | more, key="")


def test_a_program_joins_looks_accepts_and_finds_the_appointment(api, stranger, supply, rosa):
    joined = join(api, supply, rosa, weekdays=[1, 2, 3, 4, 5], hours="any")
    assert joined.status_code == 201
    place = joined.json()
    assert (place["state"], place["offer"], place["position"]["ahead"]) == ("waiting", None, 0)
    assert join(api, supply, rosa).json()["id"] == place["id"]
    assert stranger.get(f"/waiting-list/{place['id']}").status_code == 404

    offer_now(WaitingEntry.objects.get(), now=clock())
    assert api.get(joined["Location"]).json()["offer"]["time_zone"] == "America/Los_Angeles"
    booked = api.post(f"/waiting-list/{place['id']}/accept", {})
    assert booked.json()["appointments"][0]["people"][0]["given_names"] == "Rosa María"
    assert [one["state"] for one in api.get("/waiting-list").json()["items"]] == ["booked"]


def test_declining_and_leaving_cost_nothing_and_end_the_place(api, supply, rosa):
    path = join(api, supply, rosa)["Location"]
    assert api.post(f"{path}/accept", {}).json()["code"] == "no_offer"
    offer_now(WaitingEntry.objects.get(), now=clock())
    declined = api.post(f"{path}/decline", key="").json()
    assert (declined["state"], declined["offer"]) == ("waiting", None)
    assert api.post(f"{path}/accept", {}).json()["code"] == "hold_expired"
    assert api.post(f"{path}/stay", key="").status_code == 200
    assert api.delete(path).status_code == 204
    assert api.get(path).json()["state"] == "left"
    assert api.post(f"{path}/stay", key="").json()["code"] == "not_waiting"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"near": ""}, "#/near"),
        ({"near": "99999"}, "#/near"),
        ({"until": "2020-01-01"}, "#/until"),
        ({"procedure": "apostille"}, "#/procedure"),
        ({"offices": ["nowhere"]}, "#/offices"),
    ],
)
def test_what_is_wrong_is_named(api, supply, rosa, more, pointer):
    refused = join(api, supply, rosa, **more)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_people_of_others_and_a_second_group_are_refused(api, stranger, supply, rosa):
    assert join(stranger, supply, rosa).status_code == 404
    join(api, supply, rosa)
    ana = api.post("/applicants", person("Ana"), key="").json()["id"]
    assert join(api, supply, ana).json()["code"] == "waits_already"
