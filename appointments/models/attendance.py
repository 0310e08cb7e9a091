"""What happened at the door: one row per appointment and session, each step of it, and the day's end."""

from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consulates.models.staff_rows import staff_rows


class AttendanceState(models.TextChoices):
    EXPECTED = "expected", _("expected")
    ARRIVED = "arrived", _("waiting")
    SERVING = "serving", _("being served")
    ATTENDED = "attended", _("attended")
    NO_SHOW = "no_show", _("did not come")
    OTHER = "other", _("another person came")


# What may follow what. Whoever was marked as not coming may still come; what else is over is undone within minutes.
STEPS: dict[AttendanceState, tuple[AttendanceState, ...]] = {
    AttendanceState.EXPECTED: (
        AttendanceState.ARRIVED,
        AttendanceState.SERVING,
        AttendanceState.ATTENDED,
        AttendanceState.NO_SHOW,
        AttendanceState.OTHER,
    ),
    AttendanceState.ARRIVED: (
        AttendanceState.SERVING,
        AttendanceState.ATTENDED,
        AttendanceState.NO_SHOW,
        AttendanceState.OTHER,
    ),
    AttendanceState.SERVING: (
        AttendanceState.ARRIVED,
        AttendanceState.ATTENDED,
        AttendanceState.NO_SHOW,
        AttendanceState.OTHER,
    ),
    AttendanceState.NO_SHOW: (AttendanceState.ARRIVED,),
    AttendanceState.ATTENDED: (),
    AttendanceState.OTHER: (),
}
OPEN = (AttendanceState.EXPECTED, AttendanceState.ARRIVED, AttendanceState.SERVING)
UNDO_LENGTH = timedelta(minutes=10)


def allowed(before: str, after: str) -> Q:
    """The rule above for two columns."""
    steps = [Q(**{before: one, f"{after}__in": list(following)}) for one, following in STEPS.items() if following]
    return reduce(or_, steps)


class Attendance(models.Model):
    """Where one appointment stands in one session. An appointment that moves away and back begins anew there.

    ``before`` is the state that the last step left, empty when there is nothing to undo; a trigger keeps it true.
    ``turn`` is what the wall shows: the last letters of the reference, as many as no other turn of the session has.
    ``unanswered`` counts calls that nobody answered. No names here.
    """

    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="attendances")
    session = models.ForeignKey("consulates.Session", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    state = models.CharField(max_length=10, choices=AttendanceState.choices, default=AttendanceState.EXPECTED)
    before = models.CharField(max_length=10, blank=True)
    turn = models.CharField(max_length=9, blank=True)
    walk_in = models.BooleanField(default=False)
    arrived_at = models.DateTimeField(null=True)
    window = models.CharField(max_length=20, blank=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    calls = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = models.Manager()
    staff = staff_rows(office="session__consulate")

    class Meta:
        indexes = [models.Index(fields=["session", "state"], name="attendance_session_state")]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "session"], name="attendance_once_in_a_session"),
            models.UniqueConstraint(fields=["session", "turn"], condition=~Q(turn=""), name="attendance_turn_once"),
            models.CheckConstraint(condition=Q(state__in=AttendanceState.values), name="attendance_state_is_known"),
            models.CheckConstraint(
                condition=Q(before__in=["", *AttendanceState.values]) & ~Q(before=F("state")),
                name="attendance_before_is_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=AttendanceState.ARRIVED) | (Q(arrived_at__isnull=False) & ~Q(turn="")),
                name="attendance_waits_since_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=AttendanceState.SERVING)
                | (Q(called_at__isnull=False, called_by__isnull=False) & ~Q(window="") & ~Q(turn="")),
                name="attendance_is_served_at_a_window",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} of {self.appointment_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class AttendanceStep(models.Model):
    """One change with who and when; written once. Only an undo goes back to where nothing leads."""

    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10, choices=AttendanceState.choices)
    after = models.CharField(max_length=10, choices=AttendanceState.choices)
    undo = models.BooleanField(default=False)
    window = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = models.Manager()
    staff = staff_rows(office="attendance__session__consulate")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undo=False) & allowed("before", "after") | Q(undo=True) & allowed("after", "before"),
                name="attendance_step_is_allowed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"


class DayClosed(models.Model):
    """The end of a session at the door: who closed it, when, and its numbers, which outlive the rows they count."""

    session = models.OneToOneField(
        "consulates.Session", on_delete=models.PROTECT, primary_key=True, related_name="day_closed", db_constraint=False
    )
    session_ends_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    attended = models.PositiveIntegerField()
    no_show = models.PositiveIntegerField()
    other = models.PositiveIntegerField()
    walk_ins = models.PositiveIntegerField()
    mean_wait_seconds = models.PositiveIntegerField(null=True)

    objects = models.Manager()
    staff = staff_rows(office="session__consulate")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__gte=F("session_ends_at")), name="day_closed_after_the_session"
            ),
            models.CheckConstraint(
                condition=Q(expected=F("attended") + F("no_show") + F("other")), name="day_closed_with_nobody_open"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.session_id} closed"
