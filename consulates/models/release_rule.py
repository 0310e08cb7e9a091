"""Releases that recur: a rule of an office prepares a draft for each of its openings, and a person approves it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .gate import Gate
from .release import Release
from .session import SessionKind
from .staff_rows import staff_rows


class ReleaseRuleQuerySet(models.QuerySet):
    def in_force(self) -> "ReleaseRuleQuerySet":
        return self.filter(ended_at=None)


class ReleaseRule(models.Model):
    """On ``weekday`` (0 is Monday) at ``hour`` of the office's clocks, its sessions of these ``kinds`` open: those of
    the week that begins ``weeks_ahead`` weeks later. Hours count from the opening, as in Terms (releases).
    """

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="release_rules")
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    mode = models.TextField(choices=Gate.choices, default=Gate.OPEN)
    weekday = models.PositiveSmallIntegerField()
    hour = models.TimeField()
    weeks_ahead = models.PositiveSmallIntegerField()
    kinds = models.JSONField(default=list)
    joins_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    gate_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    phone_share = models.PositiveSmallIntegerField(default=0)
    phone_hours = models.PositiveSmallIntegerField(default=24)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseRuleQuerySet.as_manager()
    staff = staff_rows(ReleaseRuleQuerySet)

    class Meta:
        ordering = ["weekday", "hour", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=Gate.values), name="release_rule_mode_is_known"),
            models.CheckConstraint(
                condition=Q(weekday__range=(0, 6), weeks_ahead__range=(1, 12)),
                name="release_rule_days_make_sense",
                violation_error_message=_("A rule opens the sessions of 1 to 12 weeks later."),
            ),
            models.CheckConstraint(
                condition=Q(mode="open", joins_hours=None, gate_hours=None)
                | (~Q(mode="open") & Q(joins_hours__gte=1, gate_hours__gte=1)),
                name="release_rule_gate_has_its_hours",
            ),
            models.CheckConstraint(
                condition=Q(phone_share__lte=50, phone_hours__gte=1), name="release_rule_phone_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("made_at"), ended_by__isnull=False),
                name="release_rule_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_words(self) -> list[str]:
        return [str(SessionKind(kind).label) for kind in self.kinds]


class RuleRelease(models.Model):
    """That a rule has prepared the draft of one opening: once, whoever discards it afterwards."""

    rule = models.ForeignKey(ReleaseRule, on_delete=models.PROTECT, related_name="prepared", db_index=False)
    opens_on = models.DateField()
    release = models.OneToOneField(Release, null=True, on_delete=models.SET_NULL, related_name="by_rule")

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "opens_on"], name="release_rule_prepares_an_opening_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.opens_on}"
