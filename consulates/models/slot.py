from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .gate import Gate
from .session import Session
from .staff_rows import staff_rows


class Pool(models.TextChoices):
    PUBLIC = "public", _("Public (web and telephone)")
    PHONE = "phone", _("Telephone")
    STAFF = "staff", _("Staff")
    EMERGENCY = "emergency", _("Emergency")


class SlotQuerySet(models.QuerySet):
    def open(self, *, now: datetime) -> "SlotQuerySet":
        """Slots of published sessions, seen as bookable at ``now``: opened, not closed, not begun, not being drawn.

        One behind a queue is seen by all; whether somebody is let in is asked in the claim.
        """
        return self.filter(
            ~Q(gate=Gate.DRAW) | Q(opens_to_all_at__lte=now),
            closed_at=None,
            opens_at__lte=now,
            starts_at__gt=now,
            session__status="published",
        )

    def open_to_all(self, *, now: datetime) -> "SlotQuerySet":
        """Those of ``open`` that ask for no place in a queue."""
        return self.open(now=now).filter(Q(gate=Gate.OPEN) | Q(opens_to_all_at__lte=now))


class Slot(models.Model):
    """A start time in a session, ``[starts_at, ends_at)``; ``consulate`` repeats the session's.

    The gate stands from ``opens_at`` until ``opens_to_all_at`` (null: for good); seats of the pool ``phone`` are the
    public's from ``phone_until`` on. Both repeat the release's.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="slots", db_index=False)
    consulate = models.ForeignKey(Consulate, on_delete=models.PROTECT, related_name="slots", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    gate = models.TextField(choices=Gate.choices, default=Gate.OPEN, db_default=Gate.OPEN)
    opens_to_all_at = models.DateTimeField(null=True, blank=True)
    phone_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SlotQuerySet.as_manager()
    staff = staff_rows(SlotQuerySet)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["consulate", "starts_at"], name="consulates_slot_office_start"),
            models.Index(fields=["consulate", "opens_at"], name="consulates_slot_office_opening"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session", "starts_at"], name="consulates_slot_once_in_a_session"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="consulates_slot_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(gate__in=Gate.values), name="consulates_slot_gate_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.starts_at:%Y-%m-%d %H:%M}Z"


# The same rule for statements written in SQL; tests/consulates/test_slots.py holds the two together.
FREE_SEAT_SQL = """
    seat.visible_at <= %(now)s AND seat.withdrawn_at IS NULL AND (seat.until IS NULL OR seat.until <= %(now)s)
"""
OPEN_SLOT_SQL = """
    slot.closed_at IS NULL AND slot.opens_at <= %(now)s AND slot.starts_at > %(now)s
    AND (slot.gate <> 'draw' OR slot.opens_to_all_at <= %(now)s)
"""
NO_QUEUE_SQL = "(slot.gate = 'open' OR slot.opens_to_all_at <= %(now)s)"
PUBLIC_POOL_SQL = "(seat.pool = 'public' OR seat.pool = 'phone' AND slot.phone_until <= %(now)s)"
PUBLIC_SEAT_SQL = f"{PUBLIC_POOL_SQL} AND {OPEN_SLOT_SQL} AND {FREE_SEAT_SQL}"


class SeatQuerySet(models.QuerySet):
    def free(self, *, now: datetime) -> "SeatQuerySet":
        """Seats that may be given at ``now``: visible, not withdrawn, held by nobody or only until the past.

        The clock is judged here, when read: an abandoned hold needs no task to come back (DESIGN.md 4.4).
        """
        not_held = Q(until=None) | Q(until__lte=now)
        return self.filter(not_held, visible_at__lte=now, withdrawn_at=None)

    def public(self, *, now: datetime) -> "SeatQuerySet":
        """Of the public's pool, or of the telephone's share once that is over."""
        return self.filter(Q(pool=Pool.PUBLIC) | Q(pool=Pool.PHONE, slot__phone_until__lte=now))


class Seat(models.Model):
    """A lugar: the row that is given. ``holder`` is the id of a hold or appointment, without a foreign key.

    No index may contain ``visible_at``, ``holder``, ``until`` or ``withdrawn_at``: a claim is a HOT update.
    """

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="seats", db_index=False)
    unit = models.SmallIntegerField()
    pool = models.TextField(choices=Pool.choices, default=Pool.PUBLIC, db_default=Pool.PUBLIC)
    visible_at = models.DateTimeField()
    holder = models.UUIDField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()
    staff = staff_rows(SeatQuerySet, office="slot__consulate")

    class Meta:
        ordering = ["slot_id", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "unit"], name="consulates_seat_once_in_a_slot"),
            models.CheckConstraint(condition=Q(pool__in=Pool.values), name="consulates_seat_pool_is_known"),
            models.CheckConstraint(condition=Q(unit__gte=1), name="consulates_seat_unit_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id}/{self.unit}"
