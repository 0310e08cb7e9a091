"""Queues of releases: who waits, in which order, and how far the release has called."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.enums import Channel

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 20


def new_code() -> str:
    """A public ticket number: random, without a relation to anybody."""
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(CODE_LENGTH))


class TicketEnd(models.TextChoices):
    BOOKED = "booked", _("booked")
    LEFT = "left", _("left")
    LAPSED = "lapsed", _("did not choose in time")
    CANCELLED = "cancelled", _("the opening was cancelled")


class QueueTicketQuerySet(models.QuerySet):
    def inside(self, *, now: datetime) -> "QueueTicketQuerySet":
        """Called, and their time is not over."""
        return self.filter(done="", admitted_at__isnull=False, admitted_until__gt=now)


class QueueTicket(models.Model):
    """One place in the queue of a release. Written by appointments/queueing and join_queue (sql/10_queue.sql).

    ``rank`` counts from one: first those of the sealed list in the drawn order, then whoever came later.
    ``admitted_at`` is when it was called; ``admitted_until`` the end of the time to come, and once somebody has come
    (``entered_at``) of the ten minutes to choose in. ``done`` "lapsed" is no farewell: who comes back is let in again.
    ``email_key`` and ``phone_key`` are keyed hashes; of a caller without a proven contact ``phone_key`` stands for what
    they state.
    """

    # Without a constraint: it would take a share lock on the release's one row in each of thousands of joins.
    release = models.ForeignKey(
        "consulates.Release", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queue_tickets")
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code)
    email_key = models.BinaryField(max_length=32, null=True)
    phone_key = models.BinaryField(max_length=32, null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    joined_at = models.DateTimeField()
    remind = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True)
    rank = models.IntegerField(null=True)
    admitted_at = models.DateTimeField(null=True)
    admitted_until = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    done = models.CharField(max_length=9, choices=TicketEnd.choices, blank=True, default="")
    done_at = models.DateTimeField(null=True)

    objects = QueueTicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["release"], condition=Q(rank=None), name="queue_ticket_unranked"),
            models.Index(fields=["release"], condition=Q(admitted_at__isnull=False), name="queue_ticket_called"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["release", "account"], name="queue_ticket_one_for_an_account"),
            models.UniqueConstraint(
                fields=["release", "email_key"],
                condition=Q(email_key__isnull=False),
                name="queue_ticket_one_for_a_mailbox",
            ),
            models.UniqueConstraint(
                fields=["release", "phone_key"],
                condition=Q(phone_key__isnull=False),
                name="queue_ticket_one_for_a_phone",
            ),
            models.UniqueConstraint(
                fields=["release", "rank"], condition=Q(rank__isnull=False), name="queue_ticket_rank_once"
            ),
            models.CheckConstraint(condition=Q(rank=None) | Q(rank__gte=1), name="queue_ticket_ranks_count_from_one"),
            models.CheckConstraint(
                condition=Q(admitted_at=None, admitted_until=None, entered_at=None)
                | Q(admitted_at__isnull=False, admitted_until__isnull=False, rank__isnull=False),
                name="queue_ticket_called_by_its_rank",
            ),
            models.CheckConstraint(
                condition=Q(done="", done_at=None) | (Q(done__in=TicketEnd.values) & Q(done_at__isnull=False)),
                name="queue_ticket_done_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"

    @property
    def is_called(self) -> bool:
        return self.admitted_at is not None

    def is_inside(self, *, now: datetime) -> bool:
        """Choosing now: let in, and the minutes are not over."""
        return (
            not self.done
            and self.entered_at is not None
            and self.admitted_until is not None
            and self.admitted_until > now
        )


class QueueDesk(models.Model):
    """How far the queue of a release is. ``looked_at`` lets one of many who tend it at once do so, every second or two;
    the row's lock makes ranks and calls happen once.
    """

    release = models.OneToOneField(
        "consulates.Release", on_delete=models.PROTECT, db_constraint=False, primary_key=True, related_name="+"
    )
    looked_at = models.DateTimeField()
    ranked_at = models.DateTimeField(null=True)
    # The last rank called for the seats of all, and for those of the telephone's share.
    called_to = models.IntegerField(default=0)
    phone_called_to = models.IntegerField(default=0)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"desk of {self.release_id}"
