"""Who waits for whom around a draw. Applications come in together; whoever seals or allots is alone, and comes after
all who had begun before. Both end with their transaction.
"""

from django.db import connection

SPACE = "draw"


def with_others(release_id: int) -> None:
    """For an application: waits for whoever seals, and not for other applications."""
    _run("pg_advisory_xact_lock_shared", release_id)


def alone(release_id: int) -> None:
    """For who seals or allots: waits for every application under way and for any other worker."""
    _run("pg_advisory_xact_lock", release_id)


def _run(function: str, release_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, %s))", [SPACE, release_id])
