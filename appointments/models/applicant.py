from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from mexitel.utils.crypto import EncryptedTextField


class Attending(models.Model):
    """Who attends: what the roster, the door and the message need, and nothing about migratory status.

    ``birth_date`` is ISO text and ``curp`` may be empty; both are sealed at rest. ``interpreter`` is a
    language, empty when none is needed. ``priority`` is a mark that nobody has to prove, and does not say why: older
    adult, disability, pregnancy, or only an indigenous language. The needs and the mark go to the roster and the call
    order, and are never evidence of anything.
    """

    given_names = models.CharField(max_length=100)
    surname_1 = models.CharField(max_length=100)
    surname_2 = models.CharField(max_length=100, blank=True)
    birth_date = EncryptedTextField()
    curp = EncryptedTextField(blank=True)
    curp_hash = models.BinaryField(max_length=32, null=True)
    identity_hash = models.BinaryField(max_length=32)
    is_minor = models.BooleanField()
    guardian_name = models.CharField(max_length=200, blank=True)
    wheelchair = models.BooleanField(default=False)
    sign_language = models.BooleanField(default=False)
    interpreter = models.CharField(max_length=50, blank=True)
    priority = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, [self.given_names, self.surname_1, self.surname_2]))


class Applicant(Attending):
    """A person saved in somebody's account, so that nobody types a family twice."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applicants")
    created_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "identity_hash"],
                condition=models.Q(removed_at__isnull=True),
                name="applicant_once_in_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"applicant {self.pk}"


class Attendee(Attending):
    """An appointment's own copy of who attends: editing a saved person never changes it."""

    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="attendees", db_index=False
    )
    position = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["identity_hash"], name="attendee_by_identity"),
            models.Index(fields=["curp_hash"], name="attendee_by_curp", condition=models.Q(curp_hash__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "position"], name="attendee_position_once"),
            models.CheckConstraint(
                condition=models.Q(position__range=(1, 4)), name="attendee_one_principal_three_with_them"
            ),
        ]

    def __str__(self) -> str:
        return f"attendee {self.position} of {self.appointment_id}"


class ApplicantClaim(models.Model):
    """One active appointment per saved person and procedure group; what is past is overwritten in place."""

    pk = models.CompositePrimaryKey("applicant", "procedure_group")
    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, db_index=False)  # the key begins with it
    procedure_group = models.CharField(max_length=50)
    holder = models.UUIDField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.applicant_id} {self.procedure_group}"


class BookingDraft(models.Model):
    """What somebody has typed and not yet confirmed (JSON), kept when a hold runs out or the telephone does."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    answers = EncryptedTextField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of {self.account_id}"
