"""A row per kind of process that says when it last worked: worker, beat, relay, and "tasks" for a whole
round trip."""

import logging
import threading
from datetime import datetime

from django.db import Error, connection

from mexitel.utils import time

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10


def touch(*, name: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_heartbeat (name, seen_at) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE"
            " SET seen_at = greatest(outbox_heartbeat.seen_at, excluded.seen_at)",
            [name, now],
        )


def start(name: str) -> threading.Thread:
    """Touch ``name`` every ten seconds until this process ends, through a connection that is never kept open.

    A kept one would be inherited by the worker's children, and closing it there would break it here.
    """
    thread = threading.Thread(target=_beat, args=(name,), name=f"heartbeat-{name}", daemon=True)
    thread.start()
    return thread


def _beat(name: str) -> None:
    pause = threading.Event()
    while True:
        try:
            touch(name=name, now=time.now())
        except Error as error:
            logger.warning("heartbeat of %s: %s", name, type(error).__name__)
        finally:
            connection.close()
        pause.wait(EVERY_SECONDS)
