import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from mexitel.outbox.models import Heartbeat
from mexitel.outbox.services import publish
from mexitel.pages import status
from mexitel.utils import time

NOW = dt.datetime(2026, 12, 7, 15, 0, tzinfo=dt.UTC)


def refuse(*args, **kwargs):
    raise OperationalError("away")


def test_status_is_read_without_a_database(client, db, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        response = client.get(reverse("status"))

    assert response.status_code == 200
    assert "Algo no funciona bien." in response.text


def test_status_of_a_signed_in_person_is_the_static_page_without_a_database(client, db, monkeypatch):
    client.cookies["sessionid"] = "a" * 32
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        response = client.get(reverse("status"))

    assert response.status_code == 503
    assert "Volvemos pronto" in response.text


def test_redis_that_is_away_is_reported_and_does_not_raise(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert status.redis_answers() is False


def test_redis_of_this_run_answers():
    assert status.redis_answers() is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("alive", "waiting_minutes", "expected"),
    [("relay", 0, True), ("worker", 0, False), ("beat", 0, False), ("relay", 3, False)],
)
def test_messages_go_out_while_the_relay_lives_and_nothing_waits_long(alive, waiting_minutes, expected):
    Heartbeat.objects.all().delete()
    Heartbeat.objects.create(name=alive, seen_at=NOW - dt.timedelta(seconds=5))
    since = NOW - dt.timedelta(minutes=waiting_minutes)
    publish(kind="mail", payload={}, now=since)

    assert status.messages_go_out(NOW) is expected


@pytest.mark.django_db
def test_messages_do_not_go_out_when_the_relay_was_last_seen_long_ago():
    Heartbeat.objects.update_or_create(name="relay", defaults={"seen_at": NOW - dt.timedelta(minutes=10)})

    assert status.messages_go_out(NOW) is False


@pytest.mark.django_db
def test_parts_say_in_words_what_works():
    parts = status.parts(time.now())

    assert parts[0].level == "ok"
    assert all(part.word for part in parts)
