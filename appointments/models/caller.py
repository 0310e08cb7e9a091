import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mexitel.utils.crypto import EncryptedTextField

RECOVERY_REST = timedelta(hours=24)
# Of the five questions that an agent asks before an account gets a new contact (appointments/phone/recovery.py).
ENOUGH_ANSWERS = 4


class Caller(models.Model):
    """What an account that an agent opened goes by until a contact of it is verified.

    ``phone`` is the number that the caller states (E.164), proved by nobody: callers who state the same one share its
    cap. Without one, ``reason`` is why the agent books all the same, and ``person_hash`` who attends (see
    appointments.identities.identity_hash). A verified contact makes this row history: it opens and counts nothing.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="caller"
    )
    phone = EncryptedTextField(blank=True, default="")
    phone_hash = models.BinaryField(max_length=32, null=True)
    person_hash = models.BinaryField(max_length=32, null=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    last_call_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(phone="") & Q(phone_hash__isnull=True)) | (~Q(phone="") & Q(phone_hash__isnull=False)),
                name="caller_phone_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(phone_hash__isnull=False) | ~Q(reason=""),
                name="caller_without_phone_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"caller {self.account_id}"


class Recovery(models.Model):
    """A new contact for an account whose owner lost the old one, agreed by telephone and at rest for 24 hours.

    ``contact`` is an exact e-mail or an E.164 number, proven by a code in the call. The contacts that the account has
    are told at once; whoever opens the link with the token that ``stop_hash`` keeps stops it. Written by
    appointments/phone/recovery.py under the row's own lock.
    """

    class Outcome(models.TextChoices):
        APPLIED = "applied"
        STOPPED = "stopped"
        TAKEN = "taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_recoveries")
    contact = EncryptedTextField()
    stop_hash = models.BinaryField(max_length=32, unique=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    call_reference = models.CharField(max_length=40)
    right_answers = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    effective_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(outcome=""), name="recovery_one_open_in_an_account"
            ),
            models.CheckConstraint(
                condition=Q(effective_at__gte=F("created_at") + RECOVERY_REST), name="recovery_rests_a_day"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | Q(closed_at__isnull=False, outcome__in=["applied", "stopped", "taken"]),
                name="recovery_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="applied") | Q(closed_at__gte=F("effective_at")),
                name="recovery_applied_after_its_rest",
            ),
            models.CheckConstraint(
                condition=Q(right_answers__gte=ENOUGH_ANSWERS), name="recovery_after_enough_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"recovery {self.pk}"
