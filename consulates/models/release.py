"""Releases: batches of sessions that become bookable at an announced moment, and how."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .gate import Gate
from .procedure import Procedure


class ReleaseState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    CANCELLED = "cancelled", _("Cancelled")


class ReleaseQuerySet(models.QuerySet):
    def announced(self, *, now: datetime) -> "ReleaseQuerySet":
        """That the public knows of, and that nobody has cancelled."""
        return self.filter(state=ReleaseState.ANNOUNCED, announced_at__lte=now)

    def for_public(self, *, now: datetime) -> "ReleaseQuerySet":
        """That the public may read about: a release that was announced and then cancelled says so."""
        return self.filter(announced_at__lte=now)

    def to_come(self, *, now: datetime) -> "ReleaseQuerySet":
        return self.announced(now=now).filter(opens_at__gt=now)


class Release(models.Model):
    """An apertura. What it releases are the sessions that name it; when, in each office, stands in ReleaseOffice.

    ``opens_at`` is the earliest of the offices' moments; in a queue or draw they are one. People join a queue or apply
    to a draw from ``joins_from`` until ``opens_at``; what is left is anybody's from ``opens_to_all_at``.
    ``phone_share`` percent of the public seats are the telephone's until ``phone_until``. Copies of the moments stand
    on the slots, where the claim judges them. An announced release is not edited, only cancelled before it opens.
    """

    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    mode = models.TextField(choices=Gate.choices, default=Gate.OPEN)
    state = models.CharField(max_length=10, choices=ReleaseState.choices, default=ReleaseState.DRAFT)
    procedures = models.ManyToManyField(Procedure, related_name="releases")
    consulates = models.ManyToManyField(Consulate, through="ReleaseOffice", related_name="releases")
    announced_at = models.DateTimeField(null=True, blank=True)
    joins_from = models.DateTimeField(null=True, blank=True)
    opens_at = models.DateTimeField()
    opens_to_all_at = models.DateTimeField(null=True, blank=True)
    phone_share = models.PositiveSmallIntegerField(default=0)
    phone_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    cancel_reason = models.TextField(blank=True)
    cancel_reason_en = models.TextField(blank=True, default="", db_default="")
    # When the places that callers took were last counted (appointments/phone/share.py).
    phone_counted_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["opens_at", "id"]
        indexes = [models.Index(fields=["opens_at"], name="release_opening")]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=Gate.values), name="release_mode_is_known"),
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="release_state_is_known"),
            models.CheckConstraint(
                condition=Q(mode="open", joins_from=None, opens_to_all_at=None)
                | (~Q(mode="open") & Q(joins_from__lt=F("opens_at"), opens_to_all_at__gt=F("opens_at"))),
                name="release_is_joined_then_opens_then_is_anybodys",
                violation_error_message=_("People join before the opening; what is left opens to all after it."),
            ),
            models.CheckConstraint(
                condition=Q(phone_share=0, phone_until=None)
                | Q(phone_share__range=(1, 50), phone_until__gt=F("opens_at")),
                name="release_phone_share_ends",
                violation_error_message=_(
                    "At most half of the places are kept for the telephone, until a moment after the opening."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at=None, announced_at=None)
                | (~Q(state="draft") & Q(approved_at__isnull=False, announced_at__lt=F("opens_at"))),
                name="release_announced_once_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, made_by=None, approved_by__isnull=False)
                | Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("made_by")),
                name="release_approved_by_another_person",
                violation_error_message=_("A second person approves a release."),
            ),
            models.CheckConstraint(
                condition=(~Q(state="cancelled") & Q(cancelled_at=None, cancelled_by=None, cancel_reason=""))
                | (
                    Q(state="cancelled", cancelled_at__lt=F("opens_at"), cancelled_by__isnull=False)
                    & ~Q(cancel_reason="")
                ),
                name="release_cancelled_before_it_opens_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """In the reader's language, where somebody wrote it in both."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    @property
    def shown_reason(self) -> str:
        """Why it was cancelled, in the reader's language; what was cancelled long ago has it in Spanish alone."""
        is_english = (get_language() or "").startswith("en")
        return self.cancel_reason_en if self.cancel_reason_en and is_english else self.cancel_reason

    def is_public(self, *, now: datetime) -> bool:
        return self.state == ReleaseState.ANNOUNCED and self.announced_at is not None and self.announced_at <= now

    def can_be_joined(self, *, now: datetime) -> bool:
        return self.is_public(now=now) and self.joins_from is not None and self.joins_from <= now < self.opens_at

    def is_gated(self, *, now: datetime) -> bool:
        """Opened, and not yet anybody's."""
        return (
            self.is_public(now=now) and self.opens_to_all_at is not None and self.opens_at <= now < self.opens_to_all_at
        )


class ReleaseOffice(models.Model):
    """One office of a release, and the moment at which it opens there."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="offices", db_index=False)
    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField()
    # What was announced: places for the public, those of them for callers, and the days of the appointments.
    seats = models.PositiveIntegerField(default=0)
    phone_seats = models.PositiveIntegerField(default=0)
    # Of them, those that callers have taken; None until the share was counted once.
    phone_taken = models.PositiveIntegerField(null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        ordering = ["opens_at", "consulate_id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "consulate"], name="release_names_an_office_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} in {self.consulate_id}"
