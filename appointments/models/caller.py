from django.conf import settings
from django.db import models
from django.db.models import Q

from mexitel.utils.crypto import EncryptedTextField


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
