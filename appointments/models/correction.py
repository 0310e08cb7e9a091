from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from appointments.enums import Channel
from mexitel.utils.crypto import EncryptedTextField


class Correction(models.Model):
    """That typing errors of somebody who attends were corrected. ``before`` is who stood there (JSON, sealed): the
    first one of a person is who was booked, and every later correction is measured against that.
    """

    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="corrections")
    position = models.SmallIntegerField()
    at = models.DateTimeField()
    fields = ArrayField(models.CharField(max_length=20))
    before = EncryptedTextField(blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(fields=[]), name="correction_changes_something"),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk} of appointment {self.appointment_id}"
