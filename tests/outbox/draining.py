"""What relay and worker do, in this process: for tests that need the messages and not the machinery."""

from mexitel.outbox.delivery import deliver
from mexitel.outbox.models import OutboxMessage
from mexitel.utils.time import now as clock


def deliver_everything() -> None:
    """Deliver what is due until nothing is left; handlers may write further messages."""
    while due := list(OutboxMessage.objects.filter(done_at=None, failed_at=None, due_at__lte=clock())):
        for row in due:
            outcome = deliver(outbox_id=row.id, created_at=row.created_at, now=clock())
            assert outcome != "failed", (row.kind, OutboxMessage.objects.get(id=row.id).error)
