"""Somebody is asked whether they themselves wanted an appointment: how, until when, and what they said."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.case import Case
from appointments.enums import AppointmentStatus
from consulates.models.staff_rows import staff_rows
from mexitel.utils.crypto import EncryptedTextField

# Wrong answers behind the link, then altogether: an agent may ask again what the person could not type.
MOST_TRIES = 5
MOST_TRIES_IN_ALL = 10


class AskedBy(models.TextChoices):
    """The way to the person."""

    SMS = "sms", _("text message")
    MAIL = "mail", _("e-mail")
    CALL = "call", _("call")
    WINDOW = "window", _("at the window")


class Source(models.TextChoices):
    """Whose the contact is, from what speaks most for the person to what speaks least."""

    EARLIER = "earlier", _("contact of an earlier appointment of the person")
    OWN = "own", _("verified phone of the account")
    STATED = "stated", _("phone given in the call that booked")


class RequestState(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    WINDOW = "window", _("shows ID at the window")
    CONFIRMED = "confirmed", _("asked for it")
    DENIED = "denied", _("did not ask for it")
    SHOWN = "shown", _("showed ID at the window")
    OTHER = "other", _("another person came")
    ENDED = "ended", _("no longer needed")


WAITING = (RequestState.OPEN, RequestState.WINDOW)
# An appointment that lost its time keeps its person, who can answer.
STANDS = (AppointmentStatus.BOOKED, AppointmentStatus.ORPHANED)
ANSWERED = (RequestState.CONFIRMED, RequestState.DENIED, RequestState.SHOWN, RequestState.OTHER)


class Charged(models.TextChoices):
    """Whether somebody charged for the appointment; nobody has to say."""

    YES = "yes", _("Yes")
    NO = "no", _("No")


class IdentityRequestQuerySet(models.QuerySet):
    def waiting(self) -> "IdentityRequestQuerySet":
        return self.filter(state__in=WAITING)

    def open(self, *, now: datetime) -> "IdentityRequestQuerySet":
        """The person can answer now: the clock, the case and the appointment are judged here."""
        standing = {"appointment__status__in": STANDS, "appointment__starts_at__gt": now}
        return self.filter(state=RequestState.OPEN, until__gt=now, case__closed_at=None, **standing)

    def to_call(self, *, now: datetime) -> "IdentityRequestQuerySet":
        """What agents call about, soonest to end first; the practice office calls nobody."""
        due = Q(call_after=None) | Q(call_after__lte=now)
        found = self.open(now=now).filter(due, asked_by=AskedBy.CALL, send_at__lte=now)
        return found.exclude(appointment__consulate__is_practice=True).order_by("until", "pk")


class IdentityRequest(models.Model):
    """``author`` is null for a machine. ``contact`` is where the person is asked (sealed), the account ``contact_of``
    had it and reads ``language``; all are fixed when asked: whoever changes an account's contact redirects nothing.

    The link's token is derived, not kept; ``token_hash`` finds it. An answer is due at ``until``; ``lapsed_at`` says
    that none came. ``identified``: whoever answered knew the person's data. ``charged_how`` is in the person's own
    words (sealed). An agent has it in hand until ``taken_until``, judged when read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=10, choices=AskedBy.choices)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    contact = EncryptedTextField(blank=True)
    contact_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(max_length=2, default="es")
    token_hash = models.BinaryField(max_length=32, null=True, unique=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    send_at = models.DateTimeField()
    until = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lapsed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    identified = models.BooleanField(default=False)
    charged = models.CharField(max_length=3, choices=Charged.choices, blank=True)
    charged_dollars = models.PositiveIntegerField(null=True)
    charged_how = EncryptedTextField(blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    call_after = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True)

    objects = IdentityRequestQuerySet.as_manager()
    staff = staff_rows(IdentityRequestQuerySet, office="appointment__consulate")

    class Meta:
        indexes = [
            models.Index(fields=["until"], name="identity_request_waits", condition=Q(state__in=WAITING)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(asked_by__in=AskedBy.values), name="identity_request_way_is_known"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="identity_request_state_is_known"),
            models.CheckConstraint(
                condition=Q(source__in=["", *Source.values]), name="identity_request_source_is_known"
            ),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state__in=WAITING), name="identity_request_one_open"
            ),
            # Whoever is asked by a message or a call is asked at a contact of somebody.
            models.CheckConstraint(
                condition=Q(asked_by=AskedBy.WINDOW) | ~Q(source=""), name="identity_request_contact_has_a_source"
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.OPEN) | ~Q(asked_by=AskedBy.WINDOW) & ~Q(contact=""),
                name="identity_request_open_asks_somewhere",
            ),
            models.CheckConstraint(condition=Q(until__gt=models.F("asked_at")), name="identity_request_ends"),
            models.CheckConstraint(
                condition=Q(tries__lte=MOST_TRIES_IN_ALL), name="identity_request_tries_are_limited"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED, answered_at__isnull=False)
                | ~Q(state__in=ANSWERED) & Q(answered_at__isnull=True),
                name="identity_request_answered_at_a_moment",
            ),
            # Nobody confirms for a person whose data they do not know.
            models.CheckConstraint(
                condition=~Q(state=RequestState.CONFIRMED) | Q(identified=True),
                name="identity_request_confirmed_by_the_person",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_until__isnull=True)
                | Q(taken_by__isnull=False, taken_until__isnull=False),
                name="identity_request_taken_until",
            ),
        ]

    def __str__(self) -> str:
        return f"identity request {self.pk}"

    def is_open(self, *, now: datetime) -> bool:
        """As ``open()``, for a row that is at hand with its case and appointment."""
        one = self.appointment
        stands = one.status in STANDS and one.starts_at > now
        return self.state == RequestState.OPEN and self.until > now and not self.case.is_closed and stands

    def is_with(self, user_id: int, *, now: datetime) -> bool:
        """Whether this agent has it in hand."""
        return self.taken_by_id == user_id and self.taken_until is not None and self.taken_until > now
