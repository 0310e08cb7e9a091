"""How many bookings a second the raw claim function accepts, how many arrive over HTTP, and their ratio. One run:

    .venv/bin/python bench/claim.py [--seconds 5] [--rounds 3]

A booking is a hold and its confirmation. Both sides work on a private PostgreSQL that is thrown away, with
synchronous commit and fsync on, and take turns, because a machine's speed changes from minute to minute: only the
ratio of one round means something. pgbench and the HTTP clients share the processors with the server. Loopback only.
"""

import argparse
import contextlib
import http.client
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mexitel.embedded import environment  # noqa: E402
from mexitel.embedded.postgres import APP, OWNER, Postgres, binaries, free_port  # noqa: E402
from mexitel.embedded.roles import ensure_database, ensure_roles, execute  # noqa: E402
from mexitel.embedded.valkey import Valkey  # noqa: E402

CLIENTS = 8
ACCOUNTS = 60_000  # each books once; far more than a run can use
SLOTS, SEATS = 4_000, 20
HOT = 50

# pgbench: every client books for accounts of its own, all in one domain. ``:slots`` is how many times they share.
BOOKING = r"""
\set n :n + 1
\set account :first + :client_id * :each + :n
\set person :applicant + :client_id * :each + :n
\set slot :first_slot + random(0, :slots - 1)
SELECT answer ->> 'hold' AS hold FROM claim(jsonb_build_array(jsonb_build_object(
    'op', 'hold', 'account', :account::bigint, 'channel', 'web', 'procedure', :procedure::bigint, 'origin', 'public',
    'scopes', jsonb_build_array(
        jsonb_build_array(1, lpad(to_hex(:account::bigint), 64, '0'), 5),
        jsonb_build_array(2, lpad(to_hex(:account::bigint), 64, '1'), 5)),
    'marks', jsonb_build_object('address', lpad(to_hex(:account::bigint), 64, '2'), 'domain', repeat('3', 64)),
    'slots', jsonb_build_array(jsonb_build_object('slot', :slot::bigint, 'seats', 1)), 'pools', '["public"]'::jsonb,
    'replaces', '[]'::jsonb, 'expires_at', now() + interval '10 minutes')), now()) \gset
SELECT answer ->> 'code' AS code FROM claim(jsonb_build_array(jsonb_build_object(
    'op', 'confirm', 'account', :account::bigint, 'channel', 'web', 'hold', :hold::text,
    'scopes', jsonb_build_array(
        jsonb_build_array(1, lpad(to_hex(:account::bigint), 64, '0'), 5),
        jsonb_build_array(2, lpad(to_hex(:account::bigint), 64, '1'), 5)),
    'marks', jsonb_build_object('address', lpad(to_hex(:account::bigint), 64, '2'), 'domain', repeat('3', 64)),
    'people', jsonb_build_array(jsonb_build_object('applicant', :person::bigint, 'attendees',
        jsonb_build_array(jsonb_build_object('given_names', 'Rosa', 'surname_1', 'López', 'surname_2', '',
            'birth_date', 'sealed', 'curp', '', 'curp_hash', null, 'identity_hash', repeat('ab', 32), 'is_minor', false,
            'guardian_name', '', 'wheelchair', false, 'sign_language', false, 'interpreter', '')))))), now()) \gset
"""


class World(NamedTuple):
    first: int  # account; the others follow
    applicant: int
    slot: int
    procedure: int
    code: str
    tokens: list[str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=5, choices=range(1, 61))
    options.add_argument("--rounds", type=int, default=3, choices=range(1, 21))
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    try:
        with servers(folder) as database:
            world = make_world()
            report = measure(database, world, folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report)
    results = ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-claim.txt"
    with results.open("a") as file:
        file.write(report + "\n")


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Postgres]:
    passwords = {role: secrets.token_urlsafe(16) for role in (OWNER, APP)}
    database = Postgres(folder / "postgres", folder, secrets.token_urlsafe(16), free_port())
    redis = Valkey(folder / "redis", folder, secrets.token_urlsafe(16), free_port(), throw_away=True)
    try:
        database.start()
        redis.start()
        ensure_roles(database, passwords)
        ensure_database(database, "mexitel")
        os.environ.update(
            environment.new_secrets(),
            DJANGO_SETTINGS_MODULE="mexitel.settings.base",
            DATABASE_URL=database.url("mexitel", APP, passwords[APP]),
            DATABASE_OWNER_URL=database.url("mexitel", OWNER, passwords[OWNER]),
            REDIS_URL=redis.url,
            PGPASSWORD=passwords[APP],
        )
        migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env={**os.environ, "MEXITEL_DB_ROLE": "owner"}, check=True)
        yield database
    finally:
        redis.stop()
        database.stop()


def make_world() -> World:
    """Accounts with a saved person and a token each, and a procedure in plenty of seats."""
    import django

    django.setup()
    from appointments.models import Applicant
    from consulates.models import Seat, Slot
    from mexitel.accounts.models import User
    from mexitel.api.models import LONGEST, ApiToken
    from mexitel.utils.crypto import encrypt, keyed_hash
    from tests.factories import appointments as make

    offered = make.procedure()
    sessions = [make.session(seats=SEATS, slots=40, procedures=[offered]) for _ in range(SLOTS // 40)]
    sealed, now = encrypt("1990-05-17"), datetime.now(UTC)
    users = User.objects.bulk_create(
        [User(email=f"persona{n}@example.com", password="!") for n in range(ACCOUNTS)], batch_size=5000
    )
    tokens = [f"mxt_{n}" for n in range(ACCOUNTS)]
    times = {"created_at": now, "seen_at": now, "expires_at": now + LONGEST}
    ApiToken.objects.bulk_create(
        [
            ApiToken(account=user, token_hash=keyed_hash("api token", token), **times)
            for user, token in zip(users, tokens, strict=True)
        ],
        batch_size=5000,
    )  # fmt: skip
    columns = {"given_names": "Rosa", "surname_1": "López", "birth_date": sealed, "identity_hash": b"i" * 32}
    applicants = Applicant.objects.bulk_create(
        [Applicant(account=user, is_minor=False, **columns) for user in users], batch_size=5000
    )
    first_slot = Slot.objects.order_by("pk").first().pk
    assert Slot.objects.filter(pk__range=(first_slot, first_slot + SLOTS - 1)).count() == SLOTS
    assert users[-1].pk - users[0].pk == applicants[-1].pk - applicants[0].pk == ACCOUNTS - 1
    assert Seat.objects.count() == SLOTS * SEATS
    assert len(sessions) == SLOTS // 40
    return World(users[0].pk, applicants[0].pk, first_slot, offered.pk, offered.code, tokens)


class Turn:
    """Each turn takes accounts that no turn before it has used."""

    def __init__(self) -> None:
        self.next = 0

    def take(self, number: int) -> int:
        self.next += number
        assert self.next <= ACCOUNTS, "fewer rounds or seconds"
        return self.next - number


def measure(database: Postgres, world: World, folder: Path, chosen: argparse.Namespace) -> str:
    rounds: dict[str, list[float]] = {"function": [], "function, 50 hot times": [], "HTTP": []}
    turn = Turn()
    with web_server(folder) as port:
        raw(database, world, folder, turn, 1, SLOTS)  # warm up
        over_http(port, world, turn, 1)
        execute(database, ["VACUUM ANALYZE"], "mexitel")
        for _ in range(chosen.rounds):
            rounds["function"].append(raw(database, world, folder, turn, chosen.seconds, SLOTS))
            rounds["HTTP"].append(over_http(port, world, turn, chosen.seconds))
        # Last, because its seats sell out.
        rounds["function, 50 hot times"].append(raw(database, world, folder, turn, 1, HOT))
    return text(rounds, settings_of(database), chosen)


def settings_of(database: Postgres) -> str:
    from django.db import connection

    values = []
    with connection.cursor() as cursor:
        for name in ("server_version", "synchronous_commit", "fsync", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            values.append(f"{name} {cursor.fetchone()[0]}")
    return ", ".join(values)


def text(rounds: dict[str, list[float]], settings: str, chosen: argparse.Namespace) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}, {settings}",
        f"bookings (hold + confirm) per second, {CLIENTS} clients, {chosen.rounds} rounds of {chosen.seconds} s each",
    ]
    for name, values in rounds.items():
        spread = f"{min(values):.0f} to {max(values):.0f}"
        lines.append(f"  {name:24} median {statistics.median(values):7.0f}   ({spread})")
    ratios = [there / here for here, there in zip(rounds["function"], rounds["HTTP"], strict=True)]
    each = ", ".join(f"{ratio:.1%}" for ratio in ratios)
    lines.append(f"  HTTP / function          median {statistics.median(ratios):7.1%}   ({each})")
    return "\n".join(lines)


def booked() -> int:
    from appointments.models import Appointment

    return Appointment.objects.count()


def raw(database: Postgres, world: World, folder: Path, turn: Turn, seconds: int, slots: int) -> float:
    """Accepted bookings per second of the function alone."""
    each = 250 * seconds
    script = folder / "booking.sql"
    script.write_text(BOOKING)
    values = {
        "n": -1,
        "first": world.first,
        "each": each,
        "first_slot": world.slot,
        "slots": slots,
        "procedure": world.procedure,
        "applicant": world.applicant,
    }
    start = turn.take(CLIENTS * each)
    values["first"] += start
    values["applicant"] += start
    argv = [binaries() / "pgbench", "-n", "-M", "prepared", "-c", CLIENTS, "-j", 2, "-T", seconds, "-f", script]
    argv += [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
    argv += ["-h", "127.0.0.1", "-p", database.port, "-U", APP, "mexitel"]
    before, began = booked(), time.monotonic()
    ran = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    spent = time.monotonic() - began
    if "ERROR" in ran.stderr and slots == SLOTS:  # 50 times may sell out; a client ends there
        raise SystemExit(ran.stderr)
    return (booked() - before) / max(spent, 0.001)


@contextlib.contextmanager
def web_server(folder: Path, application: str = "mexitel.wsgi:application") -> Iterator[int]:
    """The same command as ``manage.py up``, without its debug settings."""
    port = free_port()
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--workers", "2", "--blocking-threads", "4", "--no-ws", "--no-access-log", application]
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(argv, cwd=ROOT, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not answers(port):
                if time.monotonic() > deadline or web.poll() is not None:
                    raise SystemExit((folder / "web.log").read_text())
                time.sleep(0.1)
            yield port
        finally:
            web.terminate()
            web.wait(20)


def answers(port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as one,
    ):
        one.request("GET", "/healthz")
        return one.getresponse().status == 200
    return False


def over_http(port: int, world: World, turn: Turn, seconds: int) -> float:
    """Accepted bookings per second through the API: two requests each, on connections that stay open."""
    each = 60 * seconds
    start = turn.take(CLIENTS * each)
    tokens = world.tokens[start : start + CLIENTS * each]
    shares = [(port, tokens[n * each : (n + 1) * each], world.slot, world.code, seconds) for n in range(CLIENTS)]
    before, began = booked(), time.monotonic()
    with ProcessPoolExecutor(2) as processes:
        told = list(processes.map(book_in_threads, [shares[:4], shares[4:]]))
    spent = time.monotonic() - began
    accepted = booked() - before
    assert accepted == sum(told), f"{sum(told)} acknowledged, {accepted} in the database"
    return accepted / max(seconds, spent - 1)  # the processes' start is not the portal's


def book_in_threads(shares: list[tuple]) -> int:
    with ThreadPoolExecutor(len(shares)) as threads:
        return sum(threads.map(lambda share: book_until(*share), shares))


def book_until(port: int, tokens: list[str], first_slot: int, procedure: str, seconds: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    deadline, accepted = time.monotonic() + seconds, 0
    person = {"given_names": "Rosa", "surname_1": "López", "birth_date": "1990-05-17"}

    def post(token: str, path: str, body: dict) -> dict:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": path[-40:],
        }
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        return json.loads(connection.getresponse().read())

    for token in tokens:
        if time.monotonic() > deadline:
            break
        slot = first_slot + secrets.randbelow(SLOTS)
        held = post(token, "/holds", {"procedure": procedure, "slots": [{"slot": slot, "seats": 1}]})
        if "id" in held:
            accepted += "appointments" in post(token, f"/holds/{held['id']}/confirm", {"people": [person]})
    connection.close()
    return accepted


if __name__ == "__main__":
    main()
