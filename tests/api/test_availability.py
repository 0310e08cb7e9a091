from datetime import timedelta

import pytest

from tests.api.conftest import in_utc, take_hold


def test_offices_are_listed_with_their_next_free_day(anybody, supply):
    response = anybody.get("/offices")
    [office] = response.json()["items"]
    assert (office["code"], office["next_free_on"]) == ("los-angeles", supply.day.isoformat())
    assert office["address"] is None  # not confirmed, so not shown
    assert response["Cache-Control"] == "public, no-cache"
    assert "Accept-Language" in response["Vary"]


def test_office_speaks_the_language_that_is_asked_for(anybody, supply):
    path = "/offices/los-angeles"
    assert anybody.get(path).json()["name"] == "Consulado General en Los Ángeles"
    english = anybody.get(path, headers={"Accept-Language": "fr, en-GB;q=0.8, es;q=0.1"})
    assert (english.json()["name"], english["Content-Language"]) == ("Consulate General in Los Angeles", "en")


def test_procedures_say_what_to_bring(anybody, supply):
    first, *_others = anybody.get("/procedures?bookable=false").json()["items"]
    assert (first["code"], first["bookable"]) == ("apostille", False)
    assert first["how_to_get"]
    renewal = anybody.get("/procedures/passport-adult-renewal").json()
    assert len(renewal["what_to_bring"]) == 2
    assert renewal["fee"]["usd"] == "101.00"


def test_month_counts_free_seats_by_day(anybody, supply):
    month = anybody.get(f"/offices/los-angeles/availability?month={supply.day:%Y-%m}").json()
    assert [(day["date"], day["free"]) for day in month["days"]] == [(supply.day.isoformat(), 16)]


def test_day_offers_what_a_hold_takes(anybody, api, supply):
    path = f"/offices/los-angeles/availability/{supply.day}?procedure={supply.adult.code}&party=3"
    [session] = anybody.get(path).json()["sessions"]
    first = session["times"][0]
    assert session["time_zone"] == "America/Los_Angeles"
    assert first["starts_at"].startswith(f"{supply.day}T09:00:00-0")
    held = api.post("/holds", {"procedure": supply.adult.code, "slots": first["slots"]})
    assert held.status_code == 201
    assert [one["seats"] for one in held.json()["slots"]] == [2, 1]


def test_soonest_names_the_place_and_the_earliest_time(anybody, supply):
    found = anybody.get(f"/availability/soonest?procedure={supply.adult.code}&place=90012&party=2").json()
    assert found["place"]["name"] == "90012 (Los Angeles, CA)"
    [hit] = found["items"]
    assert hit["near"]
    assert in_utc(hit["time"]["starts_at"]) == supply.slots[0].starts_at


def test_soonest_without_a_seat_says_when_to_look_again(anybody, supply):
    supply.session.slots.update(opens_at=supply.session.starts_at - timedelta(hours=20))
    found = anybody.get(f"/availability/soonest?procedure={supply.adult.code}").json()
    assert found["items"] == []
    assert found["next_openings"][0]["office"]["code"] == "los-angeles"


@pytest.mark.parametrize("path", ["/offices", "/offices/los-angeles", "/procedures", "{day}", "{month}"])
def test_same_answer_is_304(anybody, api, supply, path):
    path = path.format(
        day=f"/offices/los-angeles/availability/{supply.day}",
        month=f"/offices/los-angeles/availability?month={supply.day:%Y-%m}",
    )
    first = anybody.get(path)
    again = anybody.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_etag_changes_when_a_seat_goes(anybody, api, supply):
    path = f"/offices/los-angeles/availability/{supply.day}"
    before = anybody.get(path)
    take_hold(api, supply)
    after = anybody.get(path, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]


def test_pages_follow_the_cursor_to_the_end(anybody, supply):
    seen, path = [], "/procedures?limit=1"
    while path:
        response = anybody.get(path)
        seen += [one["code"] for one in response.json()["items"]]
        path = response.json()["next"]
        assert ('rel="next"' in response["Link"]) == bool(path)
    assert seen == ["apostille", "passport-adult-renewal", "passport-minor-renewal"]


def test_cursor_of_another_list_is_refused(anybody, supply):
    cursor = anybody.get("/procedures?limit=1").json()["next"].partition("cursor=")[2]
    response = anybody.get(f"/offices?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (400, "cursor_invalid")
