import time

import pytest
from django.core.cache import cache

from mexitel.utils.cache import Breaker

pytestmark = pytest.mark.faults


def test_what_is_kept_is_found(redis_server):
    cache.set("a", 1)

    assert (cache.get("a"), cache.incr("a"), cache.has_key("a")) == (1, 2, True)


def test_a_redis_that_is_away_is_a_quick_miss(redis_server):
    cache.set("a", 1)
    redis_server.kill()
    started = time.monotonic()

    assert cache.get("a", "missing") == "missing"
    assert cache.get_many(["a", "b"]) == {}
    assert cache.set("a", 2) is None
    assert cache.set_many({"a": 2}) == ["a"]
    assert cache.add("a", 2) is False
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert cache.delete_many(["a"]) is None
    assert cache.has_key("a") is False
    assert cache.get_or_set("a", 3) == 3
    assert cache.clear() is False
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert time.monotonic() - started < 1


def test_it_is_used_again_when_it_is_back(redis_server):
    cache.breaker.open_seconds = 0
    redis_server.kill()
    assert cache.get("a") is None
    assert cache.breaker.is_open
    redis_server.start()

    cache.set("a", 1)

    assert cache.get("a") == 1
    assert not cache.breaker.is_open


def test_a_restart_between_two_calls_is_not_noticed(redis_server):
    cache.set("a", 1)
    redis_server.stop()
    redis_server.start()

    assert cache.get("a") == 1


def test_while_it_is_open_only_one_caller_tries():
    breaker = Breaker(open_seconds=0.05)
    breaker.failed(ConnectionError())
    assert breaker.allows() is False
    time.sleep(0.06)

    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_the_portal_is_ready_without_redis_and_says_so(redis_server, client, db):
    redis_server.kill()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "database": "up", "redis": "down"})
