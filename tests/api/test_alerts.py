"""News of openings for machines."""


def test_a_program_asks_looks_and_stops(api, stranger, supply):
    office = supply.slots[0].session.consulate.code
    asked = api.post("/release-alerts", {"office": office, "procedure": supply.adult.code, "hour_before": True}, key="")
    assert asked.status_code == 201
    assert api.post("/release-alerts", {"office": office, "procedure": supply.adult.code}, key="").json()["id"] == (
        asked.json()["id"])  # fmt: skip
    [alert] = api.get("/release-alerts").json()["items"]
    assert (alert["office"]["code"], alert["procedure"]["code"], alert["hour_before"]) == (
        office, supply.adult.code, False)  # fmt: skip
    path = asked["Location"]
    assert stranger.delete(path).status_code == 404
    assert api.delete(path).status_code == 204
    assert api.get("/release-alerts").json()["items"] == []


def test_an_office_that_is_none_is_named(api):
    refused = api.post("/release-alerts", {"office": "nowhere"}, key="")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/office")
