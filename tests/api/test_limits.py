import re

import pytest
from django.test import RequestFactory

from mexitel.utils import cache as resilient
from mexitel.utils import ratelimits
from tests.api.conftest import Api, take_hold


@pytest.fixture
def tight(settings):
    """Three calls a minute in every limit."""
    settings.RATE_LIMITS = {name: (key, "3/m") for name, (key, _rate) in settings.RATE_LIMITS.items()}


def test_answers_say_where_one_stands(anybody, supply):
    first = anybody.get("/offices")
    assert first["RateLimit-Policy"] == '"search";q=900;w=60'
    assert re.fullmatch(r'"search";r=899;t=\d+', first["RateLimit"])


def test_fourth_search_of_three_waits(anybody, supply, tight):
    for _call in range(3):
        assert anybody.get("/procedures").status_code == 200
    refused = anybody.get("/offices")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused["RateLimit"].startswith('"search";r=0;')
    assert refused["Cache-Control"] == "no-store"


def test_booking_is_counted_by_account(api, stranger, supply, tight):
    for _call in range(3):
        api.post("/holds", {})
    assert api.post("/holds", {}).status_code == 429
    assert stranger.post("/holds", {}).status_code == 400


def test_codes_are_counted_by_client(anybody, db, tight):
    for _call in range(3):
        anybody.post("/sign-in-codes", {"email": "x"}, key="")
    assert anybody.post("/sign-in-codes", {"email": "x"}, key="").status_code == 429
    elsewhere = Api(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/sign-in-codes", {"email": "x"}, key="").status_code == 400


def test_header_that_nobody_trusts_gains_nothing(db, supply, tight):
    for number in range(3):
        Api(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").get("/offices")
    assert Api(HTTP_X_FORWARDED_FOR="192.0.2.99").get("/offices").status_code == 429


@pytest.mark.parametrize(
    ("forwarded", "proxies", "seen"),
    [
        ("", 0, "10.0.0.1"),
        ("198.51.100.7", 0, "10.0.0.1"),
        ("6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"),
        ("198.51.100.7", 2, "10.0.0.1"),  # fewer than the proxies that we know: something is wrong, believe none
        ("not an address", 1, "unknown"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::ffff", 1, "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", 1, "198.51.100.7"),
        ("::1", 1, "::/64"),
    ],
)
def test_client_key(settings, forwarded, proxies, seen):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **extra)
    assert ratelimits.client("any", request) == seen


@pytest.mark.faults
def test_redis_killed_pauses_the_limits_and_nothing_else(anybody, api, supply, redis_server, tight):
    anybody.get("/offices")
    redis_server.kill()
    resilient._breakers.clear()
    for _call in range(5):
        response = anybody.get("/offices")
        assert response.status_code == 200
        assert "RateLimit" not in response
    assert take_hold(api, supply)["state"] == "open"
    assert anybody.post("/sign-in-codes", {"email": "rosa@example.org"}, key="").status_code == 202


def test_refused_port_with_the_plain_cache_pauses_too(anybody, supply, settings, tight):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    for _call in range(5):
        assert anybody.get("/offices").status_code == 200
