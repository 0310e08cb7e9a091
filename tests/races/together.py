"""Threads that start at once on connections of their own. Nothing here sleeps: it waits for facts, with a deadline."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError, connection
from psycopg2.errors import LockNotAvailable

DEADLINE_SECONDS = 60


def patiently(job: Callable[[], Any]) -> Any:
    """Like a client that was told 503 with Retry-After: again after a lock timeout, never after anything else."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            return job()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > deadline:
                raise


def together(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each job returned or raised, in their order. Each has a connection before the first begins."""
    results: list[Any] = [TimeoutError("never finished")] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(place: int) -> None:
        try:
            try:
                connection.ensure_connection()
            except Exception:
                gate.abort()
                raise
            gate.wait(DEADLINE_SECONDS)
            results[place] = patiently(jobs[place])
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)
    return results


class Aside:
    """One job in a thread of its own, beside the test's own connection."""

    def __init__(self, job: Callable[[], Any]) -> None:
        self.result: Any = None
        self.backend = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self.thread.start()
        assert self.ready.wait(DEADLINE_SECONDS)

    def _run(self, job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            self.backend = connection.connection.info.backend_pid
            self.ready.set()
            self.result = job()
        except Exception as error:
            self.result = error
        finally:
            self.ready.set()
            connection.close()

    def waits_for_a_lock(self) -> bool:
        """True as soon as it stands before somebody's lock, False when it ends without having to."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.backend])
                if cursor.fetchone()[0]:
                    return True
            assert time.monotonic() < deadline
        return False

    def end(self) -> Any:
        self.thread.join(DEADLINE_SECONDS)
        assert not self.thread.is_alive()
        return self.result


def errors(results: Sequence[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


def codes(results: Sequence[Any]) -> list[str]:
    """Answers' codes, and the class of whatever was raised."""
    return sorted(getattr(result, "code", None) or type(result).__name__ for result in results)
