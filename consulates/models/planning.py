"""What staff decide about supply beside the sessions themselves: templates, holidays, capacity, and acts to undo."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .staff_rows import staff_rows

UNDO_FOR = timedelta(minutes=10)


def _who(**options) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, **options
    )


class PlanTemplate(models.Model):
    """A session that recurs: on ``weekdays`` (0 is Monday) of every ``every_weeks``-th week from ``starts_on``.

    ``shape`` is what consulates.planning.shapes reads; it is checked again whenever sessions are made from it.
    """

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="plan_templates")
    name = models.CharField(max_length=80)
    weekdays = models.JSONField(default=list)
    every_weeks = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    until = models.DateField()
    shape = models.JSONField()
    made_by = _who()
    made_at = models.DateTimeField()

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_weeks__range=(1, 12)),
                name="consulates_plantemplate_every_one_to_twelve_weeks",
                violation_error_message=_("A template recurs every 1 to 12 weeks."),
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("starts_on")),
                name="consulates_plantemplate_ends_after_it_starts",
                violation_error_message=_("The last day is not before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.name}"


class HolidayDecision(models.Model):
    """What an office does on a holiday that the calendar of either country proposes."""

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="holiday_decisions", db_index=False)
    day = models.DateField()
    is_closed = models.BooleanField()
    decided_by = _who()
    decided_at = models.DateTimeField()

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["consulate", "day"], name="consulates_holidaydecision_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.day} {'closed' if self.is_closed else 'open'}"


class CapacityReason(models.TextChoices):
    HEALTH = "health", _("Local health rule")
    STAFF = "staff", _("Not enough staff")
    SUPPLIES = "supplies", _("Not enough supplies")
    OTHER = "other", _("Another reason")


class CapacityFactorQuerySet(models.QuerySet):
    def in_force(self) -> "CapacityFactorQuerySet":
        return self.filter(ended_at=None)


class CapacityFactor(models.Model):
    """Only ``factor`` of the windows of an office work from ``first`` to ``last`` day; where several do, the lowest."""

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="capacity_factors", db_index=False)
    first = models.DateField()
    last = models.DateField()
    factor = models.DecimalField(max_digits=3, decimal_places=2)
    reason = models.CharField(max_length=10, choices=CapacityReason.choices)
    note = models.CharField(max_length=200, blank=True)
    set_by = _who()
    set_at = models.DateTimeField()
    ended_by = _who(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CapacityFactorQuerySet.as_manager()
    staff = staff_rows(CapacityFactorQuerySet)

    class Meta:
        ordering = ["first", "id"]
        indexes = [models.Index(fields=["consulate", "last"], name="consulates_capacity_office_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(factor__range=(0, 1)),
                name="consulates_capacityfactor_is_a_share",
                violation_error_message=_("The capacity factor lies between 0 and 1."),
            ),
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="consulates_capacityfactor_ends_after_it_starts",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(reason__in=CapacityReason.values), name="consulates_capacityfactor_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="consulates_capacityfactor_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.factor} {self.first}/{self.last}"


class PlanAct(models.TextChoices):
    CREATE = "create", _("New session")
    EDIT = "edit", _("Changed session")
    DELETE = "delete", _("Deleted session")
    COPY = "copy", _("Copied week")
    TEMPLATE = "template", _("Template applied")
    PUBLISH = "publish", _("Published")


class PlanBatchQuerySet(models.QuerySet):
    def can_be_undone(self, *, now: datetime) -> "PlanBatchQuerySet":
        return self.filter(undone_at=None, made_at__gt=now - UNDO_FOR)


class PlanBatch(models.Model):
    """One saving act of a planner. ``made`` are the ids of sessions that it made, changed or published; ``before``
    holds what changed and deleted drafts were, so that ``undo_batch`` can put it back.
    """

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="plan_batches", db_index=False)
    act = models.CharField(max_length=10, choices=PlanAct.choices)
    made = models.JSONField(default=list)
    before = models.JSONField(default=list)
    made_by = _who()
    made_at = models.DateTimeField()
    undone_by = _who(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)

    objects = PlanBatchQuerySet.as_manager()
    staff = staff_rows(PlanBatchQuerySet)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["consulate", "-made_at"], name="consulates_planbatch_office")]
        constraints = [
            models.CheckConstraint(condition=Q(act__in=PlanAct.values), name="consulates_planbatch_act_is_known"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="consulates_planbatch_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.act} {self.made_at:%Y-%m-%d %H:%M}"

    def can_be_undone(self, *, now: datetime) -> bool:
        return self.undone_at is None and now < self.made_at + UNDO_FOR
