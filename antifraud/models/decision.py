"""What a person decided in a case, why, whether a second person agreed, and from when it counts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.case import Case

# More appointments than this, or one within BEFORE_APPOINTMENT, need a second person.
ALONE = 10
# A decision about several cases at once can be withdrawn for this long before it takes effect.
BULK_RESTS = timedelta(hours=24)


class Act(models.TextChoices):
    DISMISS = "dismiss", _("Nothing wrong: close the case")
    ASK = "ask", _("Ask the people to confirm")
    VALIDATE = "validate", _("Mark as confirmed")
    CANCEL = "cancel", _("Cancel appointments")
    BLOCK = "block", _("Propose to block its contacts")
    CAP = "cap", _("Count its accounts together (five in all)")


class DecisionReason(models.TextChoices):
    """Codes, for figures and for what the person reads; ``note`` says it in the reviewer's own words."""

    HOARDED = "hoarded", _("more places held than one person may hold")
    TRADED = "traded", _("places given up and taken again for other people")
    SPUN = "spun", _("places held again and again")
    INVENTED = "invented", _("data of people who do not exist")
    CHARGED = "charged", _("people were charged")
    NOT_ASKED = "not_asked", _("the person did not ask for it")
    FAMILY = "family", _("one family")
    HELPER = "helper", _("somebody who helps without charging")
    COINCIDENCE = "coincidence", _("a coincidence")
    UNCLEAR = "unclear", _("it cannot be told")


class DecisionQuerySet(models.QuerySet):
    def to_approve(self) -> "DecisionQuerySet":
        return self.filter(needs_second=True, approved_at=None, withdrawn_at=None, done_at=None)

    def pending(self) -> "DecisionQuerySet":
        """Neither done nor withdrawn: its case waits for it and is nobody else's to decide."""
        return self.filter(withdrawn_at=None, done_at=None)

    def due(self, *, now: datetime) -> "DecisionQuerySet":
        """Agreed on and rested: to be carried out."""
        return self.filter(
            Q(needs_second=False) | Q(approved_at__isnull=False), effective_at__lte=now, withdrawn_at=None, done_at=None
        )


class Decision(models.Model):
    """Takes effect at ``effective_at``, once approved where ``needs_second``; done at ``done_at``, or withdrawn before.

    ``appointment_ids`` are those that it is about. ``overturned_at``: an appeal against it was right.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    act = models.CharField(max_length=10, choices=Act.choices)
    reason = models.CharField(max_length=12, choices=DecisionReason.choices)
    note = models.TextField()
    appointment_ids = ArrayField(models.UUIDField(), default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    overturned_at = models.DateTimeField(null=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["effective_at"],
                name="decision_due",
                condition=Q(done_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "act"],
                condition=Q(done_at__isnull=True, withdrawn_at__isnull=True),
                name="decision_one_pending_of_an_act",
            ),
            models.CheckConstraint(condition=Q(act__in=Act.values), name="decision_act_is_known"),
            models.CheckConstraint(condition=Q(reason__in=DecisionReason.values), name="decision_reason_is_known"),
            models.CheckConstraint(condition=~Q(note=""), name="decision_says_why"),
            models.CheckConstraint(condition=Q(effective_at__gte=F("decided_at")), name="decision_looks_ahead"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, approved_at__isnull=True)
                | Q(approver__isnull=False, approved_at__isnull=False) & ~Q(approver=F("author")),
                name="decision_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False, done_at__isnull=True),
                name="decision_withdrawn_before_it_was_done",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True)
                | Q(done_at__gte=F("effective_at")) & (Q(needs_second=False) | Q(approved_at__isnull=False)),
                name="decision_done_once_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} in case {self.case_id}"
