"""How a cancellation by a reviewer is made good: a right to a place before others, and a second, blind look."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.case import Case, Verdict
from antifraud.models.decision import Decision
from appointments.models.hold import time_ordered_id

# How long somebody may ask for a review, and use the token once it is ready.
APPEAL_WITHIN = timedelta(days=30)
TOKEN_LASTS = timedelta(days=14)
# Birth dates that somebody may try before the token needs a person.
MOST_TRIES = 5
# One closed case in twenty is looked at again: the lots below this of LOTS.
LOTS = 10_000
DRAWN = 500


class ReadyWhy(models.TextChoices):
    """What makes a token good: nobody who hoards gets a place out of a cancellation."""

    APPEAL = "appeal", _("a review found that the cancellation was a mistake")
    IDENTITY = "identity", _("who attends showed that the appointment is theirs")


class TokenQuerySet(models.QuerySet):
    def usable(self, *, now: datetime) -> "TokenQuerySet":
        return self.filter(ready_at__isnull=False, used_at=None, expires_at__gt=now)


class PriorityToken(models.Model):
    """Of one appointment that a reviewer cancelled: one booking for the same person, before others.

    Links to it are made from ``id`` and a keyed hash (antifraud/redress/links.py); nothing of them is stored.
    ``account`` had booked. It is good once ``ready_at`` is set, for ``holder`` alone: the booker after an appeal, or
    who attends, in an account of their own. Used once, ``used_for`` an appointment of the same person.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="tokens", db_index=False)
    appointment = models.OneToOneField(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="priority_token"
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    procedure = models.ForeignKey("consulates.Procedure", on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    ready_why = models.CharField(max_length=10, choices=ReadyWhy.choices, blank=True)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(null=True)
    used_for = models.OneToOneField("appointments.Appointment", null=True, on_delete=models.CASCADE, related_name="+")

    objects = TokenQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["decision", "account"], name="token_by_decision")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_has_an_end"),
            models.CheckConstraint(condition=Q(tries__range=(0, MOST_TRIES)), name="token_is_not_guessed"),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True, ready_why="", holder__isnull=True)
                | Q(ready_at__isnull=False, ready_why__in=ReadyWhy.values, holder__isnull=False),
                name="token_ready_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_for__isnull=True)
                | Q(used_at__isnull=False, used_for__isnull=False, ready_at__isnull=False),
                name="token_used_once_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.pk}"

    @property
    def appeal_until(self) -> datetime:
        return self.created_at + APPEAL_WITHIN

    def is_usable(self, *, now: datetime) -> bool:
        return self.ready_at is not None and self.used_at is None and self.expires_at > now


class SecondLookQuerySet(models.QuerySet):
    def drawn(self) -> "SecondLookQuerySet":
        return self.filter(lot__lt=DRAWN)

    def waiting(self) -> "SecondLookQuerySet":
        """Drawn, and nobody has looked again; the oldest first."""
        return self.drawn().filter(second_at=None).order_by("drawn_at", "pk")

    def differing(self) -> "SecondLookQuerySet":
        """Two people see it differently and no senior reviewer has said anything."""
        differs = ~Q(second_verdict=F("first_verdict"))
        return self.filter(differs, second_at__isnull=False, senior_at=None).order_by("second_at", "pk")


class SecondLook(models.Model):
    """The lot of a closed case. Those below DRAWN are shown to another reviewer, who is not told the first verdict.

    Every closed case draws once, so that nobody draws again until the lot is right. When the two differ, a senior
    reviewer sees both; until then nothing changes for anybody.
    """

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="second_look")
    drawn_at = models.DateTimeField()
    lot = models.SmallIntegerField()
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_verdict = models.CharField(max_length=10, choices=Verdict.choices)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    second_verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    second_note = models.TextField(blank=True)
    second_at = models.DateTimeField(null=True)
    senior = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    senior_verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    senior_note = models.TextField(blank=True)
    senior_at = models.DateTimeField(null=True)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drawn_at"], name="second_look_drawn", condition=Q(lot__lt=DRAWN))]
        constraints = [
            models.CheckConstraint(condition=Q(lot__range=(0, LOTS - 1)), name="second_look_lot_in_range"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True, second_at__isnull=True, second_verdict="", second_note="")
                | Q(second_by__isnull=False, second_at__isnull=False, second_verdict__in=Verdict.values)
                & ~Q(second_note="")
                & ~Q(second_by=F("first_by")),
                name="second_look_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(senior__isnull=True, senior_at__isnull=True, senior_verdict="", senior_note="")
                | Q(senior__isnull=False, senior_at__isnull=False, senior_verdict__in=Verdict.values)
                & ~Q(senior_note="")
                & Q(second_at__isnull=False)
                & ~Q(senior=F("first_by"))
                & ~Q(senior=F("second_by")),
                name="second_look_settled_by_a_third_person",
            ),
        ]

    def __str__(self) -> str:
        return f"second look at case {self.case_id}"

    @property
    def agrees(self) -> bool:
        return self.second_verdict == self.first_verdict
