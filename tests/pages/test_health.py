import pytest
from django.db import connection


def test_the_process_answers_without_asking_anybody(client):
    """No `db` fixture here, so a query would fail."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]


def test_ready_when_database_and_redis_answer(db, client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "up", "redis": "up"})


def test_not_ready_without_the_database(live_db, client):
    connection.close()
    connection.settings_dict["PORT"], port = "1", connection.settings_dict["PORT"]

    answer = client.get("/readyz")

    connection.settings_dict["PORT"] = port
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "database": "down"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client, path):
    assert client.post(path).status_code == 405
