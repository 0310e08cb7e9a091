"""From committed rows to workers; and, when none answers, straight to the person who waits for a code.

The relay stamps a row, commits, and only then hands it over: a worker never meets the relay's lock, and a
relay that dies in between leaves a stamp that grows old, upon which the row is handed again. Handing twice
is harmless, since ``delivery.deliver`` does each row once.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from mexitel.utils import time

from . import delivery, heartbeat
from .broker import Broker, BrokerDown
from .models import Heartbeat, OutboxMessage

logger = logging.getLogger(__name__)

BATCH = 100
IDLE_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 5.0
HANDED_AGAIN_AFTER = timedelta(seconds=30)
CROWDED = 500  # tasks in line; with more, a row that is not done is waiting, not lost
BROKER_SILENCE = timedelta(seconds=10)
WORKER_SILENCE = timedelta(seconds=30)
BROKER_ASKED_EVERY = timedelta(seconds=1)
DIRECT_LOCK = 0x6D78_0001  # one relay at a time sends by itself, so that order holds

NEW = "handed_at IS NULL"
LOST = "handed_at < %(lost)s"
STAMP = """
    UPDATE outbox_message AS m SET handed_at = %(now)s
      FROM (SELECT id, created_at FROM outbox_message
             WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= %(now)s AND {which}
             ORDER BY due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED) AS due
     WHERE m.id = due.id AND m.created_at = due.created_at
 RETURNING m.due_at, m.id, m.created_at, coalesce(m.payload->>'about', m.kind) LIKE ANY (%(urgent)s)
"""
FIRST_URGENT = """
    SELECT id, created_at FROM outbox_message
     WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= %(now)s
       AND (handed_at IS NULL OR handed_at < %(lost)s)
       AND coalesce(payload->>'about', kind) LIKE ANY (%(urgent)s)
     ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


@dataclass
class Relay:
    """One of any number of relays. ``step`` does one round; ``run`` repeats it until ``stop``."""

    broker: Broker
    clock: Callable[[], datetime] = time.now
    handed_again_after: timedelta = HANDED_AGAIN_AFTER
    broker_silence: timedelta = BROKER_SILENCE
    worker_silence: timedelta = WORKER_SILENCE

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self.started_at = self.clock()
        self.down_since: datetime | None = None
        self.asked_at = self.started_at - BROKER_ASKED_EVERY
        self.waiting = 0
        self.seen_at = self.started_at - timedelta(days=1)

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until ``stop``; no fault of a server ends it."""
        backoff = IDLE_SECONDS
        while not self._stop.is_set():
            try:
                busy = self.step()
                backoff = IDLE_SECONDS
                self._stop.wait(0 if busy else IDLE_SECONDS)
            except Exception as error:  # the database is away, or worse: the relay stays
                logger.warning("relay waits %.1f s: %s", backoff, type(error).__name__)
                connection.close()
                self._stop.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
        self.broker.close()

    def step(self) -> bool:
        """One round; True when there may be more to do at once."""
        now = self.clock()
        if now - self.seen_at >= timedelta(seconds=heartbeat.EVERY_SECONDS):
            heartbeat.touch(name="relay", now=now)
            self.seen_at = now
        answers = self._broker_answers(now)
        busy = self._nobody_works(now) and self._deliver_directly(now)
        if answers:
            busy = self._hand(now, NEW) or busy
            if self.waiting < CROWDED:
                self._hand(now, LOST)
        return busy

    def _broker_answers(self, now: datetime) -> bool:
        if now - self.asked_at < BROKER_ASKED_EVERY:
            return self.down_since is None
        self.asked_at = now
        try:
            self.waiting = self.broker.waiting()
        except BrokerDown:
            self._broker_failed(now)
        else:
            self.down_since = None
        return self.down_since is None

    def _broker_failed(self, now: datetime) -> None:
        if self.down_since is None:
            logger.warning("the broker does not answer")
            self.down_since = now

    def _hand(self, now: datetime, which: str) -> bool:
        rows = self._stamp(now, which)
        for position, (_, outbox_id, created_at, urgent) in enumerate(rows):
            try:
                self.broker.hand(outbox_id=outbox_id, created_at=created_at, urgent=urgent)
            except BrokerDown:
                self._broker_failed(now)
                self._take_back(now, [row[1] for row in rows[position:]])
                return False
        return len(rows) == BATCH

    def _stamp(self, now: datetime, which: str) -> list[tuple]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                STAMP.format(which=which),
                {
                    "now": now,
                    "lost": now - self.handed_again_after,
                    "batch": BATCH,
                    "urgent": list(settings.OUTBOX_URGENT),
                },
            )
            return sorted(cursor.fetchall())

    def _take_back(self, now: datetime, ids: list[int]) -> None:
        OutboxMessage.objects.waiting().filter(id__in=ids, handed_at=now).update(handed_at=None)

    def _nobody_works(self, now: datetime) -> bool:
        if self.down_since is not None and now - self.down_since >= self.broker_silence:
            return True
        if now - self.started_at < self.worker_silence:
            return False
        return not Heartbeat.objects.filter(name="worker", seen_at__gt=now - self.worker_silence).exists()

    def _deliver_directly(self, now: datetime) -> bool:
        for _ in range(BATCH):
            if self._stop.is_set():
                return False
            if not self._deliver_first(now):
                return False
        return True

    def _deliver_first(self, now: datetime) -> bool:
        """Send the oldest urgent row from here; False when there is none, or another relay is at it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [DIRECT_LOCK])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(
                FIRST_URGENT,
                {"now": now, "lost": now - self.broker_silence, "urgent": list(settings.OUTBOX_URGENT)},
            )
            row = cursor.fetchone()
            if row is None:
                return False
            delivery.deliver(outbox_id=row[0], created_at=row[1], now=self.clock())
            return True
