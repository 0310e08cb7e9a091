"""Handing rows to Celery with an answer within about a second: taken, or BrokerDown."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from celery import current_app
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .tasks import deliver

URGENT, USUAL = "urgent", "usual"
TIMEOUT_SECONDS = 1


class BrokerDown(Exception):
    pass


class Broker:
    """One connection that is thrown away after any fault. Not for threads to share."""

    def __init__(self) -> None:
        self._connection = None
        self._producer = None
        self._redis = Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def hand(self, *, outbox_id: int, created_at: datetime, urgent: bool) -> None:
        """Put one row's ids on its queue. Raises BrokerDown; then it may or may not be there."""
        with self._faults():
            deliver.apply_async(
                kwargs={"outbox_id": outbox_id, "created_at": created_at.isoformat()},
                producer=self._open(),
                queue=URGENT if urgent else USUAL,
                retry=False,
            )

    def waiting(self) -> int:
        """How many tasks stand in line, as a sign of life. Raises BrokerDown."""
        with self._faults():
            return self._redis.llen(URGENT) + self._redis.llen(USUAL)

    def close(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        with suppress(Exception):
            self._redis.connection_pool.disconnect()
        with suppress(Exception):
            if connection:
                connection.release()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Any error counts: three libraries stand between here and the server, each with faults of its own."""
        try:
            yield
        except Exception as error:
            self.close()
            raise BrokerDown(type(error).__name__) from error

    def _open(self):
        if self._producer is None:
            self._connection = current_app.connection_for_write(
                connect_timeout=TIMEOUT_SECONDS,
                transport_options={
                    "socket_timeout": TIMEOUT_SECONDS,
                    "socket_connect_timeout": TIMEOUT_SECONDS,
                    "max_retries": 0,
                },
            )
            self._producer = current_app.amqp.Producer(self._connection, auto_declare=False)
        return self._producer
