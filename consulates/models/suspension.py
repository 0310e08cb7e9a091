"""A procedure that an office does not serve for some days: no cards in stock, no signature, no system."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .procedure import Procedure
from .staff_rows import staff_rows


class SuspensionQuerySet(models.QuerySet):
    def in_force(self) -> "SuspensionQuerySet":
        return self.filter(ended_at=None)

    def not_over(self, *, now: datetime) -> "SuspensionQuerySet":
        return self.in_force().filter(last_date__gte=now.date())


class Suspension(models.Model):
    """Sessions of ``consulate`` on ``first_date`` to ``last_date``, both included, do not offer ``procedure``.

    SQL reads it in one place, ``consulates.models.suspension.OFFERED_SQL``; the claim has the same rule in
    ``procedure_suspended`` (appointments/sql/06_closing.sql). Ended early, never deleted.
    """

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="suspensions", db_index=False)
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="suspensions", db_index=False)
    first_date = models.DateField()
    last_date = models.DateField()
    reason_es = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = SuspensionQuerySet.as_manager()
    staff = staff_rows(SuspensionQuerySet)

    class Meta:
        ordering = ["first_date", "id"]
        indexes = [models.Index(fields=["consulate", "procedure"], name="consulates_suspension_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")),
                name="consulates_suspension_ends_after_it_starts",
                violation_error_message=_("The last day comes after the first."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="consulates_suspension_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} without {self.procedure_id} {self.first_date} to {self.last_date}"

    @property
    def reason(self) -> str:
        return self.reason_en if (get_language() or "es").startswith("en") else self.reason_es


# Whether session ``session`` offers procedure %(procedure)s; NULL asks for any.
OFFERED_SQL = """(%(procedure)s::bigint IS NULL OR (EXISTS (
          SELECT 1 FROM consulates_session_procedures offer
          WHERE offer.session_id = session.id AND offer.procedure_id = %(procedure)s)
      AND NOT EXISTS (
          SELECT 1 FROM consulates_suspension pause
          WHERE pause.consulate_id = session.consulate_id AND pause.procedure_id = %(procedure)s
            AND session.date BETWEEN pause.first_date AND pause.last_date AND pause.ended_at IS NULL)))"""


def suspended(procedure: Procedure, *, session: str = "") -> models.Exists:
    """For queries of the ORM over sessions, or over rows that reach them by ``session`` ("session__")."""
    return models.Exists(
        Suspension.objects.in_force().filter(
            procedure=procedure,
            consulate=models.OuterRef(f"{session}consulate"),
            first_date__lte=models.OuterRef(f"{session}date"),
            last_date__gte=models.OuterRef(f"{session}date"),
        )
    )
