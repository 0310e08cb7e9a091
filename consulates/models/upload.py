"""A file that staff brought and nobody has confirmed yet."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from .consulate import Consulate
from .staff_rows import staff_rows


class Upload(models.Model):
    """What the check showed is what is saved: the file itself waits here between the two, and goes when it was saved.

    ``consulate`` is the office on whose page it was brought; its rows may name others.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    content = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, blank=True)
    made = models.PositiveIntegerField(default=0)

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__in=["sessions", "offices"]), name="consulates_upload_subject_is_known"
            ),
            models.CheckConstraint(
                condition=Q(saved_at=None, content__isnull=False) | Q(saved_at__isnull=False, content=None),
                name="consulates_upload_goes_when_it_was_saved",
            ),
        ]

    def __str__(self) -> str:
        return self.name
