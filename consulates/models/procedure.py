from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class ProcedureCategory(models.TextChoices):
    DOCUMENTATION = "documentation", _("Passports and identity")
    CIVIL_REGISTRY = "civil_registry", _("Civil registry")
    NOTARIAL = "notarial", _("Notarial acts")
    CERTIFICATES = "certificates", _("Certificates")
    VISAS = "visas", _("Visas")
    EMERGENCY = "emergency", _("Emergencies")
    PROTECTION = "protection", _("Protection")


class BookingWay(models.TextChoices):
    CENTRAL = "central", _("With an appointment made here")
    OFFICE = "office", _("Ask your consulate")
    WALK_IN = "walk_in", _("Without an appointment")
    VARIES = "varies", _("Depends on the consulate")


class ProcedureQuerySet(models.QuerySet):
    def bookable(self) -> "ProcedureQuerySet":
        """The procedures that this portal gives appointments for."""
        return self.filter(booking=BookingWay.CENTRAL)


class Procedure(models.Model):
    """A trámite. Ages are completed years on the day of the appointment, both ends included; null is any age.

    ``group`` names procedures of which a person may hold one at a time (first passport and renewal are one).
    ``requires`` and ``companions`` hold codes; consulates/requirements.py has their sentences.
    """

    code = models.SlugField(max_length=40, unique=True)
    name_es = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    category = models.CharField(max_length=20, choices=ProcedureCategory.choices)
    booking = models.CharField(max_length=10, choices=BookingWay.choices)
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    min_applicants = models.PositiveSmallIntegerField(default=1)
    max_applicants = models.PositiveSmallIntegerField(default=1)
    companions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    group = models.SlugField(max_length=40, db_index=False)
    requires = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    fee_usd = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    fee_year = models.PositiveSmallIntegerField(null=True, blank=True)
    fee_source = models.URLField(max_length=300, blank=True)
    fee_note = models.TextField(blank=True)
    how_to = models.CharField(max_length=40, blank=True)
    source = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    reference = models.JSONField(default=dict, blank=True, editable=False)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(booking__in=BookingWay.values), name="consulates_procedure_booking_is_known"
            ),
            models.CheckConstraint(
                condition=Q(category__in=ProcedureCategory.values),
                name="consulates_procedure_category_is_known",
            ),
            models.CheckConstraint(
                condition=Q(min_applicants__gte=1)
                & Q(max_applicants__gte=F("min_applicants"))
                & Q(max_applicants__lte=4),
                name="consulates_procedure_one_to_four_applicants",
                violation_error_message=_("One to four people attend one appointment."),
            ),
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(max_age__gte=F("min_age")),
                name="consulates_procedure_ages_in_order",
                violation_error_message=_("The highest age is not below the lowest."),
            ),
            models.CheckConstraint(
                condition=Q(fee_usd=None) | Q(fee_usd__gte=0, fee_year__isnull=False),
                name="consulates_procedure_fee_has_its_year",
                violation_error_message=_("A fee is stored with its year."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_es

    def get_absolute_url(self) -> str:
        return reverse("procedure", args=[self.code])

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "es").startswith("en") else self.name_es

    @property
    def is_bookable(self) -> bool:
        return self.booking == BookingWay.CENTRAL

    def allows_age(self, years: int) -> bool:
        return (self.min_age is None or years >= self.min_age) and (self.max_age is None or years <= self.max_age)
