"""What lies in the outbox."""

from mexitel.outbox.models import OutboxMessage


def rows_of(kind: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("id"))
