"""Campaigns: one weekend in all offices, each of which confirms its hours in its own zone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .procedure import Procedure
from .session import Session
from .staff_rows import staff_rows


class Campaign(models.Model):
    """``saturday`` is the weekend's Saturday, whichever of the two days is worked. Hours are the offices' wall time."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    saturday = models.DateField()
    on_saturday = models.BooleanField(default=True)
    on_sunday = models.BooleanField(default=False)
    opens_local = models.TimeField()
    closes_local = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField()
    procedures = models.ManyToManyField(Procedure, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = models.Manager()

    class Meta:
        ordering = ["-saturday", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["saturday"],
                name="consulates_campaign_once_a_weekend",
                violation_error_message=_("That weekend already has a campaign."),
            ),
            models.CheckConstraint(
                condition=Q(saturday__iso_week_day=6),
                name="consulates_campaign_saturday_is_one",
                violation_error_message=_("That day is not a Saturday."),
            ),
            models.CheckConstraint(
                condition=Q(on_saturday=True) | Q(on_sunday=True),
                name="consulates_campaign_has_a_day",
                violation_error_message=_("Choose Saturday, Sunday or both."),
            ),
            models.CheckConstraint(
                condition=Q(closes_local__gt=F("opens_local")),
                name="consulates_campaign_closes_after_opening",
                violation_error_message=_("The offices close after they open."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.TextChoices):
    PROPOSED = "proposed", _("Waiting for the office")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    PUBLISHED = "published", _("Published")


class CampaignOffice(models.Model):
    """What one office answered, who and when. ``version`` counts answers: a form that saw an older one is refused."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="offices", db_index=False)
    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="campaigns")
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.PROPOSED)
    version = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sessions = models.ManyToManyField(Session, through="CampaignSession", related_name="campaign_offices")

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["consulate__state", "consulate__city"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "consulate"], name="consulates_campaign_office_asked_once"),
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values), name="consulates_campaign_office_answer_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answer="proposed", answered_at=None)
                | (~Q(answer="proposed") & Q(answered_at__isnull=False)),
                name="consulates_campaign_office_answer_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(answer="declined") & ~Q(reason="") | ~Q(answer="declined") & Q(reason=""),
                name="consulates_campaign_office_declines_with_a_reason",
                violation_error_message=_("Say why the office cannot take part."),
            ),
            models.CheckConstraint(
                condition=Q(answer="published", published_at__isnull=False)
                | (~Q(answer="published") & Q(published_at=None)),
                name="consulates_campaign_office_published_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.consulate_id}: {self.answer}"


class CampaignSession(models.Model):
    """One day of an office in a campaign. ``own``: the campaign made the session; else the office had it already."""

    office = models.ForeignKey(CampaignOffice, on_delete=models.CASCADE, related_name="days")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="campaign_session")
    own = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.office_id}: {self.session_id}"
