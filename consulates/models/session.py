from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from consulates.calendars import Hours

from .consulate import Consulate, validate_time_zone
from .procedure import Procedure
from .release import Release
from .staff_rows import staff_rows
from .suspension import suspended


class SessionKind(models.TextChoices):
    WEEKDAY = "weekday", _("Weekdays at the office")
    SATURDAY = "saturday", _("Saturday session")
    SUNDAY = "sunday", _("Sunday session")
    MOBILE = "mobile", _("Mobile consulate")
    ON_WHEELS = "on_wheels", _("Consulate on wheels")

    @classmethod
    def travelling(cls) -> list["SessionKind"]:
        return [cls.MOBILE, cls.ON_WHEELS]


class SessionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    HELD = "held", _("Held")


class SessionQuerySet(models.QuerySet):
    def published(self) -> "SessionQuerySet":
        return self.filter(status=SessionStatus.PUBLISHED)

    def not_over(self, *, now: datetime) -> "SessionQuerySet":
        return self.filter(ends_at__gt=now)

    def offering(self, procedure: Procedure) -> "SessionQuerySet":
        """That serve ``procedure``, where it is not suspended."""
        return self.filter(~suspended(procedure), procedures=procedure)


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Session(models.Model):
    """A jornada: one consulate, one place, one day, in the zone of that place.

    The zone may differ from the office's. ``date``, ``opens_local`` and ``closes_local`` are what was meant;
    consulates.calendars derives ``starts_at`` and ``ends_at`` from them, which are never written alone.
    An empty ``place_name`` is the office itself.
    """

    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    kind = models.CharField(max_length=10, choices=SessionKind.choices)
    date = models.DateField()
    opens_local = models.TimeField()
    closes_local = models.TimeField()
    time_zone = models.CharField(max_length=40, validators=[validate_time_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place_name = models.CharField(max_length=120, blank=True)
    street_address = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    windows = models.PositiveSmallIntegerField()
    slot_minutes = models.PositiveSmallIntegerField()
    # Seats of the session that are not the public's, spread evenly over its slots when it is published.
    staff_seats = models.PositiveSmallIntegerField(default=0)
    emergency_seats = models.PositiveSmallIntegerField(default=0)
    capacity_factor = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    status = models.CharField(max_length=10, choices=SessionStatus.choices, default=SessionStatus.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    # The batch with which its seats open, if they open with one.
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    is_sample = models.BooleanField(default=False)
    procedures = models.ManyToManyField(Procedure, related_name="sessions")

    objects = SessionQuerySet.as_manager()
    staff = staff_rows(SessionQuerySet)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["consulate", "date"], name="consulates_session_office_day"),
            models.Index(fields=["ends_at"], name="consulates_session_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=SessionStatus.values), name="consulates_session_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SessionKind.travelling())
                | Q(kind="weekday", date__iso_week_day__lte=5)
                | Q(kind="saturday", date__iso_week_day=6)
                | Q(kind="sunday", date__iso_week_day=7),
                name="consulates_session_kind_fits_the_day",
                violation_error_message=_("The kind of session does not fit the day of the week."),
            ),
            models.CheckConstraint(
                condition=Q(closes_local__gt=F("opens_local")) & Q(ends_at__gt=F("starts_at")),
                name="consulates_session_closes_after_opening",
                violation_error_message=_("The session closes after it opens, on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(windows__range=(1, 200)) & Q(slot_minutes__range=(5, 240)),
                name="consulates_session_windows_and_minutes_make_sense",
                violation_error_message=_("1 to 200 windows, and slots of 5 to 240 minutes."),
            ),
            models.CheckConstraint(
                condition=Q(capacity_factor__range=(0, 1)),
                name="consulates_session_capacity_factor_is_a_share",
                violation_error_message=_("The capacity factor lies between 0 and 1."),
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None) | (~Q(status="draft") & Q(published_at__isnull=False)),
                name="consulates_session_published_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="held", held_at__isnull=False) | (~Q(status="held") & Q(held_at=None)),
                name="consulates_session_held_has_its_moment",
            ),
            ExclusionConstraint(
                name="consulates_session_one_at_a_time_in_a_place",
                expressions=[
                    ("consulate", RangeOperators.EQUAL),
                    ("city", RangeOperators.EQUAL),
                    ("place_name", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This consulate already has a session there at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consulate_id} {self.kind} {self.date} {self.city}"

    @property
    def hours(self) -> Hours:
        return Hours(self.date, self.opens_local, self.closes_local, self.time_zone)

    @property
    def is_travelling(self) -> bool:
        return self.kind in SessionKind.travelling()
