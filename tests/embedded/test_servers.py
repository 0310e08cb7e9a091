"""The embedded servers by themselves: start, stop, and what a crash left behind."""

import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest
import redis

from mexitel.embedded.postgres import Postgres, free_port, needs_nobody, port_is_free
from mexitel.embedded.process import Child, end_stale, identity, wait_until
from mexitel.embedded.valkey import Valkey


@pytest.fixture
def folder(tmp_path_factory):
    """Reachable for "nobody", who has to run PostgreSQL where root cannot enter a user namespace."""
    path = tmp_path_factory.mktemp("servers")
    if needs_nobody():
        top = Path(tempfile.gettempdir())
        for folder in (path, *(parent for parent in path.parents if top in parent.parents)):
            folder.chmod(0o755)
    return path


@pytest.fixture
def postgres(folder):
    server = Postgres(folder / "postgres", folder, "secret", free_port(), throw_away=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(folder):
    server = Valkey(folder / "redis", folder, "secret", free_port())
    server.start()
    yield server
    server.stop()


def one(server: Postgres, query: str):
    connection = psycopg2.connect(server.url("postgres"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_postgres_is_the_real_one_with_what_we_rely_on(postgres):
    assert one(postgres, "SHOW server_version").startswith("18.")
    assert one(postgres, "SELECT lower('ÑANDÚ')") == "ñandú"
    assert one(postgres, "SELECT count(*) FROM pg_available_extensions WHERE name IN ('btree_gist', 'pg_trgm')") == 2


def test_postgres_refuses_a_wrong_password(postgres):
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(postgres.url("postgres", password="wrong"))


def test_postgres_keeps_committed_rows_over_a_hard_kill(postgres):
    one(postgres, "CREATE TABLE kept AS SELECT 7 AS n")
    one(postgres, "CHECKPOINT")  # this cluster runs without fsync
    postgres.child.kill()

    postgres.start()

    assert one(postgres, "SELECT n FROM kept") == 7


def test_postgres_stops_fast_although_a_client_is_connected(postgres):
    client = psycopg2.connect(postgres.url("postgres"))

    postgres.stop()

    assert port_is_free(postgres.port)
    assert not (postgres.data / "postmaster.pid").exists()
    client.close()


def test_postgres_takes_over_from_a_run_that_was_killed(postgres, folder):
    """The earlier `up` is gone and its server still runs: the next one stops it and starts its own."""
    before = postgres.child.process.pid
    heir = Postgres(postgres.data, folder, postgres.password, postgres.port, throw_away=True)

    heir.start()

    assert postgres.child.process.wait(5) is not None
    assert heir.child.process.pid != before
    assert one(heir, "SELECT 1") == 1
    heir.stop()


def test_postgres_leaves_a_stranger_with_the_recycled_pid_alone(postgres):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{stranger.pid}\n{postgres.data}\n")

    postgres.start()

    assert stranger.poll() is None
    assert one(postgres, "SELECT 1") == 1
    stranger.kill()
    stranger.wait()


def test_redis_keeps_what_it_was_given_over_a_hard_kill(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 2000)
    valkey.child.kill()

    valkey.start()

    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"yes"


def test_redis_asks_for_its_password_and_hides_it(valkey):
    with (
        redis.Redis.from_url(f"redis://127.0.0.1:{valkey.port}/0") as stranger,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        stranger.ping()
    assert (valkey.data / "server.conf").stat().st_mode & 0o077 == 0


def test_a_stale_note_about_another_process_ends_nobody(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "web").write_text(f'{{"pid": {stranger.pid}, "identity": "an earlier process"}}')

    assert end_stale(tmp_path, "web", signal.SIGTERM) is False

    assert stranger.poll() is None
    assert not (tmp_path / "pids" / "web").exists()
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": null}'])
def test_a_broken_note_is_thrown_away(tmp_path, text):
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "web").write_text(text)

    assert end_stale(tmp_path, "web", signal.SIGTERM) is False


def test_a_stopped_child_takes_its_own_children_along(tmp_path):
    source = (
        "import signal, subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    child = Child("parent", [sys.executable, "-c", source], tmp_path)
    child.start()
    assert wait_until(lambda: child.log.read_text().strip().isdigit(), 10)
    grandchild = int(child.log.read_text())

    child.stop()

    assert wait_until(lambda: identity(grandchild) is None, 5)


def test_a_port_in_use_is_seen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        assert not port_is_free(taken.getsockname()[1])
