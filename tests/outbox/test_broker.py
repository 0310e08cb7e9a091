"""The real publisher against a real server; the relay's other tests use a stand-in with the same promises."""

import os
import signal
import time
from datetime import UTC, datetime

import pytest
from kombu.exceptions import OperationalError

from mexitel.celery import app
from mexitel.outbox.broker import Broker, BrokerDown
from mexitel.outbox.tasks import deliver

NOW = datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def broker(redis_server):
    broker = Broker()
    yield broker
    broker.close()


def seconds_of(call):
    start = time.monotonic()
    with pytest.raises(BrokerDown):
        call()
    return time.monotonic() - start


def hand(broker, key=7, urgent=False):
    broker.hand(outbox_id=key, created_at=NOW, urgent=urgent)


def test_hand_puts_ids_and_nothing_else_on_the_queue_of_its_kind(broker):
    hand(broker, 7)
    hand(broker, 8, urgent=True)
    assert broker.waiting() == 2

    with app.connection_for_read() as connection:
        bodies = [connection.SimpleQueue(name).get(timeout=2).payload[1] for name in ("urgent", "usual")]
    assert bodies == [
        {"outbox_id": 8, "created_at": NOW.isoformat()},
        {"outbox_id": 7, "created_at": NOW.isoformat()},
    ]


@pytest.mark.faults
def test_a_dead_broker_is_noticed_at_once_and_found_again(broker, redis_server):
    hand(broker)
    redis_server.kill()

    assert seconds_of(lambda: hand(broker)) < 2
    assert seconds_of(broker.waiting) < 2
    redis_server.start()
    hand(broker)
    assert broker.waiting() >= 1


@pytest.mark.faults
def test_a_broker_that_accepts_and_never_answers_is_noticed_in_two_seconds(broker, redis_server):
    hand(broker)
    pid = redis_server.client().info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert seconds_of(lambda: hand(broker)) < 2.5
        assert seconds_of(broker.waiting) < 2.5
    finally:
        os.kill(pid, signal.SIGCONT)
    hand(broker)


@pytest.mark.faults
def test_control_a_task_sent_on_commit_is_lost_when_the_broker_is_down(broker, redis_server):
    """What the outbox is for: this is the plain way, and nothing remembers the message afterwards."""
    redis_server.kill()
    producer = broker._open()

    with pytest.raises(OperationalError):
        deliver.apply_async(kwargs={"outbox_id": 1, "created_at": NOW.isoformat()}, producer=producer, retry=False)
    redis_server.start()

    assert broker.waiting() == 0
