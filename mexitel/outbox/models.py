"""What must be sent, once: the outbox itself, and the mails and text messages that come out of it.

Nothing points at an outbox row with a foreign key: the table is partitioned by month and old months are
dropped.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from mexitel.utils.crypto import EncryptedTextField


class OutboxQuerySet(models.QuerySet):
    def waiting(self) -> "OutboxQuerySet":
        """Neither done nor given up; the predicate of the relay's index."""
        return self.filter(done_at=None, failed_at=None)

    def due(self, now: datetime) -> "OutboxQuerySet":
        return self.waiting().filter(due_at__lte=now)


class OutboxMessage(models.Model):
    """One thing to do after a commit. Written by ``publish`` and by the claim function, never edited by
    hand."""

    pk = models.CompositePrimaryKey("id", "created_at")
    id = models.BigIntegerField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    kind = models.TextField()
    payload = models.JSONField()  # ids only, never personal data
    handed_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)  # class name of the last error, never its words

    objects = OutboxQuerySet.as_manager()

    class Meta:
        db_table = "outbox_message"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Channel(models.TextChoices):
    MAIL = "mail"
    SMS = "sms"


class OutgoingMessage(models.Model):
    """One mail or one text message, from the moment it is decided until its words are blanked."""

    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    recipient = EncryptedTextField()
    recipient_hash = models.BinaryField(max_length=32)
    prefix = models.CharField(max_length=8, blank=True, default="")  # a phone's country and area
    body = EncryptedTextField()  # JSON: subject, text, html, attachments
    # Null stands for "not deduplicated", which the unique constraint lets pass.
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)  # a code that comes later helps nobody
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, blank=True, default="")
    bounced_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    given_up_reason = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "outbox_outgoing_message"
        constraints = [
            models.UniqueConstraint(fields=["channel", "dedupe_key"], name="outgoing_one_per_event_and_channel"),
            models.CheckConstraint(
                condition=Q(given_up_at=None, given_up_reason="")
                | (Q(given_up_at__isnull=False) & ~Q(given_up_reason="")),
                name="outgoing_given_up_has_reason",
            ),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(given_up_at=None), name="outgoing_sent_or_given_up"),
        ]
        indexes = [
            models.Index(fields=["recipient_hash", "-created_at"], name="outgoing_by_recipient"),
            models.Index(fields=["created_at", "prefix"], name="outgoing_sms_by_time", condition=Q(channel="sms")),
            models.Index(fields=["sent_at"], name="outgoing_by_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind} {self.pk}"


class Heartbeat(models.Model):
    """When a process was last known to work, so that the status page can tell without asking it."""

    FRESH = timedelta(seconds=45)

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "outbox_heartbeat"

    def __str__(self) -> str:
        return self.name
