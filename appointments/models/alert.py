"""Who asked to be told of an office's releases, and what was told of each release."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from appointments.models.hold import time_ordered_id

MOST_ALERTS = 10


class AlertKind(models.TextChoices):
    ANNOUNCED = "announced"
    CANCELLED = "cancelled"
    SOON = "soon"


class ReleaseAlert(models.Model):
    """One wish: of ``consulate``, of one ``procedure`` or (null) of any; ``hour_before`` asks for the reminder too.

    ``code`` is the address of the page that ends it without signing in.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="release_alerts")
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="+")
    procedure = models.ForeignKey("consulates.Procedure", null=True, on_delete=models.PROTECT, related_name="+")
    hour_before = models.BooleanField(default=False)
    code = models.CharField(max_length=22, unique=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "consulate", "procedure"], condition=Q(stopped_at=None), nulls_distinct=False,
                name="alert_once_while_it_stands",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=models.F("made_at")), name="alert_stops_after_it_began"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"alert {self.pk}"

    @property
    def stands(self) -> bool:
        return self.stopped_at is None


class ReleaseTold(models.Model):
    """That everybody who asked was put into the outbox about a release: once for each kind and moment."""

    release = models.ForeignKey("consulates.Release", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=AlertKind.choices)
    opens_at = models.DateTimeField()
    at = models.DateTimeField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "kind", "opens_at"], name="release_told_once"),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="release_told_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.release_id}"
