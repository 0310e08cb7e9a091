from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func, Q

from appointments.enums import Channel
from appointments.models.permit import scope_ids_field


def time_ordered_id() -> Func:
    return Func(function="uuidv7", output_field=models.UUIDField())


class HoldQuerySet(models.QuerySet):
    def open(self, *, now: datetime) -> "HoldQuerySet":
        return self.filter(closed_at__isnull=True, expires_at__gt=now)


class Hold(models.Model):
    """One party's seats, kept while the form is filled. Written by the claim only; over when ``expires_at``
    has passed.

    ``slot_ids`` and ``seat_ids`` are parallel, one entry for each person. ``replaces`` lists the appointments
    that a move would re-point, in the same order; such a hold takes no permits.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="holds")
    # No constraint: it would take a share lock on one of 30 rows in every hold (see Appointment).
    procedure = models.ForeignKey("consulates.Procedure", on_delete=models.PROTECT, db_constraint=False, db_index=False)
    slot_ids = ArrayField(models.BigIntegerField())
    seat_ids = ArrayField(models.BigIntegerField())
    scope_ids = scope_ids_field()
    replaces = ArrayField(models.UUIDField(), default=list)
    origin = models.CharField(max_length=12, default="public")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    agent_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    extended = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        # The recent holds of a booker, through whichever account (appointments/sql/08_holding.sql). Ending a hold does
        # not change the column; there is no pending list, which every claim would have to read.
        indexes = [GinIndex(fields=["scope_ids"], fastupdate=False, name="hold_by_scope")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | Q(closed_at__isnull=False, outcome__in=["confirmed", "released", "superseded"]),
                name="hold_closed_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"

    @property
    def party(self) -> int:
        return len(self.seat_ids)

    def is_open(self, *, now: datetime) -> bool:
        return self.closed_at is None and self.expires_at > now
