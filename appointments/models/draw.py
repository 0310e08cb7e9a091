"""Applications to draws: who wants what, and what they won."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.enums import LARGEST_FAMILY, Channel
from appointments.models.applicant import Applicant
from appointments.models.hold import time_ordered_id
from consulates.models import Procedure, Release

HIGHEST_WEIGHT = 3


class DaysWanted(models.TextChoices):
    ANY = "any", _("Any day")
    WEEKEND = "weekend", _("Only Saturday or Sunday")
    CHOSEN = "chosen", _("Only the days that I choose")


class HalfWanted(models.TextChoices):
    ANY = "any", _("At any hour")
    MORNING = "am", _("In the morning, before 12")
    AFTERNOON = "pm", _("From 12 on")


class DrawApplicationQuerySet(models.QuerySet):
    def standing(self) -> "DrawApplicationQuerySet":
        return self.filter(withdrawn_at=None)

    def for_pages(self) -> "DrawApplicationQuerySet":
        found = self.select_related("release", "procedure", "win__session__consulate")
        return found.prefetch_related("people__applicant")


class DrawApplication(models.Model):
    """One person or family asks for ``party`` seats of a release, all together or none.

    ``code`` is the ticket: random, and all that the public folder says of who they are. ``office_ids`` are those that
    suit, the best first; ``days_wanted``, ``chosen_days`` and ``half_wanted`` say when, ``sooner_first`` that a sooner
    day counts more than a better office. ``email_key`` and ``phone_key`` are those of appointments/scopes.py (a
    caller's stated phone too). ``place`` is theirs in the drawn order, ``wish_key`` the same for all who were sealed
    with the same wishes. ``weight`` grows with ``carried_from``, which lost; ``carries_on_at`` asks to be put into
    the next draw.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="applications", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="draw_applications")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=20, unique=True)
    email_key = models.BinaryField(max_length=32, null=True)
    phone_key = models.BinaryField(max_length=32, null=True)
    party = models.SmallIntegerField()
    weight = models.SmallIntegerField(default=1)
    office_ids = ArrayField(models.BigIntegerField())
    days_wanted = models.CharField(max_length=8, choices=DaysWanted.choices, default=DaysWanted.ANY)
    chosen_days = ArrayField(models.DateField(), default=list)
    half_wanted = models.CharField(max_length=3, choices=HalfWanted.choices, default=HalfWanted.ANY)
    sooner_first = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    agent_id = models.BigIntegerField(null=True)
    call_reference = models.CharField(max_length=40, blank=True)
    applied_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    wish_key = models.BinaryField(max_length=32, null=True)
    place = models.PositiveIntegerField(null=True)
    carried_from = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="carried_to", db_constraint=True
    )
    carries_on_at = models.DateTimeField(null=True)

    objects = DrawApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["release", "place"], name="draw_application_in_order"),
            models.Index(fields=["release", "wish_key"], name="draw_application_same_wishes"),
            models.Index(
                fields=["carries_on_at"], name="draw_application_carries_on", condition=Q(carries_on_at__isnull=False)
            ),
        ]
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=["release", field], condition=Q(withdrawn_at=None), name=f"draw_application_once_{whose}"
                )
                for field, whose in [
                    ("account", "of_an_account"),
                    ("email_key", "of_a_mailbox"),
                    ("phone_key", "of_a_phone"),
                ]
            ),
            models.CheckConstraint(
                condition=Q(party__range=(1, LARGEST_FAMILY)), name="draw_application_of_one_to_eight"
            ),
            models.CheckConstraint(
                condition=Q(weight=1) | Q(weight__range=(2, HIGHEST_WEIGHT), carried_from__isnull=False),
                name="draw_application_weighs_more_after_a_loss",
            ),
            models.CheckConstraint(
                condition=Q(office_ids__len__gte=1) & Q(days_wanted__in=DaysWanted.values),
                name="draw_application_says_where_and_when",
            ),
            models.CheckConstraint(
                condition=Q(days_wanted=DaysWanted.CHOSEN, chosen_days__len__gte=1)
                | (~Q(days_wanted=DaysWanted.CHOSEN) & Q(chosen_days=[])),
                name="draw_application_chosen_days_are_named",
            ),
        ]

    def __str__(self) -> str:
        return f"application {self.pk}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class DrawPerson(models.Model):
    """Somebody of an application: the principal of its ``seat``. Gone as soon as the application is withdrawn.

    ``release`` and ``procedure_group`` repeat the application's, for the constraint; ``identity_hash`` is who it was
    when they applied, whatever becomes of the saved person.
    """

    application = models.ForeignKey(DrawApplication, on_delete=models.CASCADE, related_name="people", db_index=False)
    seat = models.SmallIntegerField()
    applicant = models.ForeignKey(Applicant, null=True, on_delete=models.SET_NULL, related_name="+")
    identity_hash = models.BinaryField(max_length=32)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+", db_index=False)
    procedure_group = models.CharField(max_length=50)

    objects = models.Manager()

    class Meta:
        ordering = ["application", "seat"]
        indexes = [models.Index(fields=["release", "identity_hash"], name="draw_person_by_identity")]
        constraints = [
            models.UniqueConstraint(fields=["application", "seat"], name="draw_person_a_seat_each"),
            models.UniqueConstraint(
                fields=["release", "procedure_group", "applicant"], name="draw_person_in_one_application"
            ),
            models.CheckConstraint(condition=Q(seat__range=(1, LARGEST_FAMILY)), name="draw_person_seat_of_eight"),
        ]

    def __str__(self) -> str:
        return f"person {self.seat} of {self.application_id}"


class DrawWinQuerySet(models.QuerySet):
    def open(self, *, now: datetime) -> "DrawWinQuerySet":
        """To be accepted or declined."""
        return self.filter(outcome="", expires_at__gt=now)


class DrawWin(models.Model):
    """What an application won, once: ``hold_id`` keeps the seats for it until ``expires_at``, whatever a task does.

    ``number`` is the allotment (1 is the draw itself) and ``session``, ``half`` the lot. ``outcome`` is written when it
    is known, for the figures; whether it was accepted is read where it is true, in the appointments of that party.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("not answered in time")

    application = models.OneToOneField(DrawApplication, on_delete=models.PROTECT, primary_key=True, related_name="win")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="wins", db_index=False)
    number = models.PositiveSmallIntegerField()
    session = models.ForeignKey("consulates.Session", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    half = models.CharField(max_length=10)
    hold_id = models.UUIDField(unique=True)
    won_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    objects = DrawWinQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["release", "number"], name="draw_win_by_allotment"),
            models.Index(fields=["expires_at"], name="draw_win_to_settle", condition=Q(outcome="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("won_at")), name="draw_win_ends"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None)
                | Q(outcome__in=["accepted", "declined", "lapsed"], settled_at__isnull=False),
                name="draw_win_settled_with_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"win of {self.application_id}"


class DrawProgress(models.Model):
    """How far the draw of a release has come, so that whoever goes on knows: applications that were sealed, seats that
    were drawn, when the order stood, when the first allotment was done and told, and when to look for free seats again.
    """

    release = models.OneToOneField(Release, on_delete=models.PROTECT, primary_key=True, related_name="draw_progress")
    applications = models.PositiveIntegerField(default=0)
    seats = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True)
    allotted_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"draw of {self.release_id}"
