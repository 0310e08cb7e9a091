"""The waiting list: who waits for what, in which order, what they were offered, and why somebody else was."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.enums import LARGEST_FAMILY, Channel
from appointments.models.hold import time_ordered_id
from mexitel.utils.crypto import EncryptedTextField

MOST_OFFERS_OF_A_SEAT = 3


class EndReason(models.TextChoices):
    BOOKED = "booked", _("has an appointment")
    LEFT = "left", _("left the list")
    OVER = "over", _("the date came")
    BLOCKED = "blocked", _("cannot book")


class OfferOutcome(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("not answered in time")
    WITHDRAWN = "withdrawn", _("ended with the place in the list")


class Skip(models.TextChoices):
    """Why a freed seat went to somebody behind, or to the public."""

    DOES_NOT_FIT = "does_not_fit"
    NOT_ENOUGH = "not_enough"
    FULL_PERMITS = "full_permits"
    BLOCKED = "blocked"
    APPLICANT_BOOKED = "applicant_booked"
    ASLEEP = "asleep"
    DECLINED_BEFORE = "declined_before"
    FREED_IT = "freed_it"
    HAS_OFFER = "has_offer"
    ANOTHER_ENTRY = "another_entry"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    CANNOT_END_IN_TIME = "cannot_end_in_time"


class WaitingDay(models.Model):
    """How those who join on ``day`` are put in order (waiting/days.py).

    ``seed`` is the office's secret, whose SHA-256 is public days before; ``sealed_hash`` that of the day's tickets once
    it is over, published with the ``round`` of the ``beacon`` that decides, whose ``signature`` comes later. Drawn
    without one, the order is the office's alone.
    """

    day = models.DateField(primary_key=True)
    commitment = models.BinaryField(max_length=32)
    seed = EncryptedTextField()
    committed_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    sealed_hash = models.BinaryField(max_length=32, null=True)
    beacon = models.CharField(max_length=200, blank=True)
    round = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    signature = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_at=None, sealed_hash=None, round=None, beacon="")
                | Q(sealed_at__gt=F("committed_at"), sealed_hash__isnull=False, round__gte=1) & ~Q(beacon=""),
                name="waiting_day_sealed_with_its_round",
            ),
            models.CheckConstraint(
                condition=Q(signature=None) | Q(sealed_at__isnull=False, drawn_at__gt=F("sealed_at")),
                name="waiting_day_drawn_after_the_seal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class WaitingEntryQuerySet(models.QuerySet):
    def live(self, *, now: datetime) -> "WaitingEntryQuerySet":
        """Those who still wait: not ended, and their date has not come. Judged when read."""
        return self.filter(ended_at=None, until__gt=now)

    def in_order(self) -> "WaitingEntryQuerySet":
        """Whoever was brought to the front, then by day of joining; within a day by the drawn order, behind it those
        who left two offers without an answer.
        """
        return self.order_by(
            F("front_at").asc(nulls_last=True), "join_day", F("moved_behind_at").asc(nulls_first=True), "drawn", "pk"
        )


class WaitingEntry(models.Model):
    """One person or family who waits for ``party`` seats of one procedure, each for one of ``people``; or for one seat
    for all of them, where a procedure asks for several people at once (a marriage).

    Where: within ``miles`` of a point, or at ``offices`` (ids); of a distance ``offices`` lists those within it, to
    count who waits for the same. When: ``weekdays`` (ISO), from ``from_hour`` to ``to_hour`` on the clock of the
    place, up to ``last_day``; ``until`` is the end of that day. ``code`` is the ticket, ``drawn`` its place in the
    order of its day.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waiting_entries")
    procedure = models.ForeignKey("consulates.Procedure", on_delete=models.PROTECT, related_name="+", db_index=False)
    procedure_group = models.CharField(max_length=50)
    code = models.CharField(max_length=20, unique=True)
    offices = ArrayField(models.BigIntegerField(), default=list)
    near = models.CharField(max_length=120, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    miles = models.SmallIntegerField(null=True)
    weekdays = ArrayField(models.SmallIntegerField())
    from_hour = models.SmallIntegerField(default=0)
    to_hour = models.SmallIntegerField(default=24)
    last_day = models.DateField()
    party = models.SmallIntegerField()
    time_zone = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    agent_id = models.BigIntegerField(null=True)
    call_reference = models.CharField(max_length=40, blank=True)
    joined_at = models.DateTimeField()
    join_day = models.DateField()
    drawn = models.BinaryField(max_length=32)
    moved_behind_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    awake_at = models.DateTimeField(null=True)
    front_at = models.DateTimeField(null=True)
    front_reason = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["procedure", "join_day"], name="waiting_live", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["join_day"], name="waiting_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, end_reason__in=EndReason.values),
                name="waiting_ended_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(party__range=(1, LARGEST_FAMILY)), name="waiting_one_to_eight_seats"),
            models.CheckConstraint(
                condition=Q(from_hour__gte=0, to_hour__lte=24, from_hour__lt=F("to_hour")),
                name="waiting_hours_in_order",
            ),
            models.CheckConstraint(
                condition=Q(miles__isnull=True, latitude__isnull=True, longitude__isnull=True, offices__len__gte=1)
                | Q(miles__gte=1, latitude__isnull=False, longitude__isnull=False),
                name="waiting_has_a_where",
            ),
            models.CheckConstraint(
                condition=Q(front_at__isnull=True, front_reason="") | Q(front_at__isnull=False) & ~Q(front_reason=""),
                name="waiting_front_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"waiting entry {self.pk}"

    def is_live(self, *, now: datetime) -> bool:
        return self.ended_at is None and self.until > now

    @property
    def is_together(self) -> bool:
        """Whether all of them attend in one seat."""
        return self.procedure.min_applicants > 1


class WaitingKey(models.Model):
    """One live entry for each account, mailbox, verified phone and person among linked accounts, and procedure group.

    What is past is overwritten in place, as permits are (waiting/keys.py).
    """

    pk = models.CompositePrimaryKey("kind", "key", "procedure_group")
    kind = models.SmallIntegerField()
    key = models.BinaryField(max_length=32)
    procedure_group = models.CharField(max_length=50)
    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="keys")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"key {self.kind} of {self.entry_id}"


class WaitingPerson(models.Model):
    """For whom somebody waits: only they can be put on an offered seat. ``told`` is the person as JSON, so that an
    offer is accepted without typing anything.
    """

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="people", db_index=False)
    position = models.SmallIntegerField()
    applicant = models.ForeignKey("appointments.Applicant", null=True, on_delete=models.SET_NULL)
    identity_hash = models.BinaryField(max_length=32)
    told = EncryptedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "position"], name="waiting_person_position_once"),
            models.UniqueConstraint(fields=["entry", "identity_hash"], name="waiting_person_once"),
        ]

    def __str__(self) -> str:
        return f"person {self.position} of {self.entry_id}"


class WaitingOffer(models.Model):
    """Seats held for one entry until ``expires_at``. ``code`` is the address of its page. What became of it is judged
    when read, and kept in ``outcome`` before its hold is forgotten (waiting/settling.py).
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    entry = models.ForeignKey(WaitingEntry, on_delete=models.PROTECT, related_name="offers")
    code = models.CharField(max_length=12, unique=True)
    hold_id = models.UUIDField(unique=True)
    session = models.ForeignKey("consulates.Session", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=OfferOutcome.choices, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="waiting_offer_made")]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(outcome=""), name="waiting_one_open_offer"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True)
                | Q(outcome__in=OfferOutcome.values, ended_at__isnull=False),
                name="waiting_offer_ended_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"waiting offer {self.pk}"


class WaitingOfferSeat(models.Model):
    """A freed seat in an offer. ``visible_at`` is drawn once for each time that it is freed and never changes, so that
    seat and moment name that one freeing: it is offered three times at most, and never twice to one entry.
    """

    offer = models.ForeignKey(WaitingOffer, on_delete=models.CASCADE, related_name="seats", db_index=False)
    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="+", db_index=False)
    seat_id = models.BigIntegerField()
    visible_at = models.DateTimeField()
    turn = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat_id", "visible_at", "turn"], name="waiting_seat_turn_once"),
            models.UniqueConstraint(fields=["entry", "seat_id", "visible_at"], name="waiting_seat_once_to_an_entry"),
            models.UniqueConstraint(fields=["offer", "seat_id"], name="waiting_seat_once_in_an_offer"),
            models.CheckConstraint(
                condition=Q(turn__range=(1, MOST_OFFERS_OF_A_SEAT)), name="waiting_seat_three_turns_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.turn} of seat {self.seat_id}"


class WaitingReturn(models.Model):
    """A freed seat that goes to the public although somebody waits for such a one, and why. Noted once."""

    pk = models.CompositePrimaryKey("seat_id", "visible_at")
    seat_id = models.BigIntegerField()
    visible_at = models.DateTimeField()
    why = models.CharField(max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seat {self.seat_id} went back: {self.why}"


class WaitingSkip(models.Model):
    """How often on ``day`` a seat that an entry was in line for went to somebody behind it, by reason."""

    pk = models.CompositePrimaryKey("entry", "day", "code")
    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="skips", db_index=False)
    day = models.DateField()
    code = models.CharField(max_length=20, choices=[(code, code) for code in Skip.values])
    times = models.IntegerField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.times} times on {self.day}"
