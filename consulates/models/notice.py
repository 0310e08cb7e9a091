from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .staff_rows import staff_rows


class NoticeLevel(models.TextChoices):
    INFO = "info", _("Good to know")
    WARNING = "warning", _("Important")
    URGENT = "urgent", _("Urgent")


class NoticeQuerySet(models.QuerySet):
    def in_force(self, *, now: datetime) -> "NoticeQuerySet":
        return self.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None)


class Notice(models.Model):
    """What people must know now about an office; without an office, about the whole network."""

    consulate = models.ForeignKey(Consulate, null=True, blank=True, on_delete=models.PROTECT, related_name="notices")
    level = models.CharField(max_length=10, choices=NoticeLevel.choices, default=NoticeLevel.INFO)
    title_es = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    text_es = models.CharField(max_length=500)
    text_en = models.CharField(max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()
    staff = staff_rows(NoticeQuerySet)

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["ends_at"], name="consulates_notice_ends")]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=NoticeLevel.values), name="consulates_notice_level_is_known"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="consulates_notice_ends_after_it_starts",
                violation_error_message=_("The notice ends after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.consulate_id or 'network'} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        return self.title_en if (get_language() or "es").startswith("en") else self.title_es

    @property
    def text(self) -> str:
        return self.text_en if (get_language() or "es").startswith("en") else self.text_es

    @property
    def style(self) -> str:
        """Of components/notice.html."""
        return {NoticeLevel.WARNING: "warning", NoticeLevel.URGENT: "error"}.get(NoticeLevel(self.level), "")
