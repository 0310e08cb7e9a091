"""A whole portal that everybody reaches through wires, and each fault that can be done to it."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import redis

from mexitel.embedded import environment
from mexitel.embedded.postgres import NOBODY_HOME, needs_nobody
from tests.faults.own_disk import OwnDisk
from tests.faults.post_office import Manner, PostOffice
from tests.faults.whole_portal import WholePortal, children
from tests.faults.wire import Mood, Wire

QUEUE = "usual"  # of the broker
DISK_FULL = "the disk is full"
FAULTS: dict[str, Callable[["WiredPortal"], None]] = {}


class WiredPortal(WholePortal):
    """``spell`` is how many seconds a fault lasts that does not end by itself."""

    def __init__(self, folder: Path, *, spell: float, windows: str) -> None:
        super().__init__(folder)
        self.spell = spell
        self.postgres = Wire(lambda: int(self.kept("MEXITEL_POSTGRES_PORT")))
        self.redis = Wire(lambda: int(self.kept("MEXITEL_REDIS_PORT")))
        self.web = Wire(lambda: self.port)
        home = NOBODY_HOME if needs_nobody() else folder.parent
        self.disk = OwnDisk(home / f"faults-{os.getpid()}", folder.parent / "disk")
        (self.run / "messages").mkdir(parents=True, exist_ok=True)
        self.post_office = PostOffice(self.run / "messages")
        self.post = Wire(lambda: self.post_office.port)
        self.more = {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.post.port}",
            "FAULTS_DATA": str(self.disk.folder / "postgres"),
            "FAULTS_POSTGRES_PORT": str(self.postgres.port),
            "FAULTS_REDIS_PORT": str(self.redis.port),
            "FAULTS_WINDOWS": windows,
        }

    @property
    def kinds(self) -> list[str]:
        """The faults that can be done to it here."""
        return sorted(name for name in FAULTS if self.disk.there or name != DISK_FULL)

    def kept(self, name: str) -> str:
        return environment.read(self.run / "env")[name]

    def remove(self) -> None:
        super().remove()
        for one in (self.postgres, self.redis, self.web, self.post, self.post_office, self.disk):
            one.end()

    @contextlib.contextmanager
    def mood(self, wire: Wire, mood: Mood, number: float = 0) -> Iterator[None]:
        wire.be(mood, number)
        try:
            yield
        finally:
            wire.be(Mood.OPEN)

    @contextlib.contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """SIGSTOP for all that is of it, as a machine that pauses."""
        pids = [self.pids()[name], *children(self.pids()[name])]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def broker(self) -> redis.Redis:
        password = self.kept("MEXITEL_REDIS_PASSWORD")
        return redis.Redis(port=int(self.kept("MEXITEL_REDIS_PORT")), password=password, socket_timeout=5)

    def rest(self) -> None:
        time.sleep(self.spell)


def fault(name: str) -> Callable:
    def keep(function: Callable[[WiredPortal], None]) -> Callable[[WiredPortal], None]:
        FAULTS[name] = function
        return function

    return keep


# A fault that lasts a spell: whose wire (an attribute of the portal), and how it is then.
MOODS = {
    "postgres says nothing": ("postgres", Mood.SILENT, 0),
    "postgres cuts everybody off": ("postgres", Mood.RESET, 0),
    "postgres is slow": ("postgres", Mood.SLOW, 0.03),
    "answers of postgres are lost": ("postgres", Mood.DEAF, 0),
    "redis says nothing": ("redis", Mood.SILENT, 0),
    "redis refuses": ("redis", Mood.REFUSED, 0),
    "answers to people are lost": ("web", Mood.DEAF, 0),
    "answers to people are cut": ("web", Mood.CUT, 60),
    "nobody takes mail": ("post", Mood.REFUSED, 0),
}
MANNERS = {"mail is taken slowly": Manner.SLOW, "mail is taken and nothing said": Manner.DROPS}


def in_mood(portal: WiredPortal, wire: str, mood: Mood, number: float) -> None:
    with portal.mood(getattr(portal, wire), mood, number):
        portal.rest()


def in_manner(portal: WiredPortal, manner: Manner) -> None:
    portal.post_office.be(manner)
    portal.rest()
    portal.post_office.be(Manner.PROMPT)


for _name, _how in MOODS.items():
    FAULTS[_name] = lambda portal, how=_how: in_mood(portal, *how)
for _name, _manner in MANNERS.items():
    FAULTS[_name] = lambda portal, manner=_manner: in_manner(portal, manner)
for _name in ("web", "web process", "worker", "relay", "beat", "redis", "postgres", "postmaster", "backend"):
    FAULTS[f"kill -9 {_name}"] = lambda portal, name=_name: portal.kill(name)


@fault("postgres stopped fast")
def stop_fast(portal: WiredPortal) -> None:
    portal.end("postmaster", signal.SIGINT)


@fault("postgres stopped at once")
def stop_immediate(portal: WiredPortal) -> None:
    portal.end("postmaster", signal.SIGQUIT)


@fault("web pauses")
def web_pauses(portal: WiredPortal) -> None:
    with portal.stopped("web"):
        portal.rest()


@fault("worker pauses")
def worker_pauses(portal: WiredPortal) -> None:
    with portal.stopped("worker"):
        portal.rest()


@fault(DISK_FULL)
def disk_full(portal: WiredPortal) -> None:
    portal.disk.fill()
    portal.rest()
    portal.disk.empty()


@fault("connections are used up")
def exhausted(portal: WiredPortal) -> None:
    taken = []
    with contextlib.suppress(psycopg2.OperationalError):
        for _ in range(200):
            taken.append(psycopg2.connect(portal.kept("DATABASE_URL"), connect_timeout=3))
    portal.rest()
    for connection in taken:
        connection.close()


@fault("redis is emptied")
def redis_emptied(portal: WiredPortal) -> None:
    portal.broker().flushall()


@fault("redis is full")
def redis_full(portal: WiredPortal) -> None:
    broker = portal.broker()
    broker.config_set("maxmemory", 1)
    portal.rest()
    broker.config_set("maxmemory", 0)


@fault("tasks come twice and in reverse")
def tasks_twice(portal: WiredPortal) -> None:
    with portal.stopped("worker"):
        portal.rest()
        broker = portal.broker()
        for task in broker.lrange(QUEUE, 0, -1):
            broker.rpush(QUEUE, task)
