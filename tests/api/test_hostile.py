"""What breaks other people's APIs. Nothing here may become a 500, and every answer keeps to the document."""

import json

import pytest

from tests.api.conftest import person

BIG = 10**30
UNKNOWN = "0190aaaa-7a60-7c1e-8a1b-2f6f0c1d2e3f"
POSTS = ["/holds", f"/holds/{UNKNOWN}/confirm", "/appointments/cancel", "/applicants", "/sign-in-codes", "/sessions"]
BODIES = {
    "nothing": b"",
    "NUL in a string": rb'{"procedure": "pass\u0000port", "email": "a\u0000@b.mx", "given_names": "R\u0000"}',
    "NUL byte": b'{"procedure": "a\x00b"}',
    "lone surrogate": rb'{"procedure": "\ud800", "email": "\udfff", "code": "\ud83d"}',
    "surrogate as a name": rb'{"\ud800": 1}',
    "invalid UTF-8": b'{"procedure": "\xff\xfe"}',
    "UTF-16": '{"procedure": "x"}'.encode("utf-16"),
    "deep list": b"[" * 5000 + b"]" * 5000,
    "very deep list": b"[" * 30000,
    "deep object": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "a name twice": b'{"procedure": "a", "procedure": "b"}',
    "NaN": b'{"procedure": NaN}',
    "infinite": b'{"slots": [{"slot": 1e999, "seats": 1}]}',
    "a list": b"[]",
    "a string": b'"x"',
    "null": b"null",
    "a number": b"1",
    "not JSON": b"procedure=x&slots=1",
    "cut off": b'{"procedure": "x',
    "too large": b'{"procedure": "' + b"x" * 70_000 + b'"}',
    "digits without end": b'{"slots": [{"slot": ' + b"9" * 5000 + b', "seats": 1}]}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", POSTS)
def test_body_that_nobody_should_send(api, path, name):
    response = api.post(path, raw=BODIES[name])
    if name == "nothing" and path.endswith("/confirm"):  # nobody is named, as for a move
        assert response.status_code == 404
        return
    assert response.status_code in (400, 413)
    assert response.json()["code"] in ("malformed", "invalid", "too_large")


VALUES = [
    None,
    True,
    "",
    "x",
    0,
    -1,
    BIG,
    -BIG,
    2**63,
    2**31,
    1.5,
    1e300,
    [],
    [[]],
    {},
    {"a": 1},
    ["x"],
    "9" * 400,
    "\t",
    "\u202e",
    "' OR 1=1 --",
    "{{7*7}}",
    "=1+1",
    "0001-01-01",
    "9999-12-31T23:59:59+14:00",
    "-P1D",
    UNKNOWN,
    "x" * 5000,
    "💃" * 200,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:25])
def test_any_value_in_any_member(api, supply, hold, value):
    right = {"slot": supply.slots[1].pk, "seats": 1}
    for name in ("slot", "seats"):
        code = supply.adult.code
        assert api.post("/holds", {"procedure": code, "slots": [right | {name: value}]}).status_code in (201, 400, 409)
    for name in ("procedure", "slots", "supersedes", "replaces"):
        body = {"procedure": supply.adult.code, "slots": [right], name: value}
        assert api.post("/holds", body).status_code in (201, 400, 409)
    for name in ("given_names", "surname_2", "birth_date", "curp", "guardian_name", "wheelchair", "interpreter"):
        assert api.post("/applicants", person(**{name: value})).status_code in (201, 400)
    for name in ("applicant", "with", "birth_date"):
        body = {"people": [person(**{name: value})]}
        assert api.post(f"/holds/{UNKNOWN}/confirm", body).status_code in (400, 404)
    api.post(f"/holds/{hold['id']}/confirm", {"people": value})
    assert api.post("/appointments/cancel", {"appointments": value}).status_code == 400
    assert api.post("/appointments/cancel", {"appointments": [value]}).status_code in (400, 404)
    for name, path in [("email", "/sign-in-codes"), ("phone", "/sign-in-codes"), ("code", "/sessions")]:
        assert api.post(path, {"request": UNKNOWN, name: value} if name == "code" else {name: value}).status_code < 500


@pytest.mark.parametrize(
    "query",
    [
        f"limit={BIG}",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        f"page={BIG}",
        "cursor=x",
        "cursor=%00",
        "cursor=" + "A" * 600,
        "month=0001-01",
        "month=9999-12",
        "month=2026-13",
        "month=%00",
        "month=2099-12",
        "procedure=%00",
        "procedure=x",
        "procedure=%ED%A0%80",
        "party=0",
        f"party={BIG}",
        "party=%EF%BC%91",
        "place=%00",
        "place=" + "9" * 200,
        "weekend=x",
        "unknown=1",
        "limit=1&limit=2",
        "%00=1",
        "=",
        "a[]=1",
        "upcoming=%FF",
        "format=xml",
        "order=x",
        "place=%F0%9F%92%83",
    ],
)
def test_any_query_on_any_list(api, supply, query):
    for path in (
        "/offices",
        "/procedures",
        "/appointments",
        "/applicants",
        "/offices/los-angeles/availability",
        f"/offices/los-angeles/availability/{supply.day}",
        "/availability/soonest",
        f"/availability/soonest?procedure={supply.adult.code}",
    ):
        response = api.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert response.status_code in (200, 400)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "x",
        "offices/",
        "offices/%00",
        "offices/%FF%FE",
        "offices/" + "a" * 3000,
        "offices/../offices",
        "offices/los-angeles/availability/0001-01-01",
        "offices/los-angeles/availability/9999-12-31",
        "offices/los-angeles/availability/2026-02-30",
        "offices/los-angeles/availability/0000-01-01",
        "offices/los-angeles/availability/%D9%A2%D9%A0%D9%A2%D9%A6-01-01",
        "offices/nowhere/availability",
        "holds/1",
        f"holds/{UNKNOWN}x",
        f"applicants/{BIG}",
        f"applicants/{2**63}",
        "applicants/-1",
        "applicants/0",
        f"appointments/{UNKNOWN}",
        "appointments/cancel",
        "procedures/%00",
        "holds/%0A",
        "offices/%0Aa",
        "sessions",
        "schema",
        "%F0%9F%92%83",
    ],
)
def test_any_path(api, supply, path):
    assert api.get(f"/api/v1/{path}").status_code in (200, 404, 405)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "x",
        "",
        "application/json; charset=utf-16",
        "a" * 300 + "/b",
    ],
)
def test_content_type_that_is_not_json(api, supply, kind):
    response = api.post("/holds", raw=b"{}", content_type=kind)
    assert response.status_code in (400, 415)


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "*", ";;;", "a/b;q=x", "application/json;v=9", "x" * 9000]
)
def test_accept_that_nobody_serves(api, anybody, supply, accept):
    assert anybody.get("/offices", headers={"Accept": accept}).status_code in (200, 406)
    assert api.post("/holds", {}, headers={"Accept": accept}).status_code in (400, 406)


@pytest.mark.parametrize("language", ["", "x", "*", "es-MX", "en;q=0", "\u00f1", "a" * 5000, "zz,yy;q=9", "en;q=nan"])
def test_any_language(anybody, supply, language):
    assert anybody.get("/offices", headers={"Accept-Language": language})["Content-Language"] in ("es", "en")


@pytest.mark.parametrize(
    "token", ["", "x", "Bearer", "Bearer ", "Bearer x", "Bearer \u00f1", "Basic eDp4", "Bearer " + "x" * 9000]
)
def test_any_authorization(anybody, db, token):
    assert anybody.get("/appointments", headers={"Authorization": token}).status_code == 401


@pytest.mark.parametrize("match", ["x", "*", '"x", "y"', 'W/"x"', '"' + "x" * 9000 + '"', "\u00f1"])
def test_any_if_none_match(anybody, supply, match):
    assert anybody.get("/offices", headers={"If-None-Match": match}).status_code in (200, 304)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"])
def test_any_method(api, supply, method):
    for path in ("/offices", "/holds", "/appointments", "/sign-in-codes"):
        response = api.request(method, path, {})
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert "OPTIONS" not in response["Allow"]
