"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from datetime import datetime

from celery import shared_task


@shared_task
def deliver(*, outbox_id: int, created_at: str) -> str:
    from mexitel.outbox import delivery
    from mexitel.utils.time import now

    return delivery.deliver(outbox_id=outbox_id, created_at=datetime.fromisoformat(created_at), now=now())


@shared_task
def pulse() -> None:
    """Beat, broker and worker together: whoever sees this row fresh knows that all three work."""
    from mexitel.outbox import heartbeat
    from mexitel.utils.time import now

    heartbeat.touch(name="tasks", now=now())


@shared_task
def ensure_partitions() -> int:
    """This month and the next three, for every table that is partitioned by month."""
    from mexitel.utils import partitions
    from mexitel.utils.time import now

    return partitions.ensure_all(now=now())


@shared_task
def apply_retention() -> dict[str, int]:
    from mexitel.utils import retention
    from mexitel.utils.time import now

    return retention.apply(now=now())
