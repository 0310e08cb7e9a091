"""A case: one actor that a broker may stand behind, what speaks for and against it, and what people decided.

A machine opens a case, adds to it and asks for identity; it cancels nothing and blocks nobody (DESIGN 4.13).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# A case wants an answer before its first appointment comes so near that nobody can act any more, and soon anyway.
ANSWERED_WITHIN = timedelta(hours=72)
BEFORE_APPOINTMENT = timedelta(hours=48)
# Whoever took a case keeps it for this long after the last act in it.
LEASE = timedelta(minutes=30)


class CaseKind(models.TextChoices):
    BROKER = "broker", _("suspected broker")
    STAFF = "staff", _("pattern of an agent or clerk")
    AUDIT = "audit", _("random sample")


class CaseState(models.TextChoices):
    OPEN = "open", _("waits for a decision")
    ASKED = "asked", _("waits for people to confirm")
    CLOSED = "closed", _("decided")
    MERGED = "merged", _("part of another case")


class Verdict(models.TextChoices):
    """What a closed case came to; ``LEGITIMATE`` ones are the false alarms that precision counts."""

    LEGITIMATE = "legitimate", _("nothing wrong")
    VALIDATED = "validated", _("people confirmed their appointments")
    BROKER = "broker", _("a broker")
    UNDECIDED = "undecided", _("cannot be told")


class CaseQuerySet(models.QuerySet):
    def standing(self) -> "CaseQuerySet":
        return self.exclude(state__in=[CaseState.CLOSED, CaseState.MERGED])

    def waiting(self) -> "CaseQuerySet":
        """What a reviewer can decide now: least time left first, then the most seats."""
        return self.filter(state=CaseState.OPEN).order_by("act_by", "-seats", "pk")

    def free(self, *, now: datetime) -> "CaseQuerySet":
        """Nobody has it in hand."""
        return self.filter(Q(taken_until__isnull=True) | Q(taken_until__lte=now))


class Case(models.Model):
    """``group_number`` is the engine's group (none for a sample). ``score`` in bits, ``reasons`` and ``facts`` are from
    the highest assessment under rule set ``ruleset``: a list of {code, group, points, evidence}, and plain counts.
    ``seats`` are its appointments to come; ``act_by`` is when an answer comes too late for the first of them. Whoever
    has it in hand (``taken_by``) loses it at ``taken_until``, judged when read. When two actors turn out to be one, the
    older case takes in the younger: that one is ``merged_into`` it, and nobody's decision any more.
    """

    kind = models.CharField(max_length=10, choices=CaseKind.choices, default=CaseKind.BROKER)
    group_number = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    ruleset = models.IntegerField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    seats = models.IntegerField(default=0)
    consulate = models.ForeignKey(
        "consulates.Consulate", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    agent_id = models.BigIntegerField(null=True)  # of a staff case: whose pattern it is
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    act_by = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="merged_cases")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["act_by", "-seats"], name="case_queue", condition=Q(state=CaseState.OPEN)),
            models.Index(fields=["closed_at"], name="case_by_end"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CaseKind.values), name="case_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="case_state_is_known"),
            models.CheckConstraint(condition=Q(verdict__in=["", *Verdict.values]), name="case_verdict_is_known"),
            models.UniqueConstraint(
                fields=["group_number"],
                condition=~Q(state__in=[CaseState.CLOSED, CaseState.MERGED]),
                name="case_one_standing_for_a_group",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.MERGED, merged_into__isnull=False, taken_by__isnull=True)
                & Q(merged_into__lt=F("id"))
                | ~Q(state=CaseState.MERGED) & Q(merged_into__isnull=True),
                name="case_merged_into_an_older",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_until__isnull=True)
                | Q(taken_by__isnull=False, taken_until__isnull=False),
                name="case_taken_by_somebody_until",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED, closed_at__isnull=False, closed_by__isnull=False) & ~Q(verdict="")
                | ~Q(state=CaseState.CLOSED) & Q(closed_at__isnull=True, closed_by__isnull=True, verdict=""),
                name="case_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind=CaseKind.STAFF, agent_id__isnull=False)
                | ~Q(kind=CaseKind.STAFF) & Q(agent_id__isnull=True),
                name="case_of_staff_names_the_agent",
            ),
            # Nobody decides about their own bookings for others.
            models.CheckConstraint(
                condition=Q(agent_id__isnull=True) | Q(closed_by__isnull=True) | ~Q(closed_by=F("agent_id")),
                name="case_of_staff_closed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"

    @property
    def is_over(self) -> bool:
        """Nobody decides in it any more: it is decided, or part of another case."""
        return self.state in (CaseState.CLOSED, CaseState.MERGED)

    @property
    def is_closed(self) -> bool:
        return self.state == CaseState.CLOSED

    def is_with(self, user_id: int, *, now: datetime) -> bool:
        """Whether this person has it in hand."""
        return self.taken_by_id == user_id and self.taken_until is not None and self.taken_until > now


class CaseAccount(models.Model):
    """A booker of the case, since ``added_at``."""

    pk = models.CompositePrimaryKey("case", "account")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"account {self.account_id} of case {self.case_id}"


class Standing(models.TextChoices):
    """How an appointment stands in its case."""

    FLAGGED = "flagged", _("suspected")
    ASKED = "asked", _("asked to confirm")
    VALIDATED = "validated", _("confirmed")
    WINDOW = "window", _("shows ID at the window")
    KEPT = "kept", _("kept")
    CANCELLED = "cancelled", _("cancelled")
    RESTORED = "restored", _("given back after an appeal")


class CaseAppointment(models.Model):
    """An appointment that stands in the case since ``flagged_at``."""

    pk = models.CompositePrimaryKey("case", "appointment")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="appointments", db_index=False)
    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="+")
    flagged_at = models.DateTimeField()
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.FLAGGED)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="case_appointment_standing_is_known")
        ]

    def __str__(self) -> str:
        return f"appointment {self.appointment_id} of case {self.case_id}"


class CaseEvent(models.Model):
    """What happened in a case, append-only. ``actor`` is null for a machine; ``detail`` holds ids and codes."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} in case {self.case_id}"


class CaseAssessment(models.Model):
    """The score at one moment, with all that is needed to compute it again: for the line of scores over time."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assessments")
    at = models.DateTimeField()
    ruleset = models.IntegerField()
    score = models.FloatField()
    reasons = models.JSONField()
    facts = models.JSONField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.score} bits in case {self.case_id}"
