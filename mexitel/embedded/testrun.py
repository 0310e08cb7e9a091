"""``manage.py test``: private servers that are thrown away, one migrated template database, then pytest."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2

from mexitel.bootstrap import ROOT, SetupError, say
from mexitel.embedded import environment
from mexitel.embedded.browser import find_or_install
from mexitel.embedded.postgres import APP, OWNER, Postgres, free_port
from mexitel.embedded.roles import ensure_database, ensure_roles
from mexitel.embedded.supervisor import StopRequested, Supervisor
from mexitel.embedded.valkey import Valkey

# Migrated; commands that a test runs by themselves find it in DATABASE_URL. The template is a copy that nobody may
# connect to, because PostgreSQL does not clone a database while somebody else is in it.
MIGRATED = "mexitel_migrated"
TEMPLATE = "mexitel_template"


def main(arguments: list[str]) -> int:
    signals = Supervisor()
    signals.listen()
    try:
        with private_servers() as values:
            env = {**os.environ, **values, **browser_values()}
            prepare(env)
            env["MEXITEL_SETUP_SECONDS"] = f"{time.time() - float(os.environ.get('MEXITEL_STARTED', time.time())):.1f}"
            return pytest(arguments, env)
    except StopRequested:
        say("stopped before the end")
        return 130


@contextlib.contextmanager
def private_servers() -> Iterator[dict[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="mexitel-test-"))
    folder.chmod(0o711)  # "nobody" may have to pass through to its own folder
    passwords = {role: secrets.token_urlsafe(16) for role in (OWNER, APP)}
    database = Postgres(folder / "postgres", folder, secrets.token_urlsafe(16), free_port(), throw_away=True)
    redis = Valkey(folder / "redis", folder, secrets.token_urlsafe(16), free_port(), throw_away=True)
    try:
        say("starting private servers")
        database.start()
        redis.start()
        ensure_roles(database, passwords)
        ensure_database(database, MIGRATED)
        yield {
            **environment.new_secrets(),
            "DJANGO_SETTINGS_MODULE": "mexitel.settings.test",
            "DATABASE_URL": database.url(MIGRATED, APP, passwords[APP]),
            "DATABASE_OWNER_URL": database.url(MIGRATED, OWNER, passwords[OWNER]),
            "MEXITEL_TEST_SUPERUSER_URL": database.url("postgres"),
            "REDIS_URL": redis.url,
            "MESSAGES_DIR": str(folder / "messages"),
            "PUBLIC_DIR": str(folder / "public"),
            "MEXITEL_TEST_FOLDER": str(folder),
        }
    finally:
        redis.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def prepare(env: dict[str, str]) -> None:
    say("migrating the template database")
    with compiling(env):
        step("migrate", "--noinput", "--verbosity", "0", env={**env, "MEXITEL_DB_ROLE": "owner"})
    with contextlib.closing(psycopg2.connect(env["MEXITEL_TEST_SUPERUSER_URL"])) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {MIGRATED} ALLOW_CONNECTIONS false")


@contextlib.contextmanager
def compiling(env: dict[str, str]) -> Iterator[None]:
    """The message catalogues beside the block, which leaves a processor idle."""
    with ThreadPoolExecutor(1) as beside:
        catalogs = beside.submit(step, "catalogs", env=env)
        yield
        catalogs.result()


def step(*arguments: str, env: dict[str, str]) -> None:
    argv = [sys.executable, "manage.py", *arguments]
    if subprocess.run(argv, cwd=ROOT, env=env, check=False).returncode:
        raise SetupError(f"the step `{arguments[0]}` failed; its message stands above")


def browser_values() -> dict[str, str]:
    found = find_or_install()
    return {"MEXITEL_CHROMIUM": str(found)} if found else {}


def pytest(arguments: list[str], env: dict[str, str]) -> int:
    """What stands after ``test`` goes to pytest as it is; without it, everything in two processes."""
    chosen = any(argument.startswith(("-n", "--numprocesses", "-p", "--pdb")) for argument in arguments)
    # In the folder that we remove anyway; pytest's own place keeps three runs and clears them slowly.
    place = ["--basetemp", f"{env['MEXITEL_TEST_FOLDER']}/pytest"]
    argv = [sys.executable, "-m", "pytest", *place, *([] if chosen else ["-n", "2"]), *arguments]
    process = subprocess.Popen(argv, cwd=ROOT, env=env)
    try:
        return process.wait()
    except StopRequested:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)  # the terminal's Ctrl-C reached pytest too; let it say what ran
        process.kill()
        raise
