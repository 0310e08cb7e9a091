from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ComingKind(models.TextChoices):
    COMING = "coming", _("They come")
    NO_ANSWER = "no_answer", _("Nobody answered")
    # Whoever answered may know of nothing: a wrong number is no answer of the person.
    WRONG_NUMBER = "wrong", _("Wrong number")
    NOT_COMING = "not_coming", _("They do not come")
    RELEASED = "released", _("Released")


# What came of a call of the office, apart from "they come".
CALLED = (ComingKind.NO_ANSWER, ComingKind.WRONG_NUMBER, ComingKind.NOT_COMING)


class ComingHow(models.TextChoices):
    LINK = "link"
    WEB = "web"
    API = "api"
    PHONE = "phone"
    OFFICE = "office"


class ComingNote(models.Model):
    """What was heard before an appointment at this time: "I am coming", what came of a call of the office, or that a
    person of the office released it. An appointment that moves is asked anew: the time is part of what was said.
    ``words`` is what the person who called wrote down about it.
    """

    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="coming_notes")
    starts_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=ComingKind.choices)
    how = models.CharField(max_length=10, choices=ComingHow.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "starts_at"], condition=Q(kind=ComingKind.COMING), name="coming_said_once"
            ),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(kind=ComingKind.RELEASED), name="coming_released_once"
            ),
            # Nothing is ever released by a machine.
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(kind=ComingKind.COMING), name="coming_signed_unless_said"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of appointment {self.appointment_id}"
