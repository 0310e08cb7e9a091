"""What the benches of booking share: private servers, a world to book in, the function alone, and the portal over HTTP.

``manage.py bench`` measures with it (bench/ratios.py). A booking is a hold and its confirmation. PostgreSQL is thrown
away afterwards; synchronous commit and fsync are on. Loopback only.
"""

import contextlib
import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
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
ACCOUNTS = 150_000  # each books once; more than a run of the default length uses on a quick machine
SLOTS, SEATS = 4_000, 40
HOT = 50
HOT_SEATS = 120  # in each hot time, more than a measurement can give

# pgbench: every client books for accounts of its own, all in one domain, with what the API sends: a key, the network,
# and somebody who is new in the account. ``:slots`` is how many times they share.
SEEN = "'seen', jsonb_build_object('device', '', 'prefix', '127.0.0.0/24', 'asn_kind', '', 'fill', '[]'::jsonb)"
WHO = rf"""'account', :account::bigint, 'channel', 'api', 'body', repeat('ab', 32), {SEEN},
    'scopes', jsonb_build_array(
        jsonb_build_array(1, lpad(to_hex(:account::bigint), 64, '0'), 5),
        jsonb_build_array(2, lpad(to_hex(:account::bigint), 64, '1'), 5)),
    'marks', jsonb_build_object('address', lpad(to_hex(:account::bigint), 64, '2'), 'domain', repeat('3', 64))"""
BOOKING = rf"""
\set n :n + 1
\set account :first + :n * :clients + :client_id
\set slot :first_slot + random(0, :slots - 1)
SELECT answer ->> 'hold' AS hold FROM claim(jsonb_build_array(jsonb_build_object(
    'op', 'hold', 'key', 'hold', 'procedure', :procedure::bigint, 'origin', 'public', {WHO},
    'slots', jsonb_build_array(jsonb_build_object('slot', :slot::bigint, 'seats', 1)), 'pools', '["public"]'::jsonb,
    'replaces', '[]'::jsonb, 'expires_at', now() + interval '10 minutes')), now()) \gset
SELECT answer ->> 'code' AS code FROM claim(jsonb_build_array(jsonb_build_object(
    'op', 'confirm', 'key', 'confirm', 'hold', :hold::text, {WHO},
    'people', jsonb_build_array(jsonb_build_object('applicant', null, 'attendees',
        jsonb_build_array(jsonb_build_object('given_names', 'Rosa', 'surname_1', 'López', 'surname_2', '',
            'birth_date', repeat('sealed', 17), 'curp', '', 'curp_hash', null, 'identity_hash', repeat('ab', 32),
            'is_minor', false, 'guardian_name', '', 'wheelchair', false, 'sign_language', false,
            'interpreter', '')))))), now()) \gset
"""


class World(NamedTuple):
    first: int  # account; the others follow
    token: int  # the first account's; the others' follow
    slot: int
    procedure: int
    code: str


def email_of(number: int) -> str:
    return f"persona{number}@example.com"


def token_of(number: int) -> str:
    return f"mxt_{number}"


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Postgres]:
    passwords = {role: secrets.token_urlsafe(16) for role in (OWNER, APP)}
    database = Postgres(folder / "postgres", folder, secrets.token_urlsafe(16), free_port())
    redis = Valkey(folder / "redis", folder, secrets.token_urlsafe(16), free_port(), throw_away=True)
    try:
        database.start()
        execute(database, ["ALTER SYSTEM SET max_connections = 400"])  # it is read when the server starts
        database.stop()
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
    """Accounts with a token each, who have taken the step that a crowded office asks for; a procedure with seats."""
    import django

    django.setup()
    from django.db import connection

    from consulates.models import Slot
    from mexitel.accounts.models import User
    from mexitel.api.models import LONGEST, ApiToken
    from mexitel.utils.crypto import keyed_hash
    from tests.factories import appointments as make

    offered = make.procedure()
    for _ in range(SLOTS // 40):
        make.session(seats=SEATS, slots=40, procedures=[offered])
    now = datetime.now(UTC)
    users = User.objects.bulk_create([User(email=email_of(n), password="!") for n in range(ACCOUNTS)], batch_size=5000)
    times = {"created_at": now, "seen_at": now, "expires_at": now + LONGEST}
    tokens = ApiToken.objects.bulk_create(
        [
            ApiToken(account=user, token_hash=keyed_hash("api token", token_of(n)), **times)
            for n, user in enumerate(users)
        ],
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO antifraud_step (account_id, kind, mark, taken_at, until)"
            " SELECT id, 'work', sha256(id::text::bytea), now(), now() + interval '1 day' FROM accounts_user"
        )
    first_slot = Slot.objects.order_by("pk").first().pk
    assert Slot.objects.filter(pk__range=(first_slot, first_slot + SLOTS - 1)).count() == SLOTS
    assert users[-1].pk - users[0].pk == tokens[-1].pk - tokens[0].pk == ACCOUNTS - 1
    return World(users[0].pk, tokens[0].pk, first_slot, offered.pk, offered.code)


def hot_times(world: World, *, seats: int = HOT_SEATS, taken: bool = False) -> int:
    """The first of HOT new times with ``seats`` each, in a row; ``taken`` leaves nothing of them."""
    from consulates.models import Procedure, Seat
    from tests.factories import appointments as make

    made = make.session(seats=seats, slots=HOT, procedures=[Procedure.objects.get(pk=world.procedure)])
    slots = list(made.slots.order_by("pk").values_list("pk", flat=True))
    assert slots[-1] - slots[0] == HOT - 1
    if taken:
        Seat.objects.filter(slot__in=slots).update(until=made.ends_at)
    return slots[0]


class Turn:
    """Each turn takes accounts that no turn before it has used, generously; what is left of them is the next one's."""

    def __init__(self) -> None:
        self.next = 0

    def take(self, number: int) -> int:
        self.next += number
        assert self.next <= ACCOUNTS, "fewer rounds or seconds"
        return self.next - number

    def settle(self, world: World) -> None:
        """After bookings by accounts in their order."""
        from appointments.models import Hold

        self.next = Hold.objects.latest("account_id").account_id - world.first + 1


def settings_of(database: Postgres) -> str:
    from django.db import connection

    values = []
    with connection.cursor() as cursor:
        for name in ("server_version", "synchronous_commit", "fsync", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            values.append(f"{name} {cursor.fetchone()[0]}")
    return ", ".join(values)


def booked() -> int:
    from appointments.models import Appointment

    return Appointment.objects.count()


def raw(
    database: Postgres, world: World, folder: Path, turn: Turn, seconds: int, *, first_slot: int = 0, slots: int = SLOTS
) -> float:
    """Accepted bookings per second of the function alone, on connections that stand."""
    before, place = booked(), {"first_slot": first_slot or world.slot, "slots": slots}
    told = pgbench(database, world, folder, turn.take(CLIENTS * 300 * seconds), "-T", seconds, **place)
    turn.settle(world)
    [number], [tps] = re.findall(r"processed: (\d+)", told), re.findall(r"^tps = ([0-9.]+)", told, re.MULTILINE)
    return (booked() - before) / int(number) * float(tps)


def raw_waits(database: Postgres, world: World, folder: Path, turn: Turn, clients: int, each: int) -> list[float]:
    """The seconds of each booking of so many clients at once, through the function alone."""
    for old in folder.glob("waits*"):
        old.unlink()
    place = {"first_slot": world.slot, "slots": SLOTS, "clients": clients}
    log = ["-l", "--log-prefix", folder / "waits"]
    pgbench(database, world, folder, turn.take(clients * each), "-t", each, *log, **place)
    lines = [line for file in folder.glob("waits*") for line in file.read_text().splitlines()]
    return [int(line.split()[2]) / 1e6 for line in lines]


def pgbench(
    database: Postgres, world: World, folder: Path, start: int, *words: object, clients: int = CLIENTS, **place: int
) -> str:
    """What it says of running BOOKING with accounts from ``start`` on."""
    script = folder / "booking.sql"
    script.write_text(BOOKING)
    values = {"n": -1, "first": world.first + start, "clients": clients, "procedure": world.procedure, **place}
    argv = [binaries() / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", 2, *words, "-f", script]
    argv += [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
    argv += ["-h", "127.0.0.1", "-p", database.port, "-U", APP, "mexitel"]
    ran = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    if "ERROR" in ran.stderr or ran.returncode:
        raise SystemExit(ran.stdout + ran.stderr)
    return ran.stdout


@contextlib.contextmanager
def web_server(folder: Path, application: str = "mexitel.wsgi:application") -> Iterator[int]:
    """Its port. The same command as ``manage.py up``, without its debug settings."""
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
