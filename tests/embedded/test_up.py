"""`manage.py up` from outside, in a copy of the checkout that shares the environment."""

import os
import signal
import socket

import pytest

from mexitel.embedded import environment
from mexitel.embedded.postgres import needs_nobody
from mexitel.embedded.process import identity
from tests.embedded.checkout import Checkout


@pytest.fixture
def checkout(tmp_path):
    made = Checkout(tmp_path / "a folder with spaces and ñ")
    yield made
    made.remove()


@pytest.mark.faults
@pytest.mark.skipif(needs_nobody(), reason="root without user namespaces keeps its data outside the checkout")
def test_up_comes_back_after_a_hard_kill_keeps_its_data_and_stops_cleanly(checkout):
    checkout.up()
    keys = environment.read(checkout.folder / ".run" / "env")
    first = checkout.pids()
    assert checkout.answer("/readyz") == {"status": "ok", "database": "up", "redis": "up"}
    assert (checkout.folder / ".run" / "env").stat().st_mode & 0o077 == 0

    text = checkout.refused("manage.py", "up", "--port", str(checkout.port))
    assert text.count("\n") == 1
    assert f"another `up` already runs in this folder (process {checkout.running.pid}," in text

    checkout.stop(signal.SIGKILL)
    checkout.up()
    assert checkout.answer("/readyz")["status"] == "ok"
    assert [name for name, pid in first.items() if identity(pid) is not None] == []
    assert environment.read(checkout.folder / ".run" / "env") == keys

    before = checkout.pids()
    text = checkout.stop(signal.SIGINT)
    assert checkout.running.returncode == 0
    assert text.splitlines()[-2:] == ["mexitel: stopping", "mexitel: stopped"]
    assert [name for name, pid in before.items() if identity(pid) is not None] == []
    assert checkout.pids() == {}


def test_a_port_in_use_is_one_sentence_that_names_another(checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", checkout.port))
        taken.listen()
        text = checkout.refused("manage.py", "up", "--port", str(checkout.port))

    assert [line for line in text.splitlines() if line != "mexitel: stopped"] == [
        f"mexitel: port {checkout.port} is used by another program; stop that one, "
        f"or choose another port: python3 manage.py up --port {checkout.port + 1}"
    ]


def test_a_command_in_a_second_terminal_finds_the_servers_of_up(tmp_path, monkeypatch):
    file = tmp_path / "env"
    environment.write({"DATABASE_URL": "postgresql://app@h/a", "DATABASE_OWNER_URL": "postgresql://o@h/a"}, file)
    monkeypatch.setattr(environment, "FILE", file)
    monkeypatch.setattr(environment.read, "__defaults__", (file,))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE", "MEXITEL_DB_ROLE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    environment.load("migrate")

    assert os.environ["DATABASE_OWNER_URL"] == "postgresql://o@h/a"
    assert os.environ["MEXITEL_DB_ROLE"] == "owner"


def test_a_database_of_ones_own_never_meets_our_owner(tmp_path, monkeypatch):
    file = tmp_path / "env"
    environment.write({"DATABASE_URL": "postgresql://app@h/a", "DATABASE_OWNER_URL": "postgresql://o@h/a"}, file)
    monkeypatch.setattr(environment.read, "__defaults__", (file,))
    monkeypatch.setenv("DATABASE_URL", "postgresql://mine@elsewhere/a")
    for name in ("DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE", "MEXITEL_DB_ROLE"):  # load may set each of them
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    environment.load("migrate")

    assert "DATABASE_OWNER_URL" not in os.environ
