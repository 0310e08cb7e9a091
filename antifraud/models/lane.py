"""What lets people on: a step that a booker has taken, a registered helper, a device that stands for many people."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mexitel.utils.crypto import EncryptedTextField

MOST_DEVICES = 30


class StepKind(models.TextChoices):
    WORK = "work", _("a little work of the device")
    CODE = "code", _("a code by phone")


class Step(models.Model):
    """``account`` took a step that is good until ``until``. ``mark`` is the challenge it solved: each counts once."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=StepKind.choices)
    mark = models.BinaryField(max_length=32, null=True)
    taken_at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["account", "kind", "until"], name="step_of_account")]
        constraints = [
            models.UniqueConstraint(fields=["mark"], name="step_solution_counts_once"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_kind_is_known"),
            models.CheckConstraint(condition=Q(until__gt=F("taken_at")), name="step_ends"),
            models.CheckConstraint(
                condition=~Q(kind=StepKind.WORK) | Q(mark__isnull=False), name="step_of_work_names_its_challenge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of account {self.account_id}"


class HelperState(models.TextChoices):
    ASKED = "asked", _("waits for an answer")
    CONFIRMED = "confirmed", _("registered")
    REFUSED = "refused", _("not registered")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LEFT = "left", _("left")


class HelperQuerySet(models.QuerySet):
    def waiting(self) -> "HelperQuerySet":
        return self.filter(state=HelperState.ASKED).order_by("asked_at", "pk")

    def standing(self, *, now: datetime) -> "HelperQuerySet":
        """Registered today; the clock is judged here."""
        return self.filter(state=HelperState.CONFIRMED, until__gt=now)


class Helper(models.Model):
    """Somebody who books for others and charges nothing, with a cap of 15 until ``until``.

    ``name`` is what those whom they help read. ``why`` is the reviewer's reason, read by the person as well.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = EncryptedTextField()
    organisation = EncryptedTextField(blank=True, default="")
    place = EncryptedTextField()
    pledged_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=HelperState.choices, default=HelperState.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    override = models.OneToOneField("appointments.CapOverride", null=True, on_delete=models.PROTECT, related_name="+")

    objects = HelperQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "asked_at"], name="helper_work_list")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HelperState.values), name="helper_state_is_known"),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=[HelperState.ASKED, HelperState.CONFIRMED]),
                name="helper_one_standing_for_an_account",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[HelperState.CONFIRMED, HelperState.REFUSED, HelperState.WITHDRAWN])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(why="") & ~Q(decided_by=F("account")),
                name="helper_decided_by_another_who_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=HelperState.CONFIRMED)
                | Q(until__gt=F("decided_at"), override__isnull=False, until__isnull=False),
                name="helper_registered_until",
            ),
        ]

    def __str__(self) -> str:
        return f"helper {self.pk}"

    def stands(self, *, now: datetime) -> bool:
        """Whether it waits, or is in force."""
        if self.state == HelperState.CONFIRMED:
            return self.until is not None and self.until > now
        return self.state == HelperState.ASKED

    @property
    def shown_name(self) -> str:
        return f"{self.name} ({self.organisation})" if self.organisation else self.name


class LaneKind(models.TextChoices):
    DRIVE = "drive", _("help day")
    TERMINAL = "terminal", _("public computer")


class LaneQuerySet(models.QuerySet):
    def standing(self, *, now: datetime) -> "LaneQuerySet":
        return self.filter(ended_at__isnull=True, ends_at__gt=now)


class Lane(models.Model):
    """Devices that many people book on: those of a help day, or a computer in a library. They join by typing ``code``
    until ``code_until``; from ``starts_at`` to ``ends_at`` a booking on them asks for no step because of the device.
    """

    kind = models.CharField(max_length=8, choices=LaneKind.choices)
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=120)
    organisation = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=8)
    code_until = models.DateTimeField()
    most_devices = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_why = models.CharField(max_length=300, blank=True)

    objects = LaneQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["consulate", "-ends_at"], name="lane_of_office")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LaneKind.values), name="lane_kind_is_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="lane_ends"),
            models.CheckConstraint(condition=Q(most_devices__range=(1, MOST_DEVICES)), name="lane_devices_in_range"),
            models.UniqueConstraint(fields=["code"], condition=Q(ended_at__isnull=True), name="lane_code_names_one"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why=""),
                name="lane_ended_by_somebody_who_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LaneDevice(models.Model):
    """A browser that joined: its keyed cookie, nothing else of it. ``number`` from 1 to the lane's most."""

    pk = models.CompositePrimaryKey("lane", "number")
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="devices", db_index=False)
    number = models.SmallIntegerField()
    device = models.CharField(max_length=64, db_index=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "device"], name="lane_device_joins_once")]

    def __str__(self) -> str:
        return f"device {self.number} of lane {self.lane_id}"
