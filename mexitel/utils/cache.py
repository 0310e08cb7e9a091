"""Django's Redis cache for a portal that must work without Redis: a failure is a miss, and it is quick."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 0.25
OPEN_SECONDS = 5
Result = TypeVar("Result")


class Breaker:
    """After a failure nobody asks Redis for a few seconds; then one caller tries while the others still pass by.

    A slow Redis would otherwise cost every request its whole timeout, several times over.
    """

    def __init__(self, open_seconds: float = OPEN_SECONDS) -> None:
        self.open_seconds = open_seconds
        self._open_until = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        if not self._open_until:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._open_until:
                return False
            self._open_until = now + self.open_seconds  # this caller is the one who tries
            return True

    def succeeded(self) -> None:
        if self._open_until:
            logger.warning("Redis answers again")
            self._open_until = 0.0

    def failed(self, error: Exception) -> None:
        if not self._open_until:
            logger.warning("Redis does not answer (%s); going on without it", type(error).__name__)
        self._open_until = time.monotonic() + self.open_seconds

    @property
    def is_open(self) -> bool:
        return bool(self._open_until)


_breakers: dict[str, Breaker] = {}


def breaker_for(location: str) -> Breaker:
    """One per server and process: the cache object itself is made anew in every thread."""
    return _breakers.setdefault(location, Breaker())


def missing_when_away(miss: Callable[..., Any]) -> Callable:
    """Answer ``miss(*args, **kwargs)`` of the call itself while Redis is away."""

    def decorate(method: Callable[..., Result]) -> Callable[..., Result]:
        @wraps(method)
        def guarded(self: "ResilientRedisCache", *args: Any, **kwargs: Any) -> Any:
            if not self.breaker.allows():
                return miss(*args, **kwargs)
            try:
                result = method(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self.breaker.failed(error)
                return miss(*args, **kwargs)
            self.breaker.succeeded()
            return result

        return guarded

    return decorate


def _key_is_missing(key: str, *args: Any, **kwargs: Any) -> int:
    raise ValueError(f"Key {key!r} not found")  # what Django's incr says for a key that is not there


class ResilientRedisCache(RedisCache):
    """Never raises because of Redis. ``incr`` on a Redis that is away raises ValueError, as for a missing key.

    What is deleted while Redis is away is still there when it returns, so nothing may rely on a deletion.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_timeout", TIMEOUT_SECONDS)
        options.setdefault("socket_connect_timeout", TIMEOUT_SECONDS)
        # One retry for a connection that a restart of Redis closed; redis-py's default waits for seconds.
        options.setdefault("retry", Retry(NoBackoff(), 1))
        super().__init__(server, params)
        self.breaker = breaker_for(str(server))

    add = missing_when_away(lambda *args, **kwargs: False)(RedisCache.add)
    get = missing_when_away(lambda key, default=None, version=None: default)(RedisCache.get)
    set = missing_when_away(lambda *args, **kwargs: None)(RedisCache.set)
    touch = missing_when_away(lambda *args, **kwargs: False)(RedisCache.touch)
    delete = missing_when_away(lambda *args, **kwargs: False)(RedisCache.delete)
    get_many = missing_when_away(lambda *args, **kwargs: {})(RedisCache.get_many)
    has_key = missing_when_away(lambda *args, **kwargs: False)(RedisCache.has_key)
    incr = missing_when_away(_key_is_missing)(RedisCache.incr)
    set_many = missing_when_away(lambda data, *args, **kwargs: list(data))(RedisCache.set_many)
    delete_many = missing_when_away(lambda *args, **kwargs: None)(RedisCache.delete_many)
    clear = missing_when_away(lambda *args, **kwargs: False)(RedisCache.clear)

    @missing_when_away(lambda *args, **kwargs: None)
    def run_script(self, script: str, keys: Sequence[str], *values: str | int) -> Any:
        """Several steps in one round trip, all or none: a Lua script of Redis. None while Redis is away.

        ``keys`` are taken as they stand, without the cache's prefix; texts come back as bytes.
        """
        client = self._cache.get_client(None, write=True)
        return client.eval(script, len(keys), *keys, *values)
