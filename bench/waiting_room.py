"""A queue from the first ticket to the last seat: people join, are drawn, called, let in, and book everything there is.

    .venv/bin/python -m bench.waiting_room [--people 50000] [--seats 5000] [--faster 20] [--http 3000]

A private PostgreSQL and Redis that are thrown away, with fsync on; every client shares the processors with them.
*Joining* is timed twice: through the service in processes, and over HTTP as a form. The clock that the services
are given runs ``--faster`` than the wall, so that minutes in which somebody does not come pass in seconds. A tenth of
those who are called never come, and one in twenty looks and leaves. Half way Redis is emptied. At the end the database
itself is asked: every seat given, none twice, called in the drawn order.
"""

import argparse
import http.client
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
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.claim import ROOT, servers, web_server

WORKERS = 4
NEVER_COME, ONLY_LOOK = 0.10, 0.05
BATCH = 5000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=50_000)
    options.add_argument("--seats", type=int, default=5_000)
    options.add_argument("--faster", type=int, default=20)
    options.add_argument("--http", type=int, default=8_000)
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
    in_parallel(joined, [(release.pk, accounts[n::WORKERS]) for n in range(WORKERS)], lines, "join", chosen.people)
    for line in over_http(folder, chosen):
        lines.append(line)
    ready = draw(release, lines)
    lines.append(give_all(release, ready, chosen))
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
    users = [User(email=f"persona{n}@example.com", password="!") for n in range(chosen.people + chosen.http)]
    accounts = [user.pk for user in User.objects.bulk_create(users, batch_size=BATCH)]
    drawing.commit(made, now)
    return made, accounts[: chosen.people]


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
        half = len(people) // 4
        yield pressed(port, release, people[:half], "by the page's own way", passes=False)
        yield pressed(port, release, people[half:], "with a pass")


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
    for user in User.objects.filter(email__startswith="persona").order_by("-pk")[: chosen.http]:
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


def give_all(release: Any, ready: datetime, chosen: argparse.Namespace) -> str:
    """Tend every second of the wall while workers are the people; until nobody can get anything any more."""
    from django.db import connections

    from appointments.queueing import facts, tending

    connections.close_all()
    context = get_context("fork")
    began, over = time.monotonic(), context.Event()
    told = context.Queue()
    workers = [
        context.Process(target=be_people, args=(release.pk, n, began, ready, chosen.faster, over, told))
        for n in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    longest, left, emptied = 0.0, chosen.seats, None
    while left and time.monotonic() - began < 1800:
        now = ready + timedelta(seconds=(time.monotonic() - began) * chosen.faster)
        began_looking = time.monotonic()
        tending.tend(release, now=now)
        longest = max(longest, time.monotonic() - began_looking)
        known = facts.kept(release.pk)
        left = known.free + known.back if known else left
        if emptied is None and left < chosen.seats / 2:
            emptied = now
            empty_redis(release)
        time.sleep(max(0.0, 0.5 - (time.monotonic() - began_looking)))
    spent = time.monotonic() - began
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


def be_people(release_id: int, mine: int, began: float, ready: datetime, faster: int, over: Any, told: Any) -> None:
    """Everybody of this worker's share who is called: comes, chooses among what is free, says who attends."""
    from appointments.models import QueueTicket

    chance, codes, gone = random.Random(mine), Counter(), set[int]()
    while not over.is_set():
        called = QueueTicket.objects.filter(release=release_id, admitted_at__isnull=False, done="", entered_at=None)
        waiting = [one for one in called.select_related("account") if one.pk % WORKERS == mine and one.pk not in gone]
        for ticket in waiting:
            if over.is_set():
                break
            if chance.random() < NEVER_COME:
                codes["never came"] += 1
            else:
                now = ready + timedelta(seconds=(time.monotonic() - began) * faster)
                codes[choose(release_id, ticket.account, chance, now)] += 1
            gone.add(ticket.pk)
        if not waiting:
            time.sleep(0.05)
    told.put(codes)


def choose(release_id: int, account: Any, chance: random.Random, now: datetime) -> str:
    from appointments.errors import BookingError
    from appointments.queueing.admission import admitted_by, enter
    from appointments.queueing.times import free_times
    from appointments.services import Entry, confirm_hold, hold_seats
    from appointments.services.hold import Wish
    from consulates.models import Procedure, Release

    try:
        turn = enter(account=account, release_id=release_id, now=now)
    except BookingError as refusal:
        return refusal.code
    if chance.random() < ONLY_LOOK:
        return "only looked"
    procedure = Procedure.objects.get()
    for _again in range(20):
        free = free_times(Release(pk=release_id), procedure, now=now)
        if not free:
            return "nothing free"
        try:
            held = hold_seats(
                account=account,
                wishes=[Wish(chance.choice(free).free.id, 1)],
                procedure_id=procedure.pk,
                admitted=admitted_by(turn.token, account=account, now=now),
                now=now,
            )
        except BookingError:
            continue
        person = Entry("Rosa", "Prueba", "", birth_date=date(1990, 5, 17))
        confirm_hold(account=account, hold_id=held.hold_id, people=[[person]], today=now.date(), now=now)
        return "booked"
    return "gave up"


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
