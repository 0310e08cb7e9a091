"""What was said in public about a release, as signed bytes that nobody changes afterwards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .release import Release


class AnnouncementKind(models.TextChoices):
    ANNOUNCED = "announced", _("announced")
    CANCELLED = "cancelled", _("cancelled")


class Announcement(models.Model):
    """``said`` is canonical JSON, ``signature`` the Ed25519 signature of its bytes by the published key named ``key``.

    Written in the transaction that announces or cancels; the serving role may neither change nor delete a row.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="announcements", db_index=False)
    kind = models.CharField(max_length=10, choices=AnnouncementKind.choices)
    said = models.TextField()
    key = models.CharField(max_length=8)
    signature = models.CharField(max_length=86)
    made_at = models.DateTimeField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "kind"], name="announcement_once_of_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=AnnouncementKind.values), name="announcement_kind_is_known"),
            models.CheckConstraint(condition=~Q(said="") & ~Q(signature=""), name="announcement_is_signed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.release_id}"
