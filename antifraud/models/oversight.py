"""What watches over the watching: rule sets with their rehearsals, reports of charges, monthly random looks."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.case import Case
from appointments.models.hold import time_ordered_id
from mexitel.utils.crypto import EncryptedTextField

LEAST_DAYS = 14
# A rehearsal that has not ended by then died with its worker, and is begun again.
REHEARSED_WITHIN = timedelta(hours=2)
LEAST_GRADE, HIGHEST_GRADE = 3, 6
SAMPLE = 200


class RuleSetState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RuleSetQuerySet(models.QuerySet):
    def published(self) -> "RuleSetQuerySet":
        return self.filter(state=RuleSetState.PUBLISHED)

    def in_force(self, *, now: datetime) -> "RuleSetQuerySet":
        """The one in force comes first; then what was in force before."""
        return self.published().filter(in_force_from__lte=now).order_by("-in_force_from", "-number")


class RuleSetRecord(models.Model):
    """A rule set as data (the shape of antifraud/data/ruleset-1.json) and who stands for it.

    A draft is its author's to change. Published, it never changes: a trigger refuses it, and a second person agreed to
    exactly the ``digest`` that was rehearsed. Number 1 came with the code and has neither author nor rehearsal.
    """

    number = models.IntegerField(unique=True)
    data = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.TextField()
    state = models.CharField(max_length=10, choices=RuleSetState.choices, default=RuleSetState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    rehearsal = models.OneToOneField(
        "antifraud.Rehearsal", null=True, on_delete=models.PROTECT, related_name="published"
    )
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    in_force_from = models.DateTimeField(null=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RuleSetState.values), name="ruleset_state_is_known"),
            models.CheckConstraint(condition=~Q(note=""), name="ruleset_says_why"),
            models.CheckConstraint(condition=Q(number=1) | Q(author__isnull=False), name="ruleset_has_an_author"),
            models.CheckConstraint(
                condition=Q(
                    state=RuleSetState.PUBLISHED, published_at__isnull=False, in_force_from__gte=F("published_at")
                )
                | ~Q(state=RuleSetState.PUBLISHED) & Q(published_at__isnull=True, in_force_from__isnull=True),
                name="ruleset_published_from_a_moment_on",
            ),
            models.CheckConstraint(
                condition=~Q(state=RuleSetState.PUBLISHED)
                | Q(number=1)
                | Q(approver__isnull=False, rehearsal__isnull=False),
                name="ruleset_published_after_a_rehearsal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")), name="ruleset_by_two_different_people"
            ),
        ]

    def __str__(self) -> str:
        return f"rule set {self.number}"


class RehearsalState(models.TextChoices):
    WAITING = "waiting", _("waits for its turn")
    RUNNING = "running", _("is running")
    DONE = "done", _("has ended")
    FAILED = "failed", _("could not be done")


class RehearsalQuerySet(models.QuerySet):
    def to_run(self, *, now: datetime) -> "RehearsalQuerySet":
        died = Q(state=RehearsalState.RUNNING, started_at__lte=now - REHEARSED_WITHIN)
        return self.filter(Q(state=RehearsalState.WAITING) | died).order_by("asked_at")


class Rehearsal(models.Model):
    """``ruleset``, as it was when its ``digest`` was taken, over the last ``days`` of history, beside set ``against``.

    ``numbers`` says whom it would newly hit and no longer hit (antifraud/oversight/comparing.py); ``rows`` is a list of
    {account, way, appointments, reasons} for the page, without anything that names a person.
    """

    ruleset = models.ForeignKey(RuleSetRecord, on_delete=models.CASCADE, related_name="rehearsals")
    digest = models.CharField(max_length=64)
    against = models.IntegerField()
    days = models.IntegerField()
    state = models.CharField(max_length=10, choices=RehearsalState.choices, default=RehearsalState.WAITING)
    numbers = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RehearsalState.values), name="rehearsal_state_is_known"),
            models.CheckConstraint(condition=Q(days__gte=LEAST_DAYS), name="rehearsal_of_two_weeks"),
            models.CheckConstraint(
                condition=Q(state__in=[RehearsalState.DONE, RehearsalState.FAILED], ended_at__isnull=False)
                | Q(state__in=[RehearsalState.WAITING, RehearsalState.RUNNING], ended_at__isnull=True),
                name="rehearsal_ends_once",
            ),
            models.UniqueConstraint(
                fields=["ruleset"],
                condition=Q(state__in=[RehearsalState.WAITING, RehearsalState.RUNNING]),
                name="rehearsal_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal {self.pk} of rule set {self.ruleset_id}"


class Advert(models.TextChoices):
    """Where somebody offered the appointment."""

    FACEBOOK = "facebook", _("Facebook")
    WHATSAPP = "whatsapp", _("WhatsApp or text message")
    PAGE = "page", _("A web page")
    STREET = "street", _("On the street or in a shop")
    OFFICE = "office", _("At the door of an office, or inside")
    OTHER = "other", _("Another way")


class ReportSource(models.TextChoices):
    PAGE = "page", _("public page")
    VALIDATION = "validation", _("answer to our question")


class ReportState(models.TextChoices):
    NEW = "new", _("new")
    LINKED = "linked", _("belongs to a case")
    NOTHING = "nothing", _("nothing to follow")


class ChargeReport(models.Model):
    """Somebody says that they were charged for an appointment. It scores nobody: a reviewer reads it.

    ``contact`` (of whoever charged) and ``words`` are sealed; ``contact_key`` is the keyed hash by which reports about
    one contact are counted. ``appointment_id`` is the one that they named, where there is one of that reference.
    ``grade``: bits that the reviewer thinks it worth, for colleagues who read the case.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    source = models.CharField(max_length=10, choices=ReportSource.choices)
    how = models.CharField(max_length=10, choices=Advert.choices, blank=True)
    dollars = models.DecimalField(
        max_digits=7, decimal_places=2, null=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(20_000))],
    )  # fmt: skip
    contact = EncryptedTextField(blank=True)
    contact_key = models.BinaryField(max_length=32, null=True)
    words = EncryptedTextField(blank=True)
    consulate = models.ForeignKey(
        "consulates.Consulate", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    appointment_id = models.UUIDField(null=True)
    filed_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.NEW)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="reports")
    grade = models.SmallIntegerField(null=True)
    note = models.TextField(blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "filed_at"], name="report_work_list"),
            models.Index(fields=["contact_key"], name="report_by_contact", condition=Q(contact_key__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=ReportSource.values), name="report_source_is_known"),
            models.CheckConstraint(condition=Q(how__in=["", *Advert.values]), name="report_advert_is_known"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="report_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ReportState.LINKED, case__isnull=False, grade__isnull=False)
                | ~Q(state=ReportState.LINKED) & Q(case__isnull=True, grade__isnull=True),
                name="report_linked_to_a_case_with_a_grade",
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__range=(LEAST_GRADE, HIGHEST_GRADE)),
                name="report_grade_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.NEW, closed_by__isnull=True, closed_at__isnull=True, note="")
                | ~Q(state=ReportState.NEW) & Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(note=""),
                name="report_closed_by_somebody_who_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class AuditDraw(models.Model):
    """The random look of one month: ``case_ids`` are of appointments booked in it that stood in no case.

    ``seed`` draws the same ones again from the same ``population``; with the verdicts it says how much is missed.
    """

    month = models.DateField(unique=True)
    seed = models.BigIntegerField()
    population = models.IntegerField()
    case_ids = ArrayField(models.BigIntegerField(), default=list)
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="audit_draw_of_a_whole_month"),
        ]

    def __str__(self) -> str:
        return f"sample of {self.month:%Y-%m}"
