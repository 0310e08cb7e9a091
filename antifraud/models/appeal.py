"""Somebody who is blocked, or whose appointment was cancelled, asks another reviewer to look again."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.block import Block
from antifraud.models.decision import Decision
from appointments.models.hold import time_ordered_id
from mexitel.utils.crypto import EncryptedTextField

ANSWERED_WITHIN = timedelta(hours=72)
# When the appointment that was cancelled is less than a week away.
SOON, ANSWERED_SOON = timedelta(days=7), timedelta(hours=24)


class AppealState(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    UPHELD = "upheld", _("the decision stays")
    OVERTURNED = "overturned", _("the decision is undone")


class AppealQuerySet(models.QuerySet):
    def waiting(self) -> "AppealQuerySet":
        """Not answered; what has the least time left comes first."""
        return self.filter(state=AppealState.OPEN).order_by("answer_by", "pk")


class Appeal(models.Model):
    """Against one block, or one decision that cancelled ``appointment_ids`` of whoever asks.

    ``person`` is a keyed hash of who asks: an account, a proven contact that has none, or who attends an appointment.
    Their ``words`` and the reviewer's ``answer`` to them are sealed. ``against_author`` and ``against_approver`` repeat
    who decided, so that the constraint can keep both from deciding here. ``agent_id`` wrote it down for a caller.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    block = models.ForeignKey(Block, null=True, on_delete=models.CASCADE, related_name="appeals", db_index=False)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.CASCADE, related_name="appeals", db_index=False)
    appointment_ids = ArrayField(models.UUIDField(), default=list)
    agent_id = models.BigIntegerField(null=True)
    person = models.BinaryField(max_length=32)
    words = EncryptedTextField()
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    state = models.CharField(max_length=10, choices=AppealState.choices, default=AppealState.OPEN)
    against_author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    against_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = EncryptedTextField(blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["block", "person"], name="appeal_by_block"),
            models.Index(fields=["decision", "person"], name="appeal_by_decision"),
            models.Index(fields=["person", "-asked_at"], name="appeal_by_person"),
            models.Index(fields=["answer_by"], name="appeal_queue", condition=Q(state=AppealState.OPEN)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state_is_known"),
            models.UniqueConstraint(
                fields=["block", "person"], condition=Q(state=AppealState.OPEN), name="appeal_one_open_for_a_person"
            ),
            models.UniqueConstraint(
                fields=["decision", "person"],
                condition=Q(state=AppealState.OPEN),
                name="appeal_one_open_for_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(block__isnull=False, decision__isnull=True, appointment_ids=[])
                | Q(block__isnull=True, decision__isnull=False) & ~Q(appointment_ids=[]),
                name="appeal_against_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN, decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state=AppealState.OPEN) & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="appeal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (
                    ~Q(decided_by=F("against_author"))
                    & (Q(against_approver__isnull=True) | ~Q(decided_by=F("against_approver")))
                ),
                name="appeal_decided_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"
