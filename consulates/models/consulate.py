from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consulates.calendars import UnknownTimeZone, zone


def validate_time_zone(name: str) -> None:
    try:
        zone(name)
    except UnknownTimeZone as error:
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name}) from error


class ConsulateKind(models.TextChoices):
    CONSULATE = "consulate", _("Consulate")
    CONSULATE_GENERAL = "consulate_general", _("Consulate general")
    CONSULAR_SECTION = "consular_section", _("Consular section of the embassy")


class AddressBasis(models.TextChoices):
    VERIFIED = "verified", _("Read on a page of its own")
    PARTIAL = "partial", _("Read in part")
    UNVERIFIED = "unverified", _("Not verified")


class ConsulateQuerySet(models.QuerySet):
    def working_on(self, day: date) -> "ConsulateQuerySet":
        """Offices that serve the public on ``day``: opened by then, and not closed yet."""
        opened = Q(opened_on=None) | Q(opened_on__lte=day)
        return self.real().filter(opened, Q(closed_on=None) | Q(closed_on__gt=day))

    def real(self) -> "ConsulateQuerySet":
        """Without the office in which staff practise."""
        return self.filter(is_practice=False)


class Consulate(models.Model):
    """One of the offices of the network. It may open, move, be renamed and close without losing its history.

    Sessions keep the place where they are held, so that an office that moves does not move its past.
    """

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=ConsulateKind.choices)
    name_es = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    street_address = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    time_zone = models.CharField(max_length=40, validators=[validate_time_zone])
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    address_basis = models.CharField(max_length=12, choices=AddressBasis.choices, default=AddressBasis.UNVERIFIED)
    source = models.TextField(blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    is_sample = models.BooleanField(default=False)
    is_practice = models.BooleanField(default=False)
    # What load_reference wrote last: a field that differs from it was edited by staff and is left alone.
    reference = models.JSONField(default=dict, blank=True, editable=False)

    objects = ConsulateQuerySet.as_manager()

    class Meta:
        ordering = ["state", "city"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ConsulateKind.values), name="consulates_consulate_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(address_basis__in=AddressBasis.values), name="consulates_consulate_basis_is_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gt=F("opened_on")),
                name="consulates_consulate_closes_after_opening",
                violation_error_message=_("The office closes after it opened."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
                name="consulates_consulate_is_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name_es

    def get_absolute_url(self) -> str:
        return reverse("office", args=[self.code])

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "es").startswith("en") else self.name_es

    @property
    def address_is_known(self) -> bool:
        """Whether the street may be shown: a recalled address sends people to the wrong door."""
        return self.address_basis == AddressBasis.VERIFIED and bool(self.street_address)
