"""What the status page, the messages page and operators read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from .models import Heartbeat, OutboxMessage, OutgoingMessage
from .services import recipient_hash

LATE = timedelta(minutes=2)


@dataclass(frozen=True)
class OutboxStatus:
    waiting: int  # due and not done
    failed: int  # given up; somebody must look
    oldest: timedelta  # age of the oldest that waits; zero when none does
    seen: dict[str, timedelta]  # age of each process's last sign of life

    @property
    def late(self) -> bool:
        return self.oldest > LATE

    def alive(self, name: str) -> bool:
        """Whether worker, beat, relay or tasks gave a sign of life lately; False when it never did."""
        return name in self.seen and self.seen[name] <= Heartbeat.FRESH


def outbox_status(*, now: datetime) -> OutboxStatus:
    """Counts over what is open, through the partial indexes; no personal data."""
    due = OutboxMessage.objects.due(now).aggregate(waiting=Count("id"), oldest=Min("due_at"))
    failed = OutboxMessage.objects.filter(failed_at__isnull=False, done_at=None).count()
    return OutboxStatus(
        waiting=due["waiting"],
        failed=failed,
        oldest=now - due["oldest"] if due["oldest"] else timedelta(0),
        seen={beat.name: now - beat.seen_at for beat in Heartbeat.objects.all()},
    )


def last_bounce(*, channel: str, to: str, since: datetime) -> OutgoingMessage | None:
    """The newest message to this contact that came back, unless a later one arrived."""
    newest = (
        OutgoingMessage.objects.filter(recipient_hash=recipient_hash(channel, to), created_at__gt=since)
        .filter(Q(sent_at__isnull=False) | Q(bounced_at__isnull=False))
        .order_by("-created_at")
        .first()
    )
    return newest if newest and newest.bounced_at else None


def newest_messages(limit: int) -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.order_by("-created_at", "-id")[:limit]
