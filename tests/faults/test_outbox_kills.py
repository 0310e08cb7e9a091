"""kill -9 of worker, relay and Redis: everything that was committed is sent once, when things are back."""

import email
import os
import signal
from collections import Counter
from email import policy

import psycopg2
import pytest
from django.db import connection, transaction

from mexitel.outbox import services
from mexitel.outbox.models import OutboxMessage
from mexitel.utils.time import now
from tests.faults.processes import Process, wait_until

pytestmark = pytest.mark.faults


class Outside:
    """What stands around the database: processes to kill, and the provider's folder."""

    def __init__(self, folder):
        self.folder, self.running = folder, []
        self.messages = folder / "messages"
        self.messages.mkdir()

    def start(self, *arguments, name, ready):
        process = Process(name, arguments, ready, self.folder)
        self.running.append(process)
        return process

    def worker(self):
        options = ("--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
        return self.start("-m", "celery", "-A", "mexitel", "worker", *options, name="worker", ready=" ready.")

    def relay(self, again=2, broker_silence=3, worker_silence=60):
        options = (f"--again={again}", f"--broker-silence={broker_silence}", f"--worker-silence={worker_silence}")
        return self.start("-m", "django", "relay", *options, name="relay", ready="relay: ready")

    def subjects(self):
        """How often each mail reached the provider."""
        return Counter(
            email.message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]
            for path in self.messages.glob("*.eml")
        )

    def in_order(self):
        return [
            email.message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]
            for path in sorted(self.messages.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        ]

    def hold(self):
        (self.messages / "begun").unlink(missing_ok=True)
        (self.messages / "hold").touch()

    def let_go(self):
        (self.messages / "hold").unlink()

    @property
    def begun(self):
        return (self.messages / "begun").exists()


@pytest.fixture
def outside(live_db, redis_server, tmp_path):
    outside = Outside(tmp_path)
    yield outside
    for process in outside.running:
        process.kill()


def book(event):
    services.publish(kind="test.booked", payload={"event": event}, now=now())


def code(subject, kind="sign_in_code"):
    return services.send_mail(
        to="ana@correo.example", subject=subject, text="482913", language="es", now=now(), kind=kind
    )


def drained():
    return not OutboxMessage.objects.waiting().exists()


def test_a_worker_killed_in_the_middle_of_a_mail(outside):
    outside.relay()
    worker = outside.worker()
    outside.hold()
    book(1)
    assert wait_until(lambda: outside.begun)

    worker.kill()
    outside.let_go()
    assert not drained()
    outside.worker()

    assert wait_until(drained)
    assert outside.subjects() == {"Cita 1": 1}


@pytest.mark.long
def test_control_a_row_marked_done_before_the_work_is_lost_with_the_worker(outside):
    """The order that the task must not have: the mark first, the work after."""
    outside.relay()
    worker = outside.worker()
    outside.hold()
    code("Código")
    assert wait_until(lambda: outside.begun)
    worker.kill()
    OutboxMessage.objects.update(done_at=now())
    outside.let_go()

    outside.worker()

    book(2)
    assert wait_until(lambda: "Cita 2" in outside.subjects())
    assert outside.subjects() == {"Cita 2": 1}


DIE_ON_FIRST_HAND = """
import os, signal, django
django.setup()
from django.core.management import call_command
from mexitel.outbox.broker import Broker
Broker.hand = lambda self, **row: os.kill(os.getpid(), signal.SIGKILL)
call_command("relay")
"""


def test_a_relay_killed_between_stamp_and_hand(outside):
    dying = outside.start("-c", DIE_ON_FIRST_HAND, name="dying", ready="relay: ready")
    book(1)
    assert wait_until(lambda: dying.child.poll() is not None)
    assert dying.child.returncode == -signal.SIGKILL
    assert OutboxMessage.objects.filter(handed_at__isnull=False, done_at=None).count() == 1

    outside.relay()
    outside.worker()

    assert wait_until(drained)
    assert outside.subjects() == {"Cita 1": 1}


def test_control_a_relay_that_never_hands_again_leaves_it_lying(outside, redis_server):
    dying = outside.start("-c", DIE_ON_FIRST_HAND, name="dying", ready="relay: ready")
    book(1)
    assert wait_until(lambda: dying.child.poll() is not None)

    outside.relay(again=3600)
    book(2)

    assert wait_until(lambda: not OutboxMessage.objects.filter(handed_at=None).exists())
    assert wait_until(lambda: redis_server.client().llen("usual") == 1)


def test_redis_killed_the_relay_sends_codes_itself_in_order_and_the_rest_later(outside, redis_server):
    outside.relay()
    outside.worker()
    code("antes")
    assert wait_until(lambda: "antes" in outside.subjects())

    redis_server.kill()
    for number in range(5):
        code(f"Código {number}")
    code("recordatorio", kind="reminder")
    assert wait_until(lambda: len(outside.in_order()) == 6)
    assert outside.in_order() == ["antes", *(f"Código {number}" for number in range(5))]

    redis_server.start()
    assert wait_until(drained, 45)
    assert outside.in_order()[6:] == ["recordatorio"]


def test_redis_emptied_loses_nothing(outside, redis_server):
    relay = outside.relay()
    for event in range(5):
        book(event)
    assert wait_until(lambda: not OutboxMessage.objects.filter(handed_at=None).exists())
    redis_server.client().flushall()
    assert relay.child.poll() is None

    outside.worker()

    assert wait_until(drained)
    assert outside.subjects() == {f"Cita {event}": 1 for event in range(5)}


@pytest.mark.long  # test_booking_kills.py kills the server itself under a running one
def test_a_worker_outlives_its_broker_while_a_task_runs(outside, redis_server):
    """Celery 5.7.0 died of this, which is why the version is pinned."""
    outside.relay()
    worker = outside.worker()
    outside.hold()
    code("Código")
    assert wait_until(lambda: outside.begun)

    redis_server.kill()
    redis_server.start()
    outside.let_go()

    assert wait_until(drained)
    code("después")
    assert wait_until(drained)
    assert worker.child.poll() is None
    assert outside.subjects() == {"Código": 1, "después": 1}


@pytest.mark.long  # test_booking_kills.py kills the server itself under a running one
def test_the_relay_outlives_a_database_that_throws_everybody_out(outside, live_db):
    relay = outside.relay()
    outside.worker()
    superuser = psycopg2.connect(os.environ["MEXITEL_TEST_SUPERUSER_URL"])
    superuser.autocommit = True
    connection.close()
    with superuser.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{live_db}" ALLOW_CONNECTIONS false')
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [live_db])
        assert wait_until(lambda: "relay waits" in relay.words())
        cursor.execute(f'ALTER DATABASE "{live_db}" ALLOW_CONNECTIONS true')
    superuser.close()

    book(1)

    assert wait_until(drained)
    assert relay.child.poll() is None
    assert outside.subjects() == {"Cita 1": 1}


@pytest.mark.long
def test_many_kills_in_turn_lose_nothing_and_double_nothing(outside, redis_server):
    """Thirty rounds; in each one of worker, relay and Redis dies while messages are written."""
    relay, worker, events = outside.relay(), outside.worker(), 0
    for number in range(30):
        for _ in range(10):
            with transaction.atomic():
                book(events)
            events += 1
        if number % 3 == 0:
            worker.kill()
            worker = outside.worker()
        elif number % 3 == 1:
            relay.kill()
            relay = outside.relay()
        else:
            redis_server.kill()
            redis_server.start()

    assert wait_until(drained, 90)
    assert outside.subjects() == {f"Cita {event}": 1 for event in range(events)}
