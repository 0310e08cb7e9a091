"""Tours: where a team of an office goes, and the sessions that each stop is made of."""

from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate, validate_time_zone
from .procedure import Procedure
from .session import Session, SessionKind, TsTzRange
from .staff_rows import staff_rows


class TourKind(models.TextChoices):
    MOBILE = SessionKind.MOBILE.value, _("Mobile consulate")
    ON_WHEELS = SessionKind.ON_WHEELS.value, _("Consulate on wheels")


class Tour(models.Model):
    """An itinerary of stops of one team of an office, with its vehicle and kit."""

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="tours")
    kind = models.CharField(max_length=10, choices=TourKind.choices)
    name = models.CharField(max_length=80)
    team = models.CharField(max_length=60)
    vehicle = models.CharField(max_length=60, blank=True)
    kit = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TourKind.values), name="consulates_tour_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(team="") & ~Q(name=""),
                name="consulates_tour_has_a_name_and_a_team",
                violation_error_message=_("A tour has a name and a team."),
            ),
            models.UniqueConstraint(
                fields=["consulate", "name"],
                name="consulates_tour_name_once_in_an_office",
                violation_error_message=_("This office already has a tour of that name."),
            ),
            # What a stop repeats of its tour points here (see the migration), so that it can never say otherwise.
            models.UniqueConstraint(fields=["id", "consulate", "team"], name="consulates_tour_what_stops_repeat"),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.name}"


class Stop(models.Model):
    """One venue of a tour, on every day from ``first_day`` to ``last_day``, at the same hours of its own zone.

    ``[starts_at, ends_at)`` runs from the first opening to the last closing: the team is away all that time.
    ``consulate`` and ``team`` repeat the tour's.
    """

    tour = models.ForeignKey(Tour, on_delete=models.PROTECT, related_name="stops")
    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    opens_local = models.TimeField()
    closes_local = models.TimeField()
    time_zone = models.CharField(max_length=40, validators=[validate_time_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place_name = models.CharField(max_length=120)
    street_address = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    windows = models.PositiveSmallIntegerField()
    slot_minutes = models.PositiveSmallIntegerField()
    procedures = models.ManyToManyField(Procedure, related_name="+")
    sessions = models.ManyToManyField(Session, through="StopSession", related_name="stops")

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="consulates_stop_ends_after_it_starts",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(closes_local__gt=F("opens_local")) & Q(ends_at__gt=F("starts_at")),
                name="consulates_stop_closes_after_opening",
                violation_error_message=_("The stop closes after it opens, on the same day."),
            ),
            models.CheckConstraint(
                condition=~Q(place_name=""),
                name="consulates_stop_has_a_venue",
                violation_error_message=_("A stop has a venue."),
            ),
            ExclusionConstraint(
                name="consulates_stop_team_in_one_place",
                expressions=[
                    ("consulate", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The team is at another stop then."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.first_day}"

    @property
    def days(self) -> list[date]:
        return [date.fromordinal(number) for number in range(self.first_day.toordinal(), self.last_day.toordinal() + 1)]

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now


class StopSession(models.Model):
    """One day of a stop."""

    stop = models.ForeignKey(Stop, on_delete=models.CASCADE, related_name="stop_sessions")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="stop_session")

    def __str__(self) -> str:
        return f"{self.stop_id}: {self.session_id}"
