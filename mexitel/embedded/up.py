"""``manage.py up``: the whole portal on one machine, from nothing to an address that answers."""

import argparse
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

import psycopg2

from mexitel.bootstrap import ROOT, RUN, SetupError, read_only, say
from mexitel.embedded import environment
from mexitel.embedded.postgres import APP, NOBODY_HOME, OWNER, Postgres, free_port, needs_nobody, port_is_free
from mexitel.embedded.process import Child, end_stale, wait_until
from mexitel.embedded.roles import ensure_database, ensure_roles
from mexitel.embedded.supervisor import Service, StopRequested, Supervisor
from mexitel.embedded.valkey import Valkey

DATABASE = "mexitel"
READY_SECONDS = 60


@dataclass
class Options:
    port: int
    fresh: bool


def options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Set up everything and run the portal.")
    parser.add_argument("--port", type=int, default=8000, help="the port of the pages (default: 8000)")
    parser.add_argument("--fresh", action="store_true", help="throw this checkout's data away and start over")
    return Options(**vars(parser.parse_args(arguments)))


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    supervisor = Supervisor()
    with only_one_up(chosen):
        supervisor.listen()
        try:
            Portal(chosen, supervisor).run()
        except StopRequested:
            say("stopping")
            return 0
        finally:
            supervisor.stop()
            say("stopped")
    return 0


def only_one_up(chosen: Options) -> IO[str]:
    """The lock of this folder; the kernel frees it when we die, so a kill -9 leaves none behind."""
    try:
        RUN.mkdir(mode=0o700, exist_ok=True)
        handle = open(RUN / "up.lock", "a+")  # noqa: SIM115 - held as long as we run
    except OSError as error:
        raise read_only(error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        raise SetupError(
            f"another `up` already runs in this folder ({handle.read().strip() or 'it is just starting'}); "
            "use it, or stop it with Ctrl-C in its terminal first"
        ) from None
    handle.truncate(0)
    handle.write(f"process {os.getpid()}, http://localhost:{chosen.port}/")
    handle.flush()
    return handle


class Portal:
    """The steps of ``up`` in their order."""

    def __init__(self, chosen: Options, supervisor: Supervisor) -> None:
        self.port, self.fresh, self.supervisor = chosen.port, chosen.fresh, supervisor
        self.values: dict[str, str] = {}

    def run(self) -> None:
        end_left_over()
        if not port_is_free(self.port):
            raise SetupError(
                f"port {self.port} is used by another program; stop that one, "
                f"or choose another port: python3 manage.py up --port {self.port + 1 if self.port < 65535 else 8000}"
            )
        if self.fresh:
            forget()
        self.values = kept_values()
        self.start_servers()
        self.prepare()
        self.start_web()
        self.start_workers()
        self.announce()
        self.supervisor.watch()

    def start_servers(self) -> None:
        if "DATABASE_URL" in os.environ:
            say("using the PostgreSQL of DATABASE_URL")
        else:
            self.start_postgres()
        if "REDIS_URL" in os.environ:
            say("using the Redis of REDIS_URL")
        else:
            self.start_valkey()
        environment.write(self.values)

    def start_postgres(self) -> None:
        say("starting PostgreSQL")
        server = Postgres(data_folder(), RUN, superuser_password(), self.kept_port("MEXITEL_POSTGRES_PORT"))
        self.supervisor.add(Service("PostgreSQL", server.start, lambda: server.child))
        passwords = {role: self.kept_secret(f"{role.upper()}_PASSWORD") for role in (OWNER, APP)}
        try:
            ensure_roles(server, passwords)
        except psycopg2.OperationalError as error:
            raise SetupError(
                "PostgreSQL does not accept the password kept in .run, so files of that folder are missing; "
                "start over with: python3 manage.py up --fresh"
            ) from error
        ensure_database(server, DATABASE)
        self.values["DATABASE_URL"] = server.url(DATABASE, APP, passwords[APP])
        self.values["DATABASE_OWNER_URL"] = server.url(DATABASE, OWNER, passwords[OWNER])

    def start_valkey(self) -> None:
        say("starting the Redis-compatible server (Valkey)")
        password = self.kept_secret("MEXITEL_REDIS_PASSWORD")
        server = Valkey(RUN / "redis", RUN, password, self.kept_port("MEXITEL_REDIS_PORT"))
        self.supervisor.add(Service("Redis", server.start, lambda: server.child))
        self.values["REDIS_URL"] = server.url

    def kept_port(self, name: str) -> int:
        """The port of last time, so that other terminals keep working; another one when it was taken meanwhile."""
        port = int(self.values.get(name, 0))
        if not port or not port_is_free(port):
            port = free_port()
        self.values[name] = str(port)
        return port

    def kept_secret(self, name: str) -> str:
        return self.values.setdefault(name, secrets.token_urlsafe(24))

    @property
    def child_environment(self) -> dict[str, str]:
        settings = {
            "DJANGO_SETTINGS_MODULE": "mexitel.settings.dev",
            "PUBLIC_URL": f"http://localhost:{self.port}",
        }
        return {**self.values, **settings, **os.environ, "MEXITEL_EMBEDDED": "1", "PYTHONUNBUFFERED": "1"}

    def prepare(self) -> None:
        """Schema as its owner, then the data that a first visitor expects as the serving role."""
        say("bringing the database up to date")
        owner = {**self.child_environment, "MEXITEL_DB_ROLE": "owner"}
        self.step([sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"], owner)
        self.step([sys.executable, "-m", "mexitel.embedded.prepare"], self.child_environment)

    def step(self, argv: list[str], env: dict[str, str]) -> None:
        if subprocess.run(argv, cwd=ROOT, env=env, start_new_session=True, check=False).returncode:
            raise SetupError(
                f"the step `{' '.join(argv[1:3])}` failed (its message stands above); "
                "if the data of this checkout may go, start over with: python3 manage.py up --fresh"
            )

    def start_web(self) -> None:
        say("starting the web server")
        argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        argv += ["--port", str(self.port), "--workers", "2", "--blocking-threads", "4", "--no-ws"]
        # Without respawning, granian ends all its processes when one of them dies.
        argv += ["--workers-kill-timeout", "10", "--respawn-failed-workers", "mexitel.wsgi:application"]
        web = self.add("web", argv)
        if not wait_until(lambda: self.healthy() or not web.alive, READY_SECONDS, 0.1) or not web.alive:
            raise SetupError(f"the web server did not answer; its last words:\n{web.last_words()}")

    def start_workers(self) -> None:
        say("starting the Celery worker, beat and the outbox relay")
        celery = [sys.executable, "-m", "celery", "-A", "mexitel"]
        quick = ["--without-gossip", "--without-mingle"]
        self.add("worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", *quick])
        self.add("beat", [*celery, "beat", "--pidfile=", "--schedule", str(RUN / "beat-schedule")])
        if "relay" in (RUN / "commands.txt").read_text().split():
            self.add("relay", [sys.executable, "manage.py", "relay"])

    def add(self, name: str, argv: list[str]) -> Child:
        child = Child(name, argv, RUN, env=self.child_environment, cwd=ROOT)
        self.supervisor.add(Service(name, child.start, lambda: child))
        return child

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def announce(self) -> None:
        took = time.time() - float(os.environ.get("MEXITEL_STARTED", time.time()))
        accounts = RUN / "accounts.txt"
        say(f"ready after {took:.0f} s: http://localhost:{self.port}/")
        if accounts.exists() and accounts.stat().st_size:
            print(accounts.read_text().rstrip(), flush=True)
        say("logs are in .run/logs; Ctrl-C stops everything and keeps the data")


def end_left_over() -> None:
    """What an ``up`` that was killed hard left running, in the order of a stop; Linux ends it within seconds.

    Before any port is looked at: the ports of last time are theirs until they are gone.
    """
    for name in ("relay", "beat", "worker", "web", "redis", "postgres"):
        if end_stale(RUN, name, signal.SIGINT if name == "postgres" else signal.SIGTERM):
            say(f"ended a {name} process that an earlier run had left")


def data_folder() -> Path:
    if not needs_nobody():
        return RUN / "postgres"
    home = NOBODY_HOME / sha256(str(ROOT).encode()).hexdigest()[:12]
    home.mkdir(parents=True, exist_ok=True)
    for folder in (NOBODY_HOME, home):
        folder.chmod(0o755)
    return home / "postgres"


def superuser_password() -> str:
    file = RUN / "superuser"
    if not file.exists():
        environment.write({"PASSWORD": secrets.token_urlsafe(24)}, file)
    return environment.read(file)["PASSWORD"]


def kept_values() -> dict[str, str]:
    """The keys of this checkout and where its messages go."""
    values = {**environment.new_secrets(), **environment.read()}
    values.update({"MESSAGES_DIR": str(RUN / "messages"), "MEXITEL_EMBEDDED": "1"})
    (RUN / "messages").mkdir(mode=0o700, exist_ok=True)
    return values


def forget() -> None:
    """Start over: data, keys and messages of this checkout go; the lock and the logs stay."""
    say("starting over: the data of this checkout are thrown away")
    shutil.rmtree(data_folder(), ignore_errors=True)
    for name in ("postgres", "redis", "messages"):
        shutil.rmtree(RUN / name, ignore_errors=True)
    for name in ("env", "superuser", "accounts.txt", "commands.txt", "beat-schedule"):
        (RUN / name).unlink(missing_ok=True)
