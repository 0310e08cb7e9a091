"""Each test process has its own Redis database, empty for each test; ``redis_server`` is one that a test may kill."""

import contextlib
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import caches

from mexitel.embedded.postgres import free_port
from mexitel.embedded.valkey import Valkey
from mexitel.settings.parts import redis_cache
from mexitel.utils import cache as resilient


def serve_from(settings, url: str) -> None:
    from mexitel.celery import app

    settings.REDIS_URL = settings.CELERY_BROKER_URL = url
    settings.CACHES = {"default": redis_cache(url)}
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app.pool.force_close_all()
    os.environ["REDIS_URL"] = url


@pytest.fixture(scope="session", autouse=True)
def own_redis(worker_id):
    """Database 0 for a single process, 1 and up for the processes of xdist."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    url = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))
    django_settings.REDIS_URL = django_settings.CELERY_BROKER_URL = url
    django_settings.CACHES = {"default": redis_cache(url)}
    caches.settings = caches.configure_settings(django_settings.CACHES)
    os.environ["REDIS_URL"] = url
    with redis.Redis.from_url(url) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_redis(own_redis):
    """Rate limits and cached pages of one test never reach the next, nor another process's tests."""
    with contextlib.suppress(AttributeError):
        del caches["default"]  # made before own_redis chose the database, or by a test that had its own server
    own_redis.flushdb()
    resilient._breakers.clear()


class RedisServer:
    """A private server with settings, cache and Celery switched to it. ``kill`` and ``start`` as often as you like."""

    def __init__(self, server: Valkey) -> None:
        self.server, self.url = server, server.url

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.child.kill()

    def stop(self) -> None:
        self.server.stop()

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)


@pytest.fixture
def redis_server(settings, tmp_path):
    server = RedisServer(Valkey(Path(tmp_path) / "redis", Path(tmp_path), "secret", free_port()))
    server.start()
    before = settings.REDIS_URL
    serve_from(settings, server.url)
    yield server
    server.stop()
    serve_from(settings, before)
