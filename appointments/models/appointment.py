from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from appointments.enums import AppointmentStatus, Channel
from appointments.models.hold import time_ordered_id
from appointments.models.permit import scope_ids_field
from consulates.models.staff_rows import staff_rows


class AppointmentQuerySet(models.QuerySet):
    def upcoming(self, *, now: datetime) -> "AppointmentQuerySet":
        """Still to come and not cancelled; an orphaned one is to come too, as long as it is kept: it only needs a new
        time, also when the day that was closed is over.
        """
        return self.filter(
            Q(status=AppointmentStatus.BOOKED, starts_at__gt=now) | Q(status=AppointmentStatus.ORPHANED, until__gt=now)
        )

    def for_pages(self) -> "AppointmentQuerySet":
        return self.select_related("procedure", "consulate", "session").prefetch_related("attendees")


class Appointment(models.Model):
    """One principal applicant, one procedure, one seat. Written by the claim only; what became of it at the door
    (attended or not) by appointments/services/day.py, which touches neither seat nor permits.

    The supply that it points to carries no foreign-key constraint: those rows are never deleted, and a
    constraint would take a share lock on the slot in every booking. ``until`` is the end of the session: then
    its permits end by themselves.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    reference = models.CharField(max_length=9, unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    party_id = models.UUIDField(db_index=True)
    applicant = models.ForeignKey("appointments.Applicant", null=True, on_delete=models.SET_NULL)
    procedure = models.ForeignKey("consulates.Procedure", on_delete=models.PROTECT, db_constraint=False, db_index=False)
    procedure_group = models.CharField(max_length=50)
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, db_constraint=False, db_index=False)
    session = models.ForeignKey("consulates.Session", on_delete=models.PROTECT, db_constraint=False)
    slot_id = models.BigIntegerField()
    seat_id = models.BigIntegerField()
    scope_ids = scope_ids_field()
    status = models.CharField(max_length=10, choices=AppointmentStatus.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    agent_id = models.BigIntegerField(null=True)
    call_reference = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    until = models.DateTimeField()
    times_moved = models.SmallIntegerField(default=0)
    move_hold_id = models.UUIDField(null=True)
    move_until = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=10, null=True)  # noqa: DJ001 - goes with cancelled_at

    objects = AppointmentQuerySet.as_manager()
    # For pages of staff: the offices of who asks, and an error where nobody said who that is (consulates/access.py).
    staff = staff_rows(AppointmentQuerySet)

    class Meta:
        constraints = [
            # DESIGN 4.3: whatever the claim does, a seat is never given twice.
            models.UniqueConstraint(
                fields=["seat_id"],
                condition=~Q(status__in=[AppointmentStatus.CANCELLED, AppointmentStatus.ORPHANED]),
                name="appointment_seat_once",
            ),
            models.CheckConstraint(
                condition=Q(status=AppointmentStatus.CANCELLED, cancelled_at__isnull=False, cancelled_by__isnull=False)
                | (~Q(status=AppointmentStatus.CANCELLED) & Q(cancelled_at__isnull=True, cancelled_by__isnull=True)),
                name="appointment_cancelled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(move_hold_id__isnull=True, move_until__isnull=True)
                | Q(move_hold_id__isnull=False, move_until__isnull=False),
                name="appointment_move_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    def can_change(self, *, now: datetime) -> bool:
        if self.status == AppointmentStatus.ORPHANED:
            return self.until > now
        return self.status == AppointmentStatus.BOOKED and self.starts_at > now


class Event(models.Model):
    """What happened to a hold or an appointment, append-only; the table is partitioned by month (migration
    0002).
    """

    pk = models.CompositePrimaryKey("id", "at")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    subject = models.UUIDField()
    account_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    detail = models.JSONField()

    class Meta:
        managed = False
        db_table = "appointments_event"

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Trace(models.Model):
    """What the edge saw of a booker when a hold was made, or confirmed: append-only, by month (migration 0012).

    ``subject`` is the hold; ``device`` the browser's mark as a keyed hash in hex; ``fill_seconds`` has one entry for
    each seat of a confirmation, null for somebody saved. Nothing but links and step-ups may come of it (DESIGN 4.5).
    """

    pk = models.CompositePrimaryKey("subject", "at")
    at = models.DateTimeField()
    subject = models.UUIDField()
    account_id = models.BigIntegerField()
    device = models.CharField(max_length=32)
    prefix = models.CharField(max_length=50)
    asn_kind = models.CharField(max_length=12)
    fill_seconds = ArrayField(models.FloatField(null=True))

    class Meta:
        managed = False
        db_table = "appointments_trace"

    def __str__(self) -> str:
        return f"trace of {self.subject}"
