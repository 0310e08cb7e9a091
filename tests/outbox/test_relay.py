from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from mexitel.outbox import heartbeat, services
from mexitel.outbox.broker import BrokerDown
from mexitel.outbox.models import Heartbeat, OutboxMessage, OutgoingMessage
from mexitel.outbox.relay import BATCH, CROWDED, Relay

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


class FakeBroker:
    """Verified against the real one in test_broker: ``hand`` and ``waiting`` answer or raise BrokerDown."""

    def __init__(self):
        self.handed, self.down, self.line, self.dies_after = [], False, 0, None

    def hand(self, *, outbox_id, created_at, urgent):
        if self.down or (self.dies_after is not None and len(self.handed) >= self.dies_after):
            self.down = True
            raise BrokerDown
        self.handed.append((outbox_id, urgent))

    def waiting(self):
        if self.down:
            raise BrokerDown
        return self.line

    def close(self):
        pass


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def goes(self, **how):
        self.now += timedelta(**how)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def broker():
    return FakeBroker()


@pytest.fixture
def relay(db, clock, broker):
    relay = Relay(broker=broker, clock=clock)
    heartbeat.touch(name="worker", now=NOW + timedelta(days=1))  # a worker is there unless a test says otherwise
    return relay


def publish(kind="x", due=NOW):
    return services.publish(kind=kind, payload={}, now=NOW, due_at=due)


def mail(kind="sign_in_code", now=NOW):
    return services.send_mail(to="ana@correo.example", subject="s", text="t", language="es", now=now, kind=kind)


def sent():
    return list(OutgoingMessage.objects.filter(sent_at__isnull=False).order_by("id").values_list("id", flat=True))


def test_a_due_row_is_handed_once_and_stamped(relay, broker, clock):
    key = publish()
    later = publish(due=NOW + timedelta(seconds=60))

    relay.step()
    relay.step()

    assert broker.handed == [(key, False)]
    assert OutboxMessage.objects.get(id=key).handed_at == NOW
    assert OutboxMessage.objects.get(id=later).handed_at is None


def test_rows_go_in_the_order_in_which_they_are_due(relay, broker):
    second, first = publish(due=NOW - timedelta(seconds=1)), publish(due=NOW - timedelta(seconds=2))
    third = publish()

    relay.step()

    assert [key for key, _ in broker.handed] == [first, second, third]


def test_codes_and_confirmations_have_a_queue_of_their_own(relay, broker):
    mail("sign_in_code"), mail("reminder"), publish("appointment.booked"), publish("tidy")

    relay.step()

    assert [urgent for _, urgent in broker.handed] == [True, False, True, False]


def test_a_full_batch_says_that_there_is_more(relay, broker):
    for _ in range(BATCH + 1):
        publish()

    assert [relay.step(), relay.step()] == [True, False]
    assert len(broker.handed) == BATCH + 1


def test_what_is_not_done_is_handed_again_and_what_is_done_is_not(relay, broker, clock):
    lost, done, failed = publish(), publish(), publish()
    relay.step()
    OutboxMessage.objects.filter(id=done).update(done_at=NOW)
    OutboxMessage.objects.filter(id=failed).update(failed_at=NOW)
    broker.handed.clear()

    clock.goes(seconds=29)
    relay.step()
    assert broker.handed == []
    clock.goes(seconds=2)
    relay.step()

    assert broker.handed == [(lost, False)]


def test_nothing_is_handed_again_while_the_line_is_long(relay, broker, clock):
    publish()
    relay.step()
    broker.handed.clear()
    broker.line = CROWDED
    clock.goes(minutes=5)

    relay.step()

    assert broker.handed == []


def test_a_broker_that_goes_away_halfway_leaves_the_rest_unstamped(relay, broker, clock):
    keys = [publish() for _ in range(4)]
    broker.dies_after = 2

    relay.step()

    assert [key for key, _ in broker.handed] == keys[:2]
    assert set(OutboxMessage.objects.filter(handed_at=None).values_list("id", flat=True)) == set(keys[2:])
    broker.down, broker.dies_after = False, None
    clock.goes(seconds=1)
    relay.step()
    assert [key for key, _ in broker.handed] == keys


def test_after_ten_silent_seconds_the_relay_sends_codes_itself_in_order(relay, broker, clock, mailoutbox):
    broker.down = True
    keys = [mail("sign_in_code"), mail("appointment.booked"), mail("sign_in_code")]
    reminder = mail("reminder")

    relay.step()
    clock.goes(seconds=9)
    relay.step()
    assert sent() == []
    clock.goes(seconds=1)
    relay.step()

    assert sent() == keys
    receipts = list(OutgoingMessage.objects.filter(id__in=keys).order_by("id").values_list("receipt", flat=True))
    assert [mail.extra_headers["Message-ID"] for mail in mailoutbox] == receipts
    broker.down = False
    clock.goes(seconds=1)
    relay.step()
    assert broker.handed == [(OutboxMessage.objects.get(payload__message=reminder).id, False)]


def test_control_a_relay_without_patience_set_never_sends_itself(relay, broker, clock):
    relay.broker_silence = timedelta(days=1)
    broker.down = True
    mail()
    relay.step()
    clock.goes(minutes=5)

    relay.step()

    assert sent() == []


def test_a_code_that_was_handed_to_a_broker_that_then_died_is_sent(relay, broker, clock):
    key = mail()
    relay.step()
    broker.down = True
    clock.goes(seconds=1)
    relay.step()

    clock.goes(seconds=10)
    relay.step()

    assert sent() == [key]


def test_a_short_silence_is_forgotten(relay, broker, clock):
    broker.down = True
    relay.step()
    broker.down = False
    clock.goes(seconds=5)
    relay.step()
    broker.down = True
    mail()
    clock.goes(seconds=6)
    relay.step()

    assert sent() == []


def test_when_no_worker_is_seen_codes_are_sent_from_here(db, broker, clock):
    relay = Relay(broker=broker, clock=clock)
    code, _reminder = mail(), mail("reminder")
    relay.step()
    assert sent() == []

    clock.goes(seconds=31)
    relay.step()

    assert sent() == [code]
    heartbeat.touch(name="worker", now=clock.now)
    mail(now=clock.now)
    clock.goes(seconds=12)
    relay.step()
    assert sent() == [code]


def test_one_message_that_fails_does_not_hold_up_the_others(relay, broker, clock, settings):
    broker.down = True
    broken = services.publish(kind="appointment.unknown", payload={}, now=NOW - timedelta(seconds=1))
    key = mail()
    relay.step()
    clock.goes(seconds=10)

    relay.step()

    assert sent() == [key]
    assert OutboxMessage.objects.get(id=broken).attempts == 1


def test_the_relay_shows_that_it_lives(relay, clock):
    relay.step()

    assert Heartbeat.objects.get(name="relay").seen_at == NOW


def test_run_outlives_a_database_that_goes_away(relay, monkeypatch):
    rounds = []

    def step():
        rounds.append(1)
        if len(rounds) < 3:
            raise OperationalError("server closed the connection unexpectedly")
        relay.stop()
        return False

    monkeypatch.setattr(relay, "step", step)
    monkeypatch.setattr("mexitel.outbox.relay.connection.close", lambda: None)
    monkeypatch.setattr("mexitel.outbox.relay.IDLE_SECONDS", 0.01)

    relay.run()

    assert len(rounds) == 3
