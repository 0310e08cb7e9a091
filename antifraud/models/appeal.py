"""Somebody who is blocked asks another reviewer to look again."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.block import Block
from appointments.models.hold import time_ordered_id
from mexitel.utils.crypto import EncryptedTextField

ANSWERED_WITHIN = timedelta(hours=72)


class AppealState(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    UPHELD = "upheld", _("the block stays")
    OVERTURNED = "overturned", _("the block is lifted")


class AppealQuerySet(models.QuerySet):
    def waiting(self) -> "AppealQuerySet":
        """Not answered; what has the least time left comes first."""
        return self.filter(state=AppealState.OPEN).order_by("answer_by", "pk")


class Appeal(models.Model):
    """``person`` is a keyed hash of who asks: an account, or a proven contact that has none. Their ``words`` and the
    reviewer's ``answer`` to them are sealed. ``against_author`` and ``against_approver`` repeat who decided the
    block, so that the constraint can keep both from deciding here.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="appeals", db_index=False)
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
            models.Index(fields=["answer_by"], name="appeal_queue", condition=Q(state=AppealState.OPEN)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state_is_known"),
            models.UniqueConstraint(
                fields=["block", "person"], condition=Q(state=AppealState.OPEN), name="appeal_one_open_for_a_person"
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
