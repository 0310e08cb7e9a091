"""A queue from the first ticket to the last seat: people join, are drawn, called, let in, and book everything there is.

    .venv/bin/python -m bench.waiting_room [--people 50000] [--seats 5000] [--faster 20] [--plain 2000] [--service 2000]

A private PostgreSQL and Redis that are thrown away, with fsync on; every client shares the processors with them.
*Joining* is timed three times: ``--service`` people through the service in processes, ``--plain`` over HTTP by the
page's own way, and the rest of ``--people`` over HTTP with the page's pass. Whoever is called comes in, looks, holds
and confirms over HTTP, under a clock that runs ``--faster`` than the wall, so that minutes in which somebody does not
come pass in seconds. A tenth of those who are called never come, and one in twenty looks and leaves. Half way Redis is
emptied. At the end the database itself is asked: every seat given, none twice, called in the drawn order.
"""

import argparse
import http.client
import json
import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.claim import ROOT, servers, web_server
from bench.hurried import Clock

WORKERS = 4
NEVER_COME, ONLY_LOOK = 0.10, 0.05
BATCH = 5000
LONGEST = 1800  # seconds of the wall
PERSON = {"given_names": "Rosa", "surname_1": "Prueba", "birth_date": "1990-05-17"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=50_000)
    options.add_argument("--seats", type=int, default=5_000)
    options.add_argument("--faster", type=int, default=20)
    options.add_argument("--plain", type=int, default=2_000)
    options.add_argument("--service", type=int, default=2_000)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    os.environ.update(QUEUE_DIR=str(folder / "queues"), HOLD_HEAT="")
    try:
        with servers(folder):
            report = run(folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    results = ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-queue.txt"
    with results.open("a") as file:
        file.write(report + "\n")


def run(folder: Path, chosen: argparse.Namespace) -> str:
    import django

    django.setup()
    from django.conf import settings

    settings.DRAW_BEACON = "local"  # loopback only
    lines = Report()
    lines.append(heading(chosen))
    release, accounts = make_world(chosen)
    in_parallel(joined, [(release.pk, accounts[n::WORKERS]) for n in range(WORKERS)], lines, "join", chosen.service)
    for line in over_http(folder, chosen):
        lines.append(line)
    ready = draw(release, lines)
    lines.append(give_all(folder, release, ready, chosen))
    lines.append(check(release, chosen))
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    lines.append(f"  memory                   at most {most / 1024:.0f} MB in one process")
    return "\n".join(lines)


class Report(list):
    """Lines that are seen as they come."""

    def append(self, line: str) -> None:
        print(line, flush=True)
        super().append(line)


def heading(chosen: argparse.Namespace) -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}, {os.cpu_count()} processors,"
        f" load {os.getloadavg()[0]:.1f}: {chosen.people} people, {chosen.seats} seats, {WORKERS} processes"
    )


def make_world(chosen: argparse.Namespace) -> tuple[Any, list[int]]:
    """The release, to be joined now, and accounts with a mailbox each."""
    from appointments.allocation import drawing
    from mexitel.accounts.models import User
    from tests.factories import appointments as make
    from tests.factories.releases import release

    offered, now = make.procedure(), datetime.now(UTC)
    slots = 40
    sessions = [
        make.session(seats=5, slots=slots, procedures=[offered], starts_at=now + timedelta(days=14 + n))
        for n in range(chosen.seats // (5 * slots))
    ]
    made = release(*sessions, opens_at=now + timedelta(hours=1))
    users = [User(email=f"persona{n}@example.com", password="!") for n in range(chosen.people)]
    accounts = [user.pk for user in User.objects.bulk_create(users, batch_size=BATCH)]
    give_tokens(accounts, now)
    drawing.commit(made, now)
    return made, accounts[: chosen.service]


def give_tokens(accounts: list[int], now: datetime) -> None:
    from mexitel.api.models import LONGEST, ApiToken
    from mexitel.utils.crypto import keyed_hash

    end = now + LONGEST
    times = {"created_at": now, "seen_at": end, "expires_at": end}  # whoever waits looks now and then
    ApiToken.objects.bulk_create(
        [ApiToken(account_id=pk, token_hash=keyed_hash("api token", token_of(pk)), **times) for pk in accounts],
        batch_size=BATCH,
    )


def token_of(account: int) -> str:
    return f"mxt_{account}"


def in_parallel(job: Any, shares: list[tuple], lines: list[str], name: str, number: int) -> None:
    from django.db import connections

    connections.close_all()
    began = time.monotonic()
    with get_context("fork").Pool(len(shares)) as pool:
        pool.starmap(job, shares)
    spent = time.monotonic() - began
    lines.append(f"  {name:24} {number} in {spent:.1f} s, {number / spent:.0f} a second")


def joined(release_id: int, accounts: list[int]) -> None:
    """Loads the account for each, as a request does."""
    from appointments.queueing.joining import join
    from mexitel.accounts.models import User

    for pk in accounts:
        assert join(account=User.objects.get(pk=pk), release_id=release_id, now=datetime.now(UTC))


def over_http(folder: Path, chosen: argparse.Namespace) -> Iterator[str]:
    """The button of the page, each with a session of its own: past the framework with the page's pass, and without."""
    from consulates.models import Release

    release = Release.objects.get()
    with web_server(folder) as port:
        people = sessions_of(chosen)
        yield pressed(port, release, people[: chosen.plain], "by the page's own way", passes=False)
        yield pressed(port, release, people[chosen.plain :], "with a pass")


def pressed(port: int, release: Any, people: list, name: str, *, passes: bool = True) -> str:
    from django.db import connections

    from appointments.models import QueueTicket
    from appointments.queueing.express import FIELD, pass_for
    from mexitel.utils.browsers import NOTHING

    bodies, now = [], datetime.now(UTC)
    for user, session in people:
        sealed = pass_for(account=user, release_id=release.pk, session=session, client=NOTHING, now=now)
        bodies.append((session, urlencode({FIELD: sealed}) if passes else ""))
    before = QueueTicket.objects.count()
    connections.close_all()
    began = time.monotonic()
    with get_context("fork").Pool(WORKERS) as pool:
        shares = [(port, release.pk, bodies[n::WORKERS]) for n in range(WORKERS)]
        told = sum(pool.starmap(posted, shares), Counter())
    spent = time.monotonic() - began
    new = QueueTicket.objects.count() - before
    return (
        f"  join over HTTP           {new} {name} in {spent:.1f} s, {new / spent:.0f} a second (bound 833),"
        f" answers {dict(told)}"
    )


def sessions_of(chosen: argparse.Namespace) -> list[tuple[Any, str]]:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from mexitel.accounts.models import User

    store, rows, found = SessionStore(), [], []
    ends = datetime.now(UTC) + timedelta(days=1)
    for user in User.objects.filter(email__startswith="persona").order_by("-pk")[: chosen.people - chosen.service]:
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = f"bench{user.pk:027d}"
        found.append((user, key))
        rows.append(Session(session_key=key, session_data=store.encode(kept), expire_date=ends))
    Session.objects.bulk_create(rows, batch_size=BATCH)
    return found


def posted(port: int, release_id: int, bodies: list[tuple[str, str]]) -> Counter:
    """From two connections at once, as browsers do that come together."""
    with ThreadPoolExecutor(2) as threads:
        return sum(threads.map(lambda n: one_by_one(port, release_id, bodies[n::2]), range(2)), Counter())


def one_by_one(port: int, release_id: int, bodies: list[tuple[str, str]]) -> Counter:
    from django.conf import settings

    connection, codes, mark = http.client.HTTPConnection("127.0.0.1", port, timeout=30), Counter[int](), "b" * 32
    for session, body in bodies:
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={mark}",
            "X-CSRFToken": mark,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", f"/aperturas/{release_id}/fila/entrar/", body, headers)
        answer = connection.getresponse()
        answer.read()
        codes[answer.status] += 1
    connection.close()
    return codes


def draw(release: Any, lines: list[str]) -> datetime:
    """Each step by itself; the moment at which the order stands."""
    from appointments.queueing import tending

    now = release.opens_at + timedelta(seconds=3)
    tending._is_my_turn(release, now=now)
    for step in (tending.seal, tending.draw, tending.give_ranks):
        now += timedelta(seconds=10)
        began = time.monotonic()
        step(release, now)
        lines.append(f"  {step.__name__:24} {time.monotonic() - began:.2f} s")
    return now


def give_all(folder: Path, release: Any, ready: datetime, chosen: argparse.Namespace) -> str:
    """Tend every half second of the wall while workers are the people; until nobody can get anything any more."""
    from django.db import connections

    connections.close_all()
    clock = Clock(time.monotonic(), ready, chosen.faster)
    clock.to_environment()
    context = get_context("fork")
    over, told = context.Event(), context.Queue()
    with web_server(folder, "bench.hurried_wsgi:application") as port:
        workers = [context.Process(target=be_people, args=(port, release.pk, n, over, told)) for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        spent, longest, emptied = tended(release, clock, chosen.seats)
        over.set()
        codes: Counter = Counter()
        for _worker in workers:
            codes.update(told.get(timeout=60))
        for worker in workers:
            worker.join(60)
    return (
        f"  admission and booking    {chosen.seats} seats in {spent:.0f} s of the wall"
        f" ({spent * chosen.faster / 60:.0f} min of the queue), {chosen.seats / spent:.0f} a second;"
        f" longest look {longest * 1000:.0f} ms\n  what people met          {dict(codes)}"
        f"\n  Redis emptied half way   {let_in_again(release, emptied, chosen)}"
    )


def tended(release: Any, clock: Clock, seats: int) -> tuple[float, float, datetime | None]:
    """Seconds of the wall until the last seat is gone, of the longest look, and when Redis was emptied."""
    from appointments.queueing import facts, tending

    longest, left, emptied = 0.0, seats, None
    while left and time.monotonic() - clock.began < LONGEST:
        now, looked = clock.now(), time.monotonic()
        tending.tend(release, now=now)
        longest = max(longest, time.monotonic() - looked)
        known = facts.kept(release.pk)
        left = known.free + known.back if known else left
        if emptied is None and left < seats / 2:
            emptied = now
            empty_redis(release)
        time.sleep(max(0.0, 0.5 - (time.monotonic() - looked)))
    return time.monotonic() - clock.began, longest, emptied


def empty_redis(release: Any) -> None:
    """All that it knew, and the file that pages look at."""
    from django.core.cache import cache

    from appointments.queueing import facts

    cache.clear()
    facts.path_of(release.pk).unlink(missing_ok=True)


def let_in_again(release: Any, emptied: datetime | None, chosen: argparse.Namespace) -> str:
    """How long nobody was let in after it was emptied, by the wall's clock (bound 10 s)."""
    from django.db.models import Min

    from appointments.models import QueueTicket

    if emptied is None:
        return "never"
    first = QueueTicket.objects.filter(release=release, entered_at__gt=emptied).aggregate(Min("entered_at"))
    if first["entered_at__min"] is None:
        return "nobody was let in afterwards"
    waited = (first["entered_at__min"] - emptied).total_seconds() / chosen.faster
    return f"the next was let in {waited:.1f} s later (bound 10)"


def be_people(port: int, release_id: int, mine: int, over: Any, told: Any) -> None:
    """Everybody of this worker's share who is called: comes, chooses among what is free, says who attends."""
    from appointments.models import QueueTicket
    from consulates.models import Procedure

    chance, codes, gone = random.Random(mine), Counter[str](), set[int]()
    procedure = Procedure.objects.get().code
    while not over.is_set():
        called = QueueTicket.objects.filter(release=release_id, admitted_at__isnull=False, done="", entered_at=None)
        waiting = [one for one in called.order_by("rank") if one.pk % WORKERS == mine and one.pk not in gone]
        for ticket in waiting:
            if over.is_set():
                break
            if chance.random() < NEVER_COME:
                codes["never came"] += 1
            else:
                person = Person(http.client.HTTPConnection("127.0.0.1", port, timeout=30), ticket.account_id)
                codes[person.choose(release_id, procedure, chance)] += 1
                codes.update(person.errors)
            gone.add(ticket.pk)
        if not waiting:
            time.sleep(0.05)
    told.put(codes)


class Person:
    """Somebody who is called, with one connection of their own."""

    def __init__(self, connection: http.client.HTTPConnection, account: int) -> None:
        self.connection, self.account, self.errors = connection, account, Counter[str]()

    def choose(self, release_id: int, procedure: str, chance: random.Random) -> str:
        queue = f"/releases/{release_id}/queue"
        turn = self.ask("POST", f"{queue}/turn")
        if "turn" not in turn:
            return turn["code"]
        if chance.random() < ONLY_LOOK:
            return "only looked"
        for again in range(20):
            free = self.ask("GET", f"{queue}/slots?procedure={procedure}").get("slots")
            if not free:
                return "nothing free"
            wish = {"procedure": procedure, "slots": [{"slot": chance.choice(free)["slot"], "seats": 1}]}
            held = self.ask("POST", "/holds", wish | {"turn": turn["turn"]}, key=f"hold-{release_id}-{again}")
            if "id" in held:
                made = self.ask("POST", f"/holds/{held['id']}/confirm", {"people": [PERSON]}, key="confirm")
                return "booked" if "appointments" in made else made["code"]
        return "gave up"

    def ask(self, method: str, path: str, body: dict | None = None, *, key: str = "") -> dict:
        """The answer; what only an error of the portal explains is counted in ``errors``."""
        headers = {"Authorization": f"Bearer {token_of(self.account)}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": f"{key}-{self.account}"} if key else {}
        self.connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        told = json.loads(answer.read())
        if answer.status >= 500:
            self.errors[f"HTTP {answer.status}"] += 1
        return told


def check(release: Any, chosen: argparse.Namespace) -> str:
    """What must be so, asked of the rows themselves."""
    from django.db.models import Count, Max

    from appointments.models import Appointment, QueueTicket
    from consulates.models import Seat

    booked = Appointment.objects.filter(session__release=release)
    twice = booked.values("seat_id").annotate(n=Count("pk")).filter(n__gt=1).count()
    seats = Seat.objects.filter(slot__session__release=release).count()
    called = QueueTicket.objects.filter(release=release, admitted_at__isnull=False)
    last, number = called.aggregate(Max("rank"))["rank__max"], called.count()
    earlier = QueueTicket.objects.filter(release=release, rank__lt=last, admitted_at=None).count()
    outcome = "as it must be" if not twice and not earlier and booked.count() == seats else "WRONG"
    return (
        f"  {outcome:24} {booked.count()} of {seats} seats booked, {twice} twice; {number} called, the last has rank"
        f" {last}, {earlier} before them were not"
    )


if __name__ == "__main__":
    main()
