"""Who must be told that a release was cancelled: a mark on their ticket and a row of the outbox, in one statement."""

from datetime import datetime

from django.db import connection, transaction

CANCEL = """
WITH gone AS (
    UPDATE appointments_queueticket SET done = 'cancelled', done_at = %(now)s
    WHERE release_id = %(release)s AND done = '' RETURNING id)
INSERT INTO outbox_message (created_at, due_at, kind, payload)
SELECT %(now)s, %(now)s, 'queue.cancelled', jsonb_build_object('ticket', id) FROM gone
"""


def tell_joined(release_id: int, *, now: datetime) -> int:
    """Tell everybody who joined that the release was cancelled; each once, however often it is called. How many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CANCEL, {"release": release_id, "now": now})
        return cursor.rowcount
