"""``manage.py faults``: people book while everything that can fail does, in an order that a seed decides.

    python3 manage.py faults [--seed 1] [--faults 20] [--attempts 20000] [--spell 2] [--keep FOLDER] [--publish]
    python3 manage.py faults --without GUARD
    python3 manage.py faults --check FOLDER

A whole portal (``manage.py up`` with a small supply) in a folder of its own; two processes call the services, two
threads the API, all through wires. What each call asked and was told, when each fault was, and the tables at the end
are written into the folder; ``--check`` reads them again. With ``--without`` a guard is taken away, and the run
succeeds when the checker notices.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from mexitel.bootstrap import ROOT, say
from mexitel.embedded import environment
from tests.faults.checker import check
from tests.faults.citizens import Citizen
from tests.faults.history import read
from tests.faults.processes import wait_until
from tests.faults.report import report
from tests.faults.tables import left_by
from tests.faults.wired_portal import FAULTS, WiredPortal
from tests.faults.world import accounts_of
from tests.races.guards import take_away

PROCESSES, THREADS, ACCOUNTS_EACH = 2, 2, 40
CLIENTS = PROCESSES + THREADS
PATIENCE_SECONDS = 90
SEATS_A_WINDOW = 16  # half hours of a day
MOST_WAITING = 300  # messages in line; with more, people wait, so that faults are measured and not the load
WAITING = "SELECT count(*) FROM outbox_message WHERE done_at IS NULL AND due_at <= now()"


@dataclass
class Control:
    """A guard that a run can do without, and what must then be noticed."""

    noticed: str  # part of a sentence
    guards: list[str] = field(default_factory=list)  # of tests.races.guards
    settings: tuple[str, ...] = ()  # of PostgreSQL
    faults: tuple[str, ...] = ()  # these instead of all


CONTROLS = {
    "seats": Control("is booked|was given to", ["seat_index", "seat_locks"]),
    "five": Control("permits$|places at once", ["two_open_parties", "scope_locks", "ordinals"]),
    "people": Control("appointments of", ["people_once"]),
    "keys": Control("was answered in", ["key_locks"], faults=("answers of postgres are lost", "kill -9 backend")),
    "durability": Control(
        "was acknowledged and is gone",
        settings=("synchronous_commit = off", "wal_writer_delay = '10s'"),
        faults=("kill -9 postgres",),
    ),
}


class RestlessCitizen(Citizen):
    restless = True


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    if chosen.check:
        return judge(chosen.check, chosen.without)
    with ExitStack() as ending:
        folder = chosen.keep or Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="mexitel-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        portal = ending.enter_context(running(folder, chosen))
        say(f"the portal runs; {chosen.faults} faults with seed {chosen.seed}")
        Campaign(portal, folder, chosen).run()
        return judge(folder, chosen.without, publish=chosen.publish)


@contextmanager
def running(folder: Path, chosen: argparse.Namespace) -> Iterator[WiredPortal]:
    portal = WiredPortal(folder / "portal", spell=chosen.spell, windows=windows(chosen.attempts))
    try:
        portal.up()
        yield portal
    finally:
        portal.remove()


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py faults", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="this kind of fault alone")
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--attempts", type=int, default=20_000, help="calls of people that change something, at least")
    parser.add_argument("--spell", type=float, default=2, help="seconds that a pause or a silence lasts")
    parser.add_argument("--keep", type=Path, help="a new folder for history, tables and logs")
    parser.add_argument("--publish", action="store_true", help="add the verdict to bench/results")
    parser.add_argument("--check", type=Path, help="judge the history of such a folder again")
    parser.add_argument("--without", choices=CONTROLS, help="a guard to take away: the run must then find a violation")
    return parser.parse_args(arguments)


def windows(attempts: int) -> str:
    """Windows of each day: seats for about half of the attempts, and one day that is soon full."""
    each = 200
    days = max(2, attempts // 2 // (SEATS_A_WINDOW * each) + 1)
    return ",".join([str(each)] * days + ["1"])


def schedule(seed: int, number: int, kinds: Sequence[str]) -> list[str]:
    """Each of ``kinds`` as often as the others, as far as ``number`` goes, in the seed's order."""
    chance, names = random.Random(seed), list[str]()
    while len(names) < number:
        names += chance.sample(kinds, len(kinds))
    return names[:number]


class Campaign:
    """One run. ``folder`` has then ``history/``, ``world.json``, ``tables.json`` and ``run.json``."""

    def __init__(self, portal: WiredPortal, folder: Path, chosen: argparse.Namespace) -> None:
        self.portal, self.folder, self.chosen = portal, folder, chosen
        self.control = CONTROLS.get(chosen.without, Control(""))
        self.faults: list[dict] = []
        self.citizens: list[Citizen] = []
        self.processes: list[subprocess.Popen] = []
        self.read_so_far: dict[Path, tuple[int, int]] = {}
        self.history = folder / "history"
        self.history.mkdir(parents=True)

    def run(self) -> None:
        self.make_world()
        self.take_away()
        try:
            self.send_people()
            self.let_everything_fail()
            self.end()
        finally:
            for process in self.processes:
                process.kill()
                process.wait()

    def let_everything_fail(self) -> None:
        kinds = [self.chosen.only] if self.chosen.only else self.control.faults or self.portal.kinds
        for place, name in enumerate(schedule(self.chosen.seed, self.chosen.faults, kinds), 1):
            self.let(name)
            self.goes_on(self.chosen.attempts * place // (self.chosen.faults + 1))
        self.goes_on(self.chosen.attempts)

    # -- people --------------------------------------------------------------------------------

    def make_world(self) -> None:
        file = self.folder / "world.json"
        name = f"familia{self.chosen.seed}x{time.time():.0f}"
        self.python("-m", "tests.faults.world", str(file), name, str(CLIENTS * ACCOUNTS_EACH)).wait(120)
        self.world = json.loads(file.read_text())

    def take_away(self) -> None:
        """The guards of the control."""
        connection = self.portal.database()
        with connection.cursor() as cursor:
            for guard in self.control.guards:
                take_away(cursor, guard)
            cursor.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO mexitel_app")
            for setting in self.control.settings:
                cursor.execute(f"ALTER SYSTEM SET {setting}")
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()

    def send_people(self) -> None:
        for n in range(PROCESSES):
            words = [str(n), str(self.chosen.seed * 1000 + n), str(self.folder / "world.json")]
            words += [str(self.history), str(CLIENTS)]
            self.processes.append(self.python("-m", "tests.faults.service_citizens", *words))
        for n in range(PROCESSES, CLIENTS):
            accounts = accounts_of(self.world, n, CLIENTS)
            citizen = RestlessCitizen(n, self.portal.web.port, self.history, accounts)
            citizen.random = random.Random(self.chosen.seed * 1000 + n)
            citizen.slots = [int(slot) for slot in self.world["planned"]]
            citizen.start()
            self.citizens.append(citizen)
        self.goes_on(100)

    def python(self, *words: str) -> subprocess.Popen:
        """In the portal's own environment."""
        values = environment.read(self.portal.run / "env")
        env = {**os.environ, **values, "DJANGO_SETTINGS_MODULE": "mexitel.settings.dev", "MEXITEL_EMBEDDED": "1"}
        with (self.folder / "people.log").open("ab") as log:
            return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env, stdout=log, stderr=log)

    def attempts(self) -> int:
        """Calls begun so far."""
        for file in self.history.glob("*.jsonl"):
            place, found = self.read_so_far.get(file, (0, 0))
            with file.open("rb") as lines:
                lines.seek(place)
                new = lines.read()
            self.read_so_far[file] = (place + len(new), found + new.count(b'"start":'))
        return sum(found for _place, found in self.read_so_far.values())

    # -- what happens --------------------------------------------------------------------------

    def let(self, name: str) -> None:
        began, before = time.time(), self.attempts()
        FAULTS[name](self.portal)
        over = time.time()
        assert wait_until(self.portal.works, PATIENCE_SECONDS), f"after {name}: {self.portal.words()[-2000:]}"
        well = time.time()
        self.faults.append({"name": name, "began": began, "over": over, "well": well})
        say(f"  {name}: {over - began:.1f} s, well again {well - over:.1f} s later; {before} calls")

    def goes_on(self, attempts: int) -> None:
        """People go on, all of them."""
        wanted = max(attempts, self.attempts() + 20)
        enough = wait_until(lambda: self.has_gone_on(wanted) or not self.lives(), PATIENCE_SECONDS * 4)
        assert enough, f"{self.attempts()} calls of {wanted}"
        assert self.lives(), self.last_words()

    def has_gone_on(self, wanted: int) -> bool:
        """People pause while too many messages wait."""
        pause = self.history / "pause"
        with suppress(psycopg2.OperationalError):
            if self.portal.rows(WAITING)[0][0] > MOST_WAITING:
                pause.touch()
            else:
                pause.unlink(missing_ok=True)
        time.sleep(0.2)
        return self.attempts() >= wanted

    def lives(self) -> bool:
        return all(process.poll() is None for process in self.processes) and all(c.is_alive() for c in self.citizens)

    def last_words(self) -> str:
        return (self.folder / "people.log").read_text()[-2000:] + str([c.wrong for c in self.citizens])

    def end(self) -> None:
        """Everybody settles what was unknown, every message goes out where it matters, and what is left is written."""
        (self.history / "pause").unlink(missing_ok=True)
        (self.history / "enough").touch()
        for citizen in self.citizens:
            citizen.enough.set()
        for citizen in self.citizens:
            citizen.join(PATIENCE_SECONDS)
            citizen.settle()
        (self.history / "settle").touch()
        for process in self.processes:
            process.wait(PATIENCE_SECONDS * 4)
        if not self.chosen.without:
            wait_until(lambda: self.portal.rows(WAITING) == [(0,)], PATIENCE_SECONDS)
        (self.folder / "tables.json").write_text(json.dumps(left_by(self.portal, self.world)))
        (self.folder / "run.json").write_text(json.dumps(self.told()))

    def told(self) -> dict:
        """What is known of the run beside history and tables; ``wrong`` are answers that nobody may ever see."""
        wrong = [json.loads(file.read_text())["wrong"] for file in sorted(self.history.glob("wrong-*.json"))]
        asked = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        return {
            "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "commit": commit,
            "seed": self.chosen.seed,
            "clock": time.time() - time.monotonic(),  # from the history's seconds to those of faults and tables
            "without": self.chosen.without,
            "faults": self.faults,
            "started_again": dict(self.portal.ended()),
            "wrong": [sentence for one in [*wrong, *(c.wrong for c in self.citizens)] for sentence in one],
        }


def judge(folder: Path, without: str | None, *, publish: bool = False) -> int:
    """Print the verdict; 0 when it is what it must be."""
    calls = read(sorted((folder / "history").glob("*.jsonl")))
    tables, run = (json.loads((folder / f"{name}.json").read_text()) for name in ("tables", "run"))
    found = check(calls, tables) + run["wrong"]
    words = report(calls, tables, run, found)
    print(words, flush=True)
    if publish:
        with (ROOT / "bench" / "results" / f"{run['at'][:10]}-faults.txt").open("a") as file:
            file.write(words + "\n")
    if without:
        return int(not any(re.search(CONTROLS[without].noticed, sentence) for sentence in found))
    return int(bool(found))
