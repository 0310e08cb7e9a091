"""Requests for an urgent appointment, their proof, and the line that each seat outside the public pool leaves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.enums import Channel
from appointments.models.hold import time_ordered_id
from consulates.models.staff_rows import staff_rows
from mexitel.utils.crypto import EncryptedTextField, open_bytes, seal_bytes

MOST_OPEN = 2
MOST_PROOFS = 3
DAILY_GRANTS = 5
TARGET_HOURS = 4


class EmergencyKind(models.TextChoices):
    BEREAVEMENT = "bereavement", _("Death of a relative")
    MEDICAL = "medical", _("Serious illness or an operation")
    DETENTION = "detention", _("Somebody is detained")
    MINOR_ALONE = "minor_alone", _("A minor who travels alone")
    REPATRIATION = "repatriation", _("Return to Mexico that cannot wait")
    VIOLENCE = "violence", _("Violence or danger at home")
    STOLEN_PAPERS = "stolen_papers", _("Stolen or lost papers and a journey that cannot move")
    OTHER = "other", _("Another emergency")


class EmergencyStatus(models.TextChoices):
    DRAFT = "draft", _("not sent yet")
    OPEN = "open", _("an officer will read it")
    TO_SIGN = "to_sign", _("waits for a second signature")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("not granted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class WhyNot(models.TextChoices):
    NOT_URGENT = "not_urgent", _("The date allows an ordinary appointment")
    PROOF_MISSING = "proof_missing", _("The proof is missing or cannot be read")
    WRONG_OFFICE = "wrong_office", _("Another office or authority does this")
    OTHER_HELP = "other_help", _("Something else than an appointment is needed")
    NO_SEAT = "no_seat", _("There is no seat soon enough")
    BOOKED_ALREADY = "booked_already", _("The person has an appointment in time already")


WAITING = (EmergencyStatus.OPEN, EmergencyStatus.TO_SIGN)
DECIDED = (EmergencyStatus.GRANTED, EmergencyStatus.REFUSED)
CLOSED = (*DECIDED, EmergencyStatus.WITHDRAWN)


class EmergencyQuerySet(models.QuerySet):
    def waiting(self) -> "EmergencyQuerySet":
        """Sent and not answered; what has the least time left comes first."""
        return self.filter(status__in=WAITING).order_by("answer_by", "asked_at", "pk")


class EmergencyRequest(models.Model):
    """One person or family asks for an appointment now. ``people`` is JSON (emergencies/people.py), sealed like what
    they tell in ``words``. ``answer_by`` is the clock of the queue (emergencies/clock.py). ``place`` numbers the open
    requests of an account, so that a third one does not fit. An officer has it alone until ``taken_until``.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="emergencies")
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="+")
    procedure = models.ForeignKey("consulates.Procedure", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=EmergencyKind.choices)
    words = EncryptedTextField(blank=True)
    needed_by = models.DateField()
    people = EncryptedTextField(blank=True)
    seats = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=EmergencyStatus.choices, default=EmergencyStatus.DRAFT)
    place = models.SmallIntegerField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    agent_id = models.BigIntegerField(null=True)
    call_reference = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True)
    proposal = models.JSONField(null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(null=True)
    why = models.CharField(max_length=20, choices=WhyNot.choices, blank=True)
    answer = EncryptedTextField(blank=True)
    party_id = models.UUIDField(null=True)

    objects = EmergencyQuerySet.as_manager()
    staff = staff_rows(EmergencyQuerySet)

    class Meta:
        indexes = [
            models.Index(fields=["consulate", "answer_by"], name="emergency_queue", condition=Q(status__in=WAITING)),
            models.Index(fields=["consulate", "decided_on"], name="emergency_decided"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=EmergencyStatus.values), name="emergency_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=EmergencyKind.values), name="emergency_kind_is_known"),
            models.CheckConstraint(condition=Q(seats__range=(0, 5)), name="emergency_up_to_five_people"),
            models.CheckConstraint(
                condition=Q(status__in=WAITING, place__range=(1, MOST_OPEN), answer_by__isnull=False, seats__gte=1)
                | (~Q(status__in=WAITING) & Q(place__isnull=True)),
                name="emergency_waits_with_a_clock",
            ),
            models.UniqueConstraint(fields=["account", "place"], name="emergency_two_open_in_an_account"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(status=EmergencyStatus.DRAFT), name="emergency_one_draft_in_an_account"
            ),
            models.CheckConstraint(
                condition=Q(status=EmergencyStatus.DRAFT, asked_at__isnull=True)
                | (~Q(status=EmergencyStatus.DRAFT) & Q(asked_at__isnull=False)),
                name="emergency_asked_once_sent",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_until__isnull=True)
                | Q(taken_by__isnull=False, taken_until__isnull=False),
                name="emergency_taken_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=EmergencyStatus.TO_SIGN) | Q(proposal__isnull=False, proposed_by__isnull=False),
                name="emergency_to_sign_is_proposed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED, closed_at__isnull=False)
                | (~Q(status__in=CLOSED) & Q(closed_at__isnull=True)),
                name="emergency_closed_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DECIDED, decided_by__isnull=False, decided_on__isnull=False)
                | (~Q(status__in=DECIDED) & Q(decided_by__isnull=True, decided_on__isnull=True)),
                name="emergency_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status=EmergencyStatus.REFUSED, why__in=WhyNot.values)
                | (~Q(status=EmergencyStatus.REFUSED) & Q(why="")),
                name="emergency_refused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(status=EmergencyStatus.GRANTED, party_id__isnull=False)
                | (~Q(status=EmergencyStatus.GRANTED) & Q(party_id__isnull=True)),
                name="emergency_granted_has_an_appointment",
            ),
        ]

    def __str__(self) -> str:
        return f"emergency {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.status in WAITING


class SealedFile(models.BinaryField):
    """Bytes that the database only ever sees encrypted with the field keys."""

    def from_db_value(self, value: memoryview | bytes | None, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else open_bytes(bytes(value))

    def get_db_prep_value(self, value: bytes | None, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(None if value is None else seal_bytes(bytes(value)), connection, prepared)


class EmergencyProof(models.Model):
    """A paper or photo that shows the emergency. Deleted 72 hours after the answer (mexitel/utils/retention.py)."""

    class Media(models.TextChoices):
        JPEG = "image/jpeg"
        PNG = "image/png"
        PDF = "application/pdf"

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    request = models.ForeignKey(EmergencyRequest, on_delete=models.CASCADE, related_name="proofs", db_index=False)
    place = models.SmallIntegerField()
    name = EncryptedTextField()
    media = models.CharField(max_length=20, choices=Media.choices)
    size = models.IntegerField()
    content = SealedFile()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "place"], name="emergency_proof_place_once"),
            models.CheckConstraint(condition=Q(place__range=(1, MOST_PROOFS)), name="emergency_three_proofs"),
        ]

    def __str__(self) -> str:
        return f"proof {self.place} of {self.request_id}"


class GrantRule(models.Model):
    """How many seats outside the public pool one person may sign for in an office and day; above it, two sign.

    Its row is also the lock under which an office's grants of a day are counted.
    """

    consulate = models.OneToOneField(
        "consulates.Consulate", primary_key=True, on_delete=models.PROTECT, related_name="grant_rule"
    )
    daily_grants = models.SmallIntegerField(default=DAILY_GRANTS, db_default=DAILY_GRANTS)
    target_hours = models.SmallIntegerField(default=TARGET_HOURS, db_default=TARGET_HOURS)

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(daily_grants__range=(0, 200)), name="grant_rule_number_in_range"),
            models.CheckConstraint(condition=Q(target_hours__range=(1, 40)), name="grant_rule_hours_in_range"),
        ]

    def __str__(self) -> str:
        return f"grant rule of {self.consulate_id}"


class Grant(models.Model):
    """Seats given outside the public pool: who, why, and above the daily number the second signature. Append-only.

    ``hold_id`` is the hold that the claim confirms only with this row; ``last_number`` counts the office's granted
    seats of ``day`` (on the office's calendar) including these, ``allowed`` the number that one signature covered.
    """

    class Pool(models.TextChoices):
        STAFF = "staff", _("Staff")
        EMERGENCY = "emergency", _("Emergency")

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    hold_id = models.UUIDField(unique=True)
    request = models.OneToOneField(EmergencyRequest, null=True, on_delete=models.PROTECT, related_name="grant")
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="+", db_index=False)
    pool = models.CharField(max_length=10, choices=Pool.choices)
    seats = models.SmallIntegerField()
    day = models.DateField()
    last_number = models.SmallIntegerField()
    allowed = models.SmallIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consulate", "day", "last_number"], name="grant_number_once_a_day"),
            models.CheckConstraint(condition=Q(pool__in=["staff", "emergency"]), name="grant_outside_the_public_pool"),
            models.CheckConstraint(
                condition=Q(seats__gte=1, last_number__gte=F("seats")), name="grant_counts_its_seats"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_says_why"),
            models.CheckConstraint(
                condition=Q(last_number__lte=F("allowed")) | Q(countersigned_by__isnull=False),
                name="grant_above_the_number_has_two_signatures",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True) | ~Q(countersigned_by=F("author")),
                name="grant_signed_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"


class SampleDraw(models.Model):
    """Which decisions of an office and month are looked at again; anybody can repeat the draw from ``seed``."""

    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    seed = models.CharField(max_length=64)
    population = models.IntegerField()
    drawn_at = models.DateTimeField()

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consulate", "month"], name="emergency_sample_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"sample of {self.consulate_id} in {self.month:%Y-%m}"


class SampledRequest(models.Model):
    """One decision of a sample, and what whoever looked again found."""

    class Finding(models.TextChoices):
        SOUND = "sound", _("Well founded")
        DOUBTFUL = "doubtful", _("Doubtful: I would ask the officer")
        WRONG = "wrong", _("Wrong: it goes to the office's manager")

    draw = models.ForeignKey(SampleDraw, on_delete=models.PROTECT, related_name="chosen")
    request = models.OneToOneField(EmergencyRequest, on_delete=models.PROTECT, related_name="sampled")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=10, choices=Finding.choices, blank=True)
    note = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    objects = models.Manager()
    staff = staff_rows(office="draw__consulate")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finding="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | (~Q(finding="") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="emergency_finding_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("decided_by")),
                name="emergency_finding_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"sampled {self.request_id}"
