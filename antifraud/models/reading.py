"""How far the portal's facts were read, and which bookers a reviewer counts as one."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from appointments.enums import HIGHEST_CAP

# Accounts count together for this long, then a person looks again.
COUNTED_TOGETHER = timedelta(days=180)
LONGEST_TOGETHER = timedelta(days=365)


class ReadUpTo(models.Model):
    """Where one reader stands. ``tx``, ``stream`` and ``row`` are the last row of the ledger that the engine was given
    (antifraud/live/reading.py); ``at`` is the moment up to which facts that ripen were noted (antifraud/live/ripe.py).
    """

    name = models.CharField(max_length=20, primary_key=True)
    tx = models.BigIntegerField(default=0)
    stream = models.SmallIntegerField(default=0)
    row = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class GroupingQuerySet(models.QuerySet):
    def standing(self) -> "GroupingQuerySet":
        return self.filter(ended_at=None)


class Grouping(models.Model):
    """Bookers that a reviewer found to be one actor: they share the ``cap`` of one group scope until ``ends_at``.

    ``case`` is where it was found, ``reason`` what the reviewer wrote. ``ended_by`` is null when it ran out, or when a
    larger one took it in.
    """

    scope_id = models.BigIntegerField()
    account_ids = ArrayField(models.BigIntegerField())
    cap = models.SmallIntegerField()
    case = models.ForeignKey("antifraud.Case", null=True, on_delete=models.PROTECT, related_name="groupings")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_why = models.TextField(blank=True)

    objects = GroupingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id"], condition=Q(ended_at__isnull=True), name="grouping_one_standing_for_a_scope"
            ),
            models.CheckConstraint(condition=Q(cap__range=(0, HIGHEST_CAP)), name="grouping_cap_in_range"),
            models.CheckConstraint(condition=~Q(reason=""), name="grouping_says_why"),
            models.CheckConstraint(condition=Q(account_ids__len__gte=2), name="grouping_of_several"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST_TOGETHER),
                name="grouping_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False) & ~Q(ended_why=""),
                name="grouping_ended_by_somebody_who_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"grouping {self.pk}"
