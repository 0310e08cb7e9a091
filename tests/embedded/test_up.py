"""`manage.py up` from outside, in a copy of the checkout that shares the environment."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mexitel import bootstrap
from mexitel.embedded import environment
from mexitel.embedded.postgres import free_port, needs_nobody
from mexitel.embedded.process import identity, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".run", "__pycache__", "*.mo", ".*_cache", "node_modules")
SETTINGS = ("DATABASE", "REDIS", "MEXITEL", "DJANGO", "SECRET", "FIELD", "HASH", "RECEIPT", "MESSAGES", "PYTEST")


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.running = folder, free_port(), None
        self.output = folder.parent / "output.txt"

    def start(self, *arguments: str) -> subprocess.Popen:
        env = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        argv = [sys.executable, "manage.py", *arguments]
        with self.output.open("w") as output:
            return subprocess.Popen(argv, cwd=self.folder, env=env, stdout=output, stderr=subprocess.STDOUT)

    def refused(self, *arguments: str) -> str:
        process = self.start(*arguments)
        assert process.wait(60) == 1
        return self.output.read_text()

    def up(self) -> None:
        self.running = self.start("up", "--port", str(self.port))
        assert wait_until(lambda: self.running.poll() is not None or self.is_ready(), 120, 0.2)
        assert self.running.poll() is None, self.output.read_text()

    def is_ready(self) -> bool:
        return "mexitel: ready after" in self.output.read_text()

    def answer(self, path: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
            return json.load(response)

    def pids(self) -> dict[str, int]:
        files = (self.folder / ".run" / "pids").glob("*")
        return {path.name: json.loads(path.read_text() or "{}").get("pid", 0) for path in files}

    def stop(self, number: int) -> str:
        self.running.send_signal(number)
        self.running.wait(60)
        return self.output.read_text()


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "a folder with spaces and ñ"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    (folder / ".venv").symlink_to(bootstrap.VENV)
    made = Checkout(folder)
    yield made
    if made.running and made.running.poll() is None:
        made.stop(signal.SIGTERM)


@pytest.mark.faults
@pytest.mark.skipif(needs_nobody(), reason="root without user namespaces keeps its data outside the checkout")
def test_up_comes_back_after_a_hard_kill_keeps_its_data_and_stops_cleanly(checkout):
    checkout.up()
    keys = environment.read(checkout.folder / ".run" / "env")
    first = checkout.pids()
    assert checkout.answer("/readyz") == {"status": "ok", "database": "up", "redis": "up"}
    assert (checkout.folder / ".run" / "env").stat().st_mode & 0o077 == 0

    text = checkout.refused("up", "--port", str(checkout.port))
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
        text = checkout.refused("up", "--port", str(checkout.port))

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
    for name in ("DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    environment.load("migrate")

    assert "DATABASE_OWNER_URL" not in os.environ
