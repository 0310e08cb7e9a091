"""A real process that does something, and is killed with kill -9 before its n-th statement or commit."""

import os
import signal
from collections.abc import Callable

from django.db import connection, connections

from tests.faults.processes import wait_until


class Killed(Exception):
    """The process broke by itself; that is not what was asked for."""


def run_and_kill(job: Callable[[], None], *, after: int | None) -> bool:
    """Run ``job`` in a process of its own, killed before statement or commit number ``after``; whether it came to its
    end. A forked process has everything imported: hundreds of them cost little.
    """
    connections.close_all()  # no process shares a connection
    child = os.fork()
    if child == 0:
        try:
            _forget_inherited()
            _count_down(after)
            job()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert wait_until(_is_alone)  # the server has noticed, and rolled back what was open
        return False
    if os.WEXITSTATUS(status):
        raise Killed(status)
    return True


def statements(act: Callable[[], None]) -> int:
    """How many ``act`` takes."""
    counted = 0

    def count(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        act()
    return counted


def _forget_inherited() -> None:
    """Where a browser's event loop runs in the parent, the child falls back on a connection from before it, which may
    still be open to another test's database. It is the parent's to close.
    """
    for one in connections.all(initialized_only=True):
        one.connection = None


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0


def _count_down(after: int | None) -> None:
    left = after

    def count() -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def statement(execute, sql, params, many, context):
        count()
        return execute(sql, params, many, context)

    commit = connection._commit

    def counted_commit():
        count()
        return commit()

    connection.execute_wrappers.append(statement)
    connection._commit = counted_commit
