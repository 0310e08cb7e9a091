"""A whole portal under the supervisor of `up`, whose parts a test kills."""

import os
import re
import signal
import time
import urllib.error
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psycopg2

from mexitel.embedded import environment
from mexitel.embedded.process import identity
from mexitel.embedded.supervisor import GIVE_UP_AFTER, WINDOW_SECONDS
from tests.embedded.checkout import Checkout
from tests.faults.processes import wait_until

# What the supervisor calls that which ends; others are started again by their own parents.
ENDS = {name: name for name in ("web", "worker", "beat", "relay")}
ENDS |= {"postgres": "PostgreSQL", "postmaster": "PostgreSQL", "redis": "Redis"}


class WholePortal(Checkout):
    """``kill("worker")`` takes the names of the supervisor's children, and ``web process`` for one of two, ``backend``
    for one of PostgreSQL's, ``postmaster`` for that process alone.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, program=["-m", "tests.faults.small_up"])
        self.kills: list[tuple[str, float]] = []

    @property
    def run(self) -> Path:
        return self.folder / ".run"

    def words(self) -> str:
        return self.output.read_text(errors="replace")

    def database(self) -> psycopg2.extensions.connection:
        """As the superuser, committing each statement."""
        port = environment.read(self.run / "env")["MEXITEL_POSTGRES_PORT"]
        password = environment.read(self.run / "superuser")["PASSWORD"]
        connection = psycopg2.connect(
            host="127.0.0.1", port=port, user="postgres", password=password, dbname="mexitel", connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def rows(self, query: str, values: object = None) -> list[tuple]:
        connection = self.database()
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def is_ready(self) -> bool:
        return super().is_ready() and self.works()

    def works(self) -> bool:
        """PostgreSQL and Redis answer through the web server."""
        try:
            return self.answer("/readyz") == {"status": "ok", "database": "up", "redis": "up"}
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def runs(self, name: str) -> bool:
        with suppress(ValueError):  # the note is being written
            return identity(self.pids().get(name) or -1) is not None
        return False

    def end(self, name: str, number: signal.Signals) -> None:
        """By a signal to the process itself."""
        assert wait_until(lambda: self.may_crash(name), WINDOW_SECONDS + 10)
        self.kills.append((name, time.monotonic()))
        os.kill(self.pids()["postgres" if name == "postmaster" else name], number)

    def kill(self, name: str) -> None:
        """kill -9. ``postgres`` is the postmaster and then all that it had started."""
        assert wait_until(lambda: self.may_crash(name), WINDOW_SECONDS + 10)
        self.kills.append((name, time.monotonic()))
        if name == "web process":
            kill_all(children(self.pids()["web"])[-1:])
        elif name == "postgres":
            postmaster = self.pids()["postgres"]
            kill_all([postmaster, *children(postmaster)])
        elif name == "postmaster":
            kill_all([self.pids()["postgres"]])
        elif name == "backend":
            kill_all(self.backends()[:1])
        else:
            os.killpg(self.pids()[name], signal.SIGKILL)

    def may_crash(self, name: str) -> bool:
        """Whether the supervisor would not give up after one more."""
        since = time.monotonic() - WINDOW_SECONDS - 1
        recent = [1 for other, at in self.kills if at > since and ENDS.get(other) == ENDS.get(name)]
        return name not in ENDS or len(recent) < GIVE_UP_AFTER - 1

    def ended(self) -> Counter:
        """How often the supervisor had to start each of its children again."""
        return Counter(re.findall(r"^mexitel: (\S+) ended unexpectedly", self.words(), re.MULTILINE))

    def killed(self) -> Counter:
        """How often it should have had to."""
        return Counter(ENDS[name] for name, _at in self.kills if name in ENDS)

    def backends(self) -> list[int]:
        query = "SELECT pid FROM pg_stat_activity WHERE usename = 'mexitel_app' ORDER BY state = 'active' DESC"
        return [pid for (pid,) in self.rows(query)]

    def kill_until(self, name: str, enough) -> list[tuple[float, float]]:
        """Kill ``name`` whenever it runs until ``enough(dead)``; the moments between which it was dead."""
        dead: list[tuple[float, float]] = []
        for _ in range(4):
            pid = self.pids()[name]
            self.kill(name)
            since = time.monotonic()
            assert wait_until(lambda pid=pid: self.pids().get(name, pid) != pid and self.runs(name)), self.words()
            dead.append((since, time.monotonic()))
            if enough(dead):
                break
        return dead


def children(pid: int) -> list[int]:
    """In the order of their start; those of a child in another session too."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return sorted(found)


def kill_all(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
